/** `pix2pixhd train-segmenter`: trains a segmenter on real pairs, or continues one. */
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { type GivenOptions, resolveConfig } from '../config/argv.js';
import {
  type SegmenterConfig,
  trainSegmenterCommand,
  type trainSegmenterSchema,
} from '../config/commands/train-segmenter.js';
import { optionsOf } from '../config/option.js';
import { withDatasetOptions } from '../data/dataset-file.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { UserError } from '../errors.js';
import { OutputGuard } from '../output/guard.js';
import { readSegmenter, type SegmenterContent, type SegmenterState } from '../segmentation/segmenter-file.js';
import { type SegmenterTraining, trainSegmenter } from '../segmentation/training/train.js';
import { shellWord } from '../shell-word.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { formatShare, SegmenterProgress } from './segmenter-progress.js';
import type { Terminal } from './terminal.js';

type Given = GivenOptions<typeof trainSegmenterSchema>;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given } = readOptions(trainSegmenterCommand, argv, terminal);
  const resumed = given.resume ? interrupted(given.out) : undefined;
  const config = resumed === undefined ? newConfig(given) : resumedConfig(resumed, given);
  const { out: path, dataroot, phase, maxDatasetSize, maxMinutes } = config;
  const layout = { labelNc: config.labelNc, useInstance: false, warn: terminal.notice };
  const samples = findSamples(dataroot, phase, layout).slice(0, maxDatasetSize ?? undefined);
  if (resumed === undefined) checkOut(config, samples);
  else checkPairs(resumed, samples.length, dataroot);
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  const { out, error } = terminal;
  out.write(`${samples.length} pairs of ${dataroot}; ${compute.precision} on ${compute.device}\n`);
  using interrupt = new Interrupt(() => error.write('\nsaving; press Ctrl-C again to leave at once\n'));
  const limit = maxMinutes === null ? [] : [AbortSignal.timeout(Math.round(maxMinutes * 60_000))];
  const state = await shown({ config, path, samples, compute, ...(resumed && { resumed }) }, terminal, [
    interrupt.signal,
    ...limit,
  ]);
  const reason = state.finished ? 'finished' : interrupt.requested ? 'interrupted' : 'max-minutes';
  const { epoch, best } = state;
  terminal.result({ reason, segmenter: path, epoch, best }, closing(config, reason, state.epoch, best));
  return reason === 'interrupted' ? interrupt.exitCode : 0;
}

/** Trains, and shows how far that is. */
async function shown(
  training: SegmenterTraining,
  terminal: Terminal,
  signals: readonly AbortSignal[],
): Promise<SegmenterState> {
  using progress = new SegmenterProgress(terminal, training.config.epochs);
  return await trainSegmenter(training, {
    onStep: progress.step,
    onEpoch: progress.epoch,
    onNotice: line => terminal.notice(`note: ${line}`),
    signal: AbortSignal.any([...signals]),
  });
}

function newConfig(given: Given): SegmenterConfig {
  const { labelNc, outputNc } = withDatasetOptions<Given>(given);
  // Images as inputs (0 classes) are for other networks; without label maps there is nothing to learn.
  const decided = {
    ...(labelNc !== undefined && labelNc > 0 && { labelNc }),
    ...(outputNc !== undefined && { outputNc }),
  };
  return resolveConfig(trainSegmenterCommand, { ...given, ...decided });
}

/** The file of an unfinished training. */
function interrupted(out = 'segmenter.safetensors'): SegmenterContent {
  const content = readSegmenter(out, 'everything');
  if (!content.state.finished) return content;
  throw new UserError({
    code: 'OPTION_MISMATCH',
    doing: 'continuing the training of a segmenter',
    where: out,
    found: 'a segmenter that is finished',
    expected: 'one whose training was interrupted',
    remedy: 'use it as it is, or train another with more --epochs and another --out',
  });
}

/** What the file says, with what may change from one start to the next in its place. */
function resumedConfig({ state }: SegmenterContent, given: Given): SegmenterConfig {
  const stored: Record<string, unknown> = state.config;
  const lasting: Record<string, unknown> = {};
  for (const { key, flag, group, transient } of optionsOf(trainSegmenterCommand.schema)) {
    if (transient) continue;
    lasting[key] = stored[key];
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined || value === stored[key] || group === 'device' || key === 'workers') continue;
    throw new UserError({
      code: 'OPTION_MISMATCH',
      doing: 'continuing the training of a segmenter',
      where: `--${flag}`,
      found: String(value),
      expected: `${stored[key]}, the value that it began with`,
      remedy: `leave --${flag} out, or train another segmenter without --resume`,
    });
  }
  return resolveConfig(trainSegmenterCommand, { ...lasting, ...given });
}

/** The batches of another number of pairs are others. */
function checkPairs({ state: { pairs } }: SegmenterContent, found: number, dataroot: string): void {
  if (found === pairs) return;
  throw new UserError({
    code: 'OPTION_MISMATCH',
    doing: 'continuing the training of a segmenter',
    where: dataroot,
    found: `${found} pairs`,
    expected: `${pairs}, as when it began`,
    remedy: 'restore the data set, or train another segmenter without --resume',
  });
}

/** Refuses to write over inputs, and over another file without --force. */
function checkOut({ out, force }: SegmenterConfig, samples: readonly Sample[]): void {
  const guard = new OutputGuard({
    doing: 'writing the segmenter',
    elsewhere: 'give --out another file',
    inputs: samples.flatMap(({ label, image }) => [label!, image!]),
    force,
    isOurs: () => false,
  });
  guard.checkAll([out]);
}

function closing(
  { out, dataroot, epochs }: SegmenterConfig,
  reason: 'finished' | 'interrupted' | 'max-minutes',
  epoch: number,
  best: SegmenterContent['state']['best'],
): string {
  const words = { finished: 'Finished', interrupted: 'Interrupted', 'max-minutes': 'Reached --max-minutes' }[reason];
  const file = shellWord(out);
  const lines = [`${words} after ${epoch} of ${epochs} epochs: ${out}`];
  if (best !== null)
    lines.push(
      `Best epoch ${best.epoch}: pixel accuracy ${formatShare(best.pixelAccuracy)}, mean IoU ${best.meanIou.toFixed(4)} on the held-out pairs`,
    );
  if (reason !== 'finished') lines.push(`Continue with: pix2pixhd train-segmenter --resume --out ${file}`);
  if (best !== null)
    lines.push(
      `Score images with: pix2pixhd evaluate --results NAME=FOLDER --dataroot ${shellWord(dataroot)} --segmenter ${file}`,
    );
  return `${lines.join('\n')}\n`;
}
