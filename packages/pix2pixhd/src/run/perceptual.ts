/**
 * Whether a run has the perceptual loss, decided before it starts, and the loss itself. Depends on the weights' module, the
 * loss and the model.
 */
import type { Tensor } from '@pix2pixhd/torch';
import { type Compute, placeNetwork } from '../compute/compute.js';
import type { TrainConfig } from '../config/schema.js';
import { hasPerceptualLoss, perceptualLoss } from '../losses/perceptual.js';
import { loadVgg } from '../pretrained/load-vgg.js';
import { downloadVggWeights, findVggWeights } from '../pretrained/vgg-weights.js';
import { Interrupt } from './interrupt.js';

/** How to get rid of the sentence that the loss is missing. */
const choices =
  '--vgg-loss fetches them (548 MB), --vgg-weights FILE names them, --no-vgg-loss does without and says nothing';

/**
 * Decides whether the run has the perceptual loss: as the options say, and where they say nothing, if the weights are at
 * hand. Fetches them where the options insist and they are not here.
 *
 * @param say is told, in a line, what was decided where that is not what the options say.
 * @returns the configuration with the decision in it, which a resumed run keeps.
 * @throws UserError where the loss is asked for and the weights cannot be had.
 */
export async function decidePerceptual(config: TrainConfig, say: (line: string) => void): Promise<TrainConfig> {
  const { vggLoss, vggWeights, lambdaVgg, outputNc, dryRun } = config;
  if (vggLoss === false || lambdaVgg === 0) return { ...config, vggLoss: false };
  if (vggLoss === null && !hasPerceptualLoss(outputNc)) return { ...config, vggLoss: false };
  if (findVggWeights(vggWeights) !== undefined) return { ...config, vggLoss: true };
  if (vggLoss === null) {
    say(`no perceptual loss: the weights of VGG19 are not on this machine (${choices})`);
    return { ...config, vggLoss: false };
  }
  if (!dryRun) await fetchWeights(say);
  return config;
}

async function fetchWeights(say: (line: string) => void): Promise<void> {
  const abort = new AbortController();
  using _interrupt = new Interrupt(() => abort.abort());
  let toldAt = 0;
  const path = await downloadVggWeights({
    signal: abort.signal,
    onProgress: (received, total) => {
      if (performance.now() - toldAt < 2000) return;
      toldAt = performance.now();
      const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
      say(`fetching the weights of VGG19: ${megabytes(received)}${total === null ? '' : ` of ${megabytes(total)}`} MB`);
    },
  });
  say(`fetched the weights of VGG19 to ${path}`);
}

/** The perceptual loss of a run, ready to be computed. */
export interface PerceptualTerm {
  /** The distance of a generated to a real image, a scalar; without the loss's weight. */
  readonly loss: (fake: Tensor, real: Tensor) => Tensor;
  readonly dispose: () => void;
}

/**
 * Loads VGG19 for a run whose configuration says that it has the loss.
 *
 * @throws UserError where the weights are not here or do not fit.
 */
export function openPerceptual(config: TrainConfig, compute: Compute): PerceptualTerm | undefined {
  if (config.vggLoss !== true) return undefined;
  const path = findVggWeights(config.vggWeights);
  if (path === undefined) throw new Error('the weights of VGG19 are looked for before a run is opened');
  const vgg = placeNetwork(loadVgg(path), compute).discardMasters();
  const options = { imagenetNormalisation: config.vggNormalise };
  return { loss: (fake, real) => perceptualLoss(vgg, fake, real, options), dispose: () => vgg.dispose() };
}
