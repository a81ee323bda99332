/** What the data of a comparison allow: which ablations there can be, and at which size. Depends on data and the weights of VGG19. */
import { layoutFor } from '../config/inputs.js';
import { trainSchema } from '../config/schema.js';
import { readDatasetFile } from '../data/dataset-file.js';
import { readHeader } from '../data/files/header.js';
import { findFolder } from '../data/find/folders.js';
import { findSamples } from '../data/find/pairs.js';
import { findVggWeights } from '../pretrained/vgg-weights.js';
import type { TrainingOptions } from './candidates.js';

/** Facts about a data set and this machine. */
export interface DataFacts {
  /** Whether the inputs are images, and not label maps. */
  readonly images: boolean;
  /** Whether there are instance maps that the options allow. */
  readonly instances: boolean;
  /** Of the first training image. */
  readonly width: number;
  readonly height: number;
  /** Whether VGG19's weights are on this machine. */
  readonly vgg: boolean;
}

/**
 * Looks at a data set.
 *
 * @param stated the options that all candidates are given.
 * @throws UserError where there is no such data set, or it is not complete.
 */
export async function lookAtData(dataroot: string, stated: TrainingOptions): Promise<DataFacts> {
  const phase = trainSchema.shape.phase.parse(undefined);
  const known = readDatasetFile(dataroot)?.options ?? {};
  const labels = findFolder(dataroot, phase, 'label', 1) !== undefined;
  const labelNc = stated.labelNc ?? known.labelNc ?? (labels ? 1 : 0);
  const has = findFolder(dataroot, phase, 'instance', labelNc) !== undefined;
  const instances = labelNc > 0 && has && !(stated.noInstance ?? known.noInstance ?? false);
  const layout = layoutFor({ model: 'pix2pixHD', inputs: stated.inputs ?? null, labelNc, noInstance: !instances });
  const { label, source, image } = findSamples(dataroot, phase, layout)[0]!;
  const { width, height } = await readHeader((label ?? source ?? image)!);
  const vgg = stated.vggLoss ?? findVggWeights(stated.vggWeights ?? null) !== undefined;
  return { images: labelNc === 0, instances, width: stated.loadSize ?? width, height, vgg };
}
