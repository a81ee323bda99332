/** A run as a program drives it: events in order, listeners that take their time or fail, an abort signal, its life. */
import assert from 'node:assert/strict';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryStats } from '@pix2pixhd/torch';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import type { TrainConfig } from '../../src/config/schema.js';
import type { RunEvent, RunListener } from '../../src/run/events.js';
import { Run } from '../../src/run/run.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { lockName } from '../../src/run/run-lock.js';
import { findTrainingSamples } from '../../src/run/training-samples.js';
import { configOf, statusOf } from '../support/in-process.js';
import { lossesOf, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
writeImagePairs(dataroot, 'train', 3, 32, 32);
const config = (name: string, ...options: string[]) =>
  configOf(root, name, dataroot, '--save-latest-freq', '2', ...options);
const pathOf = ({ name }: TrainConfig) => join(root, name);
const stepsOf = (options: TrainConfig) => new CheckpointStore(join(pathOf(options), 'checkpoints')).steps();

async function open(options: TrainConfig, onEvent: RunListener, signal?: AbortSignal): Promise<Run> {
  const { checkpointsDir, name } = options;
  const folder = options.resume ? RunFolder.open(checkpointsDir, name) : RunFolder.create(options);
  return Run.open(folder, options, await findTrainingSamples(options), { onEvent, signal });
}

test('a run tells what happens in order: start, steps, samples, checkpoints, end', async () => {
  const options = config('events', '--max-steps', '3');
  const events: RunEvent[] = [];
  await using run = await open(options, event => void events.push(event));
  const result = await run.train();
  assert.deepEqual(
    events.map(event => ('step' in event ? `${event.type} ${event.step}` : event.type)),
    ['start 0', 'step 1', 'step 2', 'sample 2', 'checkpoint 2', 'step 3', 'sample 3', 'checkpoint 3', 'end'],
  );
  const [start] = events;
  assert.ok(start?.type === 'start');
  assert.deepEqual([start.folder, start.pairs, start.totalSteps, start.maxSeconds], [pathOf(options), 3, 3, null]);
  const steps = events.filter(event => event.type === 'step');
  assert.deepEqual(
    steps.map(({ step, epoch, losses }) => ({ step, epoch, ...losses })),
    lossesOf(pathOf(options)),
  );
  assert.ok(steps.every(({ applied }) => applied));
  for (const event of events)
    if (event.type === 'sample' || event.type === 'checkpoint') assert.ok(existsSync(event.path), event.path);
  // The first score is the best so far; the second is only if it is lower.
  const scores = events.filter(event => event.type === 'sample').map(({ score }) => score);
  const best = events.filter(event => event.type === 'checkpoint').map(event => event.best);
  assert.deepEqual(best, [true, scores[1]! < scores[0]!]);
  const end = events.at(-1);
  assert.ok(end?.type === 'end' && end.result === result);
});

test('a resumed run starts from its step, and says which steps it does again', async () => {
  const options = config('resumed', '--max-steps', '3', '--save-latest-freq', '0');
  {
    await using run = await open(options, () => {});
    await run.train();
  }
  const events: RunEvent[] = [];
  await using run = await open({ ...options, resume: true, maxSteps: 4 }, event => void events.push(event));
  assert.equal(run.stage.session.position.step, 3);
  await run.train();
  const [start, note] = events;
  assert.ok(start?.type === 'start' && start.step === 3 && start.totalSteps === 4);
  assert.ok(note?.type === 'note' && /^continuing after step 3 /.test(note.text));
});

test('stages are announced, each with its description', async () => {
  const stages: RunEvent[] = [];
  let total = Number.NaN;
  const options = { ...config('stages', '--stages', '32:steps=1,64:steps=2:fix=1', '--resize-or-crop', 'scale_width') };
  await using run = await open(options, event => {
    if (event.type === 'stage') stages.push(event);
    if (event.type === 'start') total = event.totalSteps;
  });
  await run.train();
  assert.deepEqual(
    stages.map(event => event.type === 'stage' && [event.number, event.of]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  assert.equal(await run.nextStage(), false);
  assert.equal(total, 4);
});

test('test pairs that cannot be used are noted; samples are training pairs then', async () => {
  const options = { ...config('odd', '--max-steps', '1'), dataroot: join(root, 'odd-data') };
  writeImagePairs(options.dataroot, 'train', 2, 32, 32);
  writeImagePairs(options.dataroot, 'test', 1, 32, 32);
  cpSync(join(options.dataroot, 'test_A', '0.png'), join(options.dataroot, 'test_A', '0.jpg'));
  const notes: string[] = [];
  await using run = await open(options, event => void (event.type === 'note' && notes.push(event.text)));
  await run.train();
  assert.match(
    notes.join(),
    /^samples are training pairs, since the test pairs cannot be used: 1 name\(s\) used twice/,
  );
  assert.equal(existsSync(join(pathOf(options), 'samples', 'step-00000001.png')), true);
});

test('the next step waits for a listener that returns a promise', async () => {
  let busy = 0;
  let most = 0;
  await using run = await open(config('slow', '--max-steps', '3'), async ({ type }) => {
    if (type !== 'step') return;
    most = Math.max(most, ++busy);
    await sleep(20);
    busy--;
  });
  await run.train();
  assert.deepEqual([most, busy], [1, 0]);
});

for (const [how, fail] of [
  ['throws', () => assert.fail('the listener failed')],
  ['rejects', () => Promise.reject(new Error('the listener failed'))],
] as const)
  test(`a listener that ${how} ends the run with its error, saved first`, async () => {
    const options = config(`listener-${how}`, '--max-steps', '9', '--save-latest-freq', '0');
    await using run = await open(options, event => (event.type === 'step' && event.step === 3 ? fail() : undefined));
    await assert.rejects(run.train(), /the listener failed/);
    assert.equal(stepsOf(options).at(-1), 3);
    assert.deepEqual(statusOf(options), ['failed', 'failed']);
  });

test('a listener that fails before the first step ends the run there', async () => {
  const options = config('listener-early', '--max-steps', '9');
  await using run = await open(options, ({ type }) => assert.notEqual(type, 'start'));
  await assert.rejects(run.train());
  assert.deepEqual([run.stage.session.position.step, stepsOf(options)], [0, []]);
});

test('an abort signal saves the run after its step and ends it, also before the first one', async () => {
  const options = config('aborted', '--max-steps', '9', '--save-latest-freq', '0');
  const stop = new AbortController();
  await using run = await open(
    options,
    event => {
      if (event.type === 'step' && event.step === 2) stop.abort();
    },
    stop.signal,
  );
  const { reason, step } = await run.train();
  assert.deepEqual([reason, step, stepsOf(options)], ['interrupted', 2, [2]]);
  assert.deepEqual(statusOf(options), ['stopped', 'interrupted']);
  const atOnce = config('aborted-at-once');
  await using never = await open(atOnce, () => {}, AbortSignal.abort());
  assert.deepEqual([(await never.train()).reason, stepsOf(atOnce)], ['interrupted', []]);
});

test('a run installs no signal handlers and writes nothing to standard error', async t => {
  const { mock } = t.mock.method(process.stderr, 'write');
  const listeners = () => process.eventNames().map(name => [name, process.listenerCount(name)]);
  const before = listeners();
  await using run = await open(config('quiet', '--max-steps', '1'), () => {});
  await run.train();
  assert.deepEqual(listeners(), before);
  assert.equal(mock.callCount(), 0);
});

test('a run trains once; closed, it has freed its tensors and the lock; closing again does nothing', async () => {
  const options = config('life', '--max-steps', '1');
  const tensors = memoryStats().tensors;
  const run = await open(options, () => {});
  await run.train();
  await assert.rejects(run.train(), /the run is trained/);
  await run.close();
  await run.close();
  await assert.rejects(run.train(), /the run is closed/);
  assert.equal(memoryStats().tensors, tensors);
  assert.equal(existsSync(join(pathOf(options), lockName)), false);
});

test('a run that cannot be opened leaves neither tensors nor the lock', async () => {
  const options = config('unopened', '--load-pretrain', join(root, 'missing.safetensors'));
  const tensors = memoryStats().tensors;
  await assert.rejects(
    open(options, () => {}),
    /missing\.safetensors/,
  );
  assert.equal(memoryStats().tensors, tensors);
  assert.equal(existsSync(join(pathOf(options), lockName)), false);
});
