/**
 * Validation and early stopping: the figures are those of the metric on the held-out pairs, a run that is stopped decides as one
 * that is not, and the rest of the run does not change by it.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { makeBatch } from '../../src/data/load/batch.js';
import { loadSample } from '../../src/data/load/sample.js';
import { Random } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { psnr } from '../../src/evaluation/psnr.js';
import { image8Of, imageToShow } from '../../src/raster.js';
import type { ValidationEvent } from '../../src/run/events.js';
import type { Run } from '../../src/run/run.js';
import { lockName } from '../../src/run/run-lock.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { ValidationSet } from '../../src/run/validation-set.js';
import { configOf, resumeHere, statusOf, trainHere } from '../support/in-process.js';
import { assertSameRun, lossesOf, textOf, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
writeImagePairs(dataroot, 'train', 3, 32, 32);
writeImagePairs(dataroot, 'val', 3, 32, 32);
const config = (name: string, ...options: string[]) => configOf(root, name, dataroot, ...options);
const pathOf = ({ name }: TrainConfig) => join(root, name);
const storeOf = (options: TrainConfig) => new CheckpointStore(join(pathOf(options), 'checkpoints'));

// A figure this much better never comes: the second one and those after it count as no better.
const hopeless = ['--min-delta', '1000'];

/** The mean PSNR over the pairs of val, from their files and the generator as it is now. */
async function psnrByHand(options: TrainConfig, { stage: { session } }: Run): Promise<number> {
  const spec = trainingSpec(options);
  const still = { ...spec, transform: { ...spec.transform, flip: false } };
  const figures: number[] = [];
  for (const sample of findSamples(dataroot, 'val', { labelNc: 0, useInstance: false })) {
    const batch = makeBatch([''], [await loadSample(sample, still, new Random(0))], still);
    const image = imageToShow(session.imageGenerator().generateBatch(batch)[0]!);
    figures.push(psnr(image, image8Of(batch.image!, 3, 32, 32)));
  }
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

test('the figure is the mean of the metric over the pairs of val; the log, the page and "best" go by it', async () => {
  const options = config('psnr', '--validate', 'psnr', '--validate-freq', '2', '--max-steps', '5', '--ema', '0.9');
  const found: ValidationEvent[] = [];
  const byHand: number[] = [];
  let run: Run | undefined;
  const keep = (opened: Run) => {
    run = opened;
  };
  const { said } = await trainHere(options, keep, async event => {
    if (event.type !== 'validation') return;
    found.push(event);
    byHand.push(await psnrByHand(options, run!));
  });
  assert.deepEqual(
    found.map(({ step }) => step),
    [2, 4, 5],
  );
  const values = found.map(({ value }) => value);
  assert.deepEqual(values, byHand);
  assert.deepEqual(
    lossesOf(pathOf(options)).map(record => record.val_psnr),
    [undefined, values[0], undefined, values[1], values[2]],
  );
  assert.match(said, /validation: PSNR on 3 pairs of val\n/);
  assert.match(said, new RegExp(`step 2: ${found[0]!.text} on held-out pairs, the best so far`));
  assert.match(textOf(pathOf(options), 'index.html'), /<h3>Validation: psnr<\/h3>/);
  const best = found.reduce((a, b) => (b.value > a.value ? b : a));
  const { state } = Checkpoint.read(storeOf(options).best, 'state');
  assert.deepEqual([state.step, state.score], [best.step, -best.value]);
});

test('a run that is validated takes the same steps as one that is not', async () => {
  const [plain, validated] = [
    config('plain', '--max-steps', '4'),
    config('validated', '--max-steps', '4', '--validate', 'ssim'),
  ];
  await trainHere({ ...plain });
  await trainHere({ ...validated, validateFreq: 1 });
  const stripped = lossesOf(pathOf(validated)).map(({ val_ssim: figure, ...losses }) => {
    assert.ok(typeof figure === 'number' && figure < 1);
    return losses;
  });
  assert.deepEqual(stripped, lossesOf(pathOf(plain)));
});

test('a run ends early where no better figure comes, wherever it was stopped before, and goes on with more patience', async () => {
  const early = ['--validate', 'l1', '--validate-freq', '2', '--patience', '2', ...hopeless];
  const [whole, parts] = [config('whole', ...early), config('parts', ...early, '--max-steps', '3')];
  const { result, said } = await trainHere(whole);
  // Measured at steps 2, 4 and 6, of which the last two are no better.
  assert.deepEqual([result?.reason, result?.step], ['early-stopped', 6]);
  assert.match(
    result!.why!,
    /^L1 was not better by more than 1000 than the 0\.\d+ of step 2 for 2 measurements in a row$/,
  );
  assert.deepEqual(statusOf(whole), ['finished', `stopped early: ${result!.why}`]);
  assert.ok(said.includes('1 measurement since the last that was better') || said.includes('the best so far'));
  // Stopped after steps 3 and 5, each of which is measured for its checkpoint, but does not count.
  await trainHere(parts);
  await resumeHere(parts, { maxSteps: 5 });
  const last = await resumeHere(parts, { maxSteps: null });
  assert.deepEqual([last.result?.reason, last.result?.step], ['early-stopped', 6]);
  assert.equal(last.result?.why, result?.why);
  const withoutStops = (options: TrainConfig) =>
    lossesOf(pathOf(options)).map(({ val_l1, ...losses }) => (losses.step! % 2 === 0 ? { ...losses, val_l1 } : losses));
  assert.deepEqual(withoutStops(parts), lossesOf(pathOf(whole)));
  // It is over, and stays so unless it is given more patience.
  assert.equal((await resumeHere(whole)).result?.step, 6);
  assert.equal((await resumeHere(whole, { patience: 3 })).result?.step, 8);
});

test('a run killed after a measurement repeats it and decides the same', async () => {
  const early = ['--validate', 'ssim', '--validate-freq', '1', '--patience', '3', ...hopeless];
  const whole = config('undisturbed', ...early, '--save-latest-freq', '2');
  const killed = { ...whole, name: 'killed' };
  // What a kill would leave: the checkpoint of step 2, and the log up to step 3.
  const leave = () =>
    cpSync(pathOf(whole), pathOf(killed), { recursive: true, filter: path => basename(path) !== lockName });
  await trainHere(whole, undefined, event => {
    if (event.type === 'step' && event.step === 3) leave();
  });
  assert.equal(lossesOf(pathOf(killed)).length, 3);
  assert.equal((await trainHere({ ...killed, resume: true })).result?.reason, 'early-stopped');
  assertSameRun(pathOf(killed), pathOf(whole), 4);
});

test('with stages, patience ends the stage and the next one begins', async () => {
  const stages = ['--stages', '32:steps=9,64:fix=1:steps=1', '--resize-or-crop', 'scale_width'];
  const early = ['--validate', 'psnr', '--validate-freq', '1', '--patience', '1', ...hopeless];
  const options = config('stages', ...stages, ...early);
  const { result, said } = await trainHere(options);
  assert.match(said, /stage 1 ends early: PSNR was not better/);
  assert.deepEqual([result?.reason, result?.step], ['finished', 4]);
  assert.ok(existsSync(storeOf(options).stage(1)));
});

test('CycleGAN is measured on pairs by their names, in both directions; where there are none, by what comes back', async () => {
  const spec = trainingSpec(config('spec'));
  const opened = async (folder: string, change: Partial<TrainConfig> = {}) => {
    const said: string[] = [];
    const options = { ...config('any'), dataroot: folder, model: 'cycle-gan', validate: 'psnr', ...change } as const;
    const set = (await ValidationSet.open(options, spec, line => said.push(line)))!;
    return { set, said };
  };
  const by = await opened(dataroot);
  assert.deepEqual(by.said, ['validation: PSNR on 3 pairs by their names, the mean of both directions, of val']);
  const apart = join(root, 'apart');
  writeImagePairs(apart, 'test', 3, 32, 32);
  rmSync(join(apart, 'test_B', '0.png'));
  const cycles = await opened(apart, { validateSize: 2 });
  assert.match(cycles.said[0]!, /^validation: PSNR on 2 of 5 images, not all of which .* of test$/);
  // With L1 that is the score of the samples, which show all five.
  writeImagePairs(apart, 'train', 2, 32, 32);
  const one = { model: 'cycle-gan', numD: 1, noGanFeatLoss: true, vggLoss: false } as const;
  const l1 = ['--validate', 'l1', '--validate-freq', '1', '--max-steps', '1'];
  const figures: number[] = [];
  const options = { ...configOf(root, 'cycles', apart, ...l1), ...one };
  const { error } = await trainHere(options, undefined, event => {
    if (event.type === 'validation') figures.push(event.value);
    if (event.type === 'sample') figures.push(event.score);
  });
  assert.equal(error, undefined);
  assert.equal(figures.length, 2);
  assert.ok(Math.abs(figures[0]! - figures[1]!) < 1e-12, String(figures));
});

test('what cannot be validated on is refused before the first step', async () => {
  const validated = config('refused', '--validate', 'ms-ssim');
  const spec = trainingSpec(validated);
  const open = (change: Partial<TrainConfig>) => ValidationSet.open({ ...validated, ...change }, spec, () => {});
  const refusal = (words: RegExp) => (error: unknown) => error instanceof UserError && words.test(error.message);
  await assert.rejects(open({}), refusal(/32×32 pixels.*176×176/s));
  const bare = join(root, 'bare');
  writeImagePairs(bare, 'train', 1, 32, 32);
  await assert.rejects(open({ dataroot: bare }), refusal(/no folders of inputs of val or test/));
  // The pairs that are trained on are not held out.
  await assert.rejects(open({ dataroot: bare, phase: 'val' }), refusal(/no folders of inputs/));
  const orphan = join(root, 'orphan');
  writeImagePairs(orphan, 'test', 2, 32, 32);
  rmSync(join(orphan, 'test_B', '0.png'));
  await assert.rejects(open({ dataroot: orphan }), refusal(/without a partner/));
});
