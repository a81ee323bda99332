/** Pairs of a data set that are not trained on. Depends on data and the options of inputs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { findFolder } from '../data/find/folders.js';
import { findSamples, type Sample } from '../data/find/pairs.js';

/** The options that decide which files belong together. */
export type PairOptions = Pick<
  TrainConfig,
  'dataroot' | 'model' | 'labelNc' | 'noInstance' | 'inputs' | 'loadFeatures'
>;

/** Whether a data set has folders of inputs of a phase. */
export function hasPhase(options: PairOptions, phase: string): boolean {
  const { dataroot, labelNc } = options;
  const first = layoutFor(options).images?.[0];
  return labelNc === 0 && first !== undefined
    ? existsSync(join(dataroot, `${phase}_${first}`))
    : findFolder(dataroot, phase, labelNc > 0 ? 'label' : 'source', labelNc) !== undefined;
}

/**
 * The pairs of a phase; inputs without a real image are left out.
 * @throws UserError as {@link findSamples} does.
 */
export function pairsOfPhase(options: PairOptions, phase: string): readonly Sample[] {
  const layout = { ...layoutFor(options), useFeatures: options.loadFeatures, imageOptional: true };
  return findSamples(options.dataroot, phase, layout).filter(sample => sample.image !== undefined);
}

/**
 * The pairs of a phase, none of which is left out; of CycleGAN's folders too, by the names of their files.
 * @throws UserError where a file has no partner, and as {@link findSamples} does.
 */
export function wholePhase(options: PairOptions, phase: string): readonly Sample[] {
  const layout = { ...layoutFor(options), domains: undefined, useFeatures: options.loadFeatures };
  return findSamples(options.dataroot, phase, layout);
}
