/**
 * Decides before a run starts whether it has the perceptual loss, and opens the loss. Depends on the pretrained weights, the
 * loss and compute.
 */
import type { Compute } from '../compute/choose-compute.js';
import { placeNetwork } from '../compute/place-network.js';
import type { TrainConfig } from '../config/schema.js';
import { hasPerceptualLoss, perceptualLoss } from '../losses/perceptual.js';
import { loadVgg } from '../pretrained/load-vgg.js';
import { downloadAloud } from '../pretrained/published-file.js';
import { findVggWeights, vggWeights } from '../pretrained/vgg-weights.js';
import type { PerceptualDistance } from '../training/generator-losses.js';

/** The options that decide whether a run has the perceptual loss. */
export type PerceptualChoice = Pick<TrainConfig, 'vggLoss' | 'vggWeights' | 'lambdaVgg' | 'outputNc' | 'dryRun'>;

/** What the user can do about a missing perceptual loss. */
const choices = '--vgg-loss downloads them (548 MB), --vgg-weights FILE uses a file, --no-vgg-loss silences this';

/**
 * Decides whether the run has the perceptual loss: as the options say, else if the weights are available. Downloads them if
 * the options ask for the loss and they are missing.
 *
 * @param note receives one line if the decision is not simply what the options say, and the progress of a download.
 * @param signal aborts a download.
 * @returns the decided `vggLoss`, which a resumed run keeps.
 * @throws UserError if the loss is requested and the weights are not available.
 */
export async function decidePerceptual(
  { vggLoss, vggWeights: named, lambdaVgg, outputNc, dryRun }: PerceptualChoice,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  if (vggLoss === false || lambdaVgg === 0) return false;
  if (vggLoss === null && !hasPerceptualLoss(outputNc)) return false;
  if (findVggWeights(named) !== undefined) return true;
  if (vggLoss === null) {
    note(`no perceptual loss: the weights of VGG19 are not on this machine (${choices})`);
    return false;
  }
  if (!dryRun) await downloadAloud(vggWeights, note, signal);
  return true;
}

/** The perceptual loss of a run, ready to be computed. */
export interface PerceptualTerm {
  readonly distance: PerceptualDistance;
  readonly dispose: () => void;
}

/**
 * Loads VGG19 for a run that has the perceptual loss.
 *
 * @throws UserError if the weights are missing or do not fit.
 */
export function openPerceptual(
  { vggLoss, vggWeights: named, vggNormalise }: Pick<TrainConfig, 'vggLoss' | 'vggWeights' | 'vggNormalise'>,
  compute: Compute,
): PerceptualTerm | undefined {
  if (vggLoss !== true) return undefined;
  const path = findVggWeights(named);
  if (path === undefined) throw new Error('the weights of VGG19 are looked for before a run is opened');
  const vgg = placeNetwork(loadVgg(path), compute).discardMasters();
  const options = { imagenetNormalisation: vggNormalise };
  return { distance: (fake, real) => perceptualLoss(vgg, fake, real, options), dispose: () => vgg.dispose() };
}
