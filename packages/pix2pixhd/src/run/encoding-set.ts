/**
 * What the styles of a run are encoded from: samples of its dataset, whole. Depends on data, the networks' options and the
 * training's.
 */
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import type { SampleSpec } from '../data/load/sample.js';
import { wholeImage } from '../data/load/transform.js';
import { UserError } from '../errors.js';
import { trainingSpec } from './training-spec.js';

/**
 * The samples to encode, and how they are read: as in training, but neither cropped nor mirrored.
 *
 * @param config options of the run.
 * @param from another dataset than the run's, if not null, and the phase.
 * @param warn called with a line that says which files are left out.
 * @throws UserError where there are none, or a file lacks its partner.
 */
export function encodingSet(
  config: TrainConfig,
  { dataroot, phase }: { readonly dataroot: string | null; readonly phase: string },
  warn: (line: string) => void = () => {},
): { readonly samples: readonly Sample[]; readonly spec: SampleSpec } {
  const { loadFeatures } = config;
  const layout = { ...layoutFor(config), useFeatures: loadFeatures, warn };
  const spec = trainingSpec(config);
  return {
    samples: findSamples(dataroot ?? config.dataroot, phase, layout),
    spec: { ...spec, transform: wholeImage(spec.transform) },
  };
}

/** The error for a run without styles. */
export function withoutEncoder(checkpoint: string, remedy: string): UserError {
  return new UserError({
    code: 'NO_ENCODER',
    doing: 'encoding the styles of a dataset',
    where: checkpoint,
    found: 'a run without an encoder',
    expected: 'one that was trained with an encoder',
    remedy,
  });
}
