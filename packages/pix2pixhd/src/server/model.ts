/** The classes of a generator, by the data set that it was trained on, its file, or what Cityscapes has. Depends on the data module. */
import type { GeneratorInfo } from '../api/engine.js';
import { cityscapesClasses } from '../data/labels/cityscapes.js';
import { type LabelClass, readClasses } from '../data/labels/classes.js';

/**
 * Names and colours of the classes; null where nobody knows them.
 * @param dataroot the data set that it was trained on, whose `classes.json` counts before what its file says.
 */
export function knownClasses({ labelNc, classes }: GeneratorInfo, dataroot: string | null): LabelClass[] | null {
  const named = (dataroot === null ? undefined : readClasses(dataroot)) ?? classes ?? undefined;
  if (named !== undefined) return [...named];
  return labelNc === cityscapesClasses.length ? [...cityscapesClasses] : null;
}
