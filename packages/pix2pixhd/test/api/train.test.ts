/**
 * Training from a program: the run of the command, as events or by hooks; ended by leaving the loop or by a signal, resumed bit
 * for bit; options checked by the same schema; nothing printed, no signal handled.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type RunEvent, type TrainOptions, train } from '../../src/index.js';
import { pix2pixhd } from '../support/cli.js';
import { assertSameRun, tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const folder = workFolder();
const dataroot = join(folder, 'data');
writeImagePairs(dataroot, 'train', 3, 32, 32);
const checkpointsDir = join(folder, 'runs');
const run = (name: string) => join(checkpointsDir, name);

/** The options of {@link tiny}, for a program. */
const small = {
  ...{ dataroot, checkpointsDir, labelNc: 0, ngf: 4, ndf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, numD: 2 },
  ...{ threads: 1, workers: 1, displayFreq: 2, niter: 2, niterDecay: 2 },
  resizeOrCrop: 'none' as const,
  device: 'cpu',
  precision: 'fp32' as const,
};

// What is printed while a run goes on, and the signals that are handled.
const written: string[] = [];
const [out, err] = [process.stdout.write, process.stderr.write];
const listeners = () => (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(signal => process.listenerCount(signal));
const before = listeners();
beforeEach(() => {
  written.length = 0;
  // The reports of the test runner come as buffers.
  for (const stream of [process.stdout, process.stderr])
    stream.write = ((text: string | Uint8Array, ...rest: never[]) => {
      if (typeof text === 'string') written.push(text);
      return (stream === process.stdout ? out : err).call(stream, text, ...rest);
    }) as typeof stream.write;
});
afterEach(() => {
  process.stdout.write = out;
  process.stderr.write = err;
  assert.deepEqual(listeners(), before);
});

test('a run is the one of the command, bit for bit, and its events tell it in order', async () => {
  const seen: RunEvent[] = [];
  for await (const event of train({ ...small, name: 'program' })) seen.push(event);
  assert.deepEqual(written, []);
  const options = ['--dataroot', dataroot, '--checkpoints-dir', checkpointsDir, '--label-nc', '0', ...tiny];
  const { code, stderr } = await pix2pixhd(
    ...['train', '--name', 'command', ...options, '--display-freq', '2', '--niter', '2', '--niter-decay', '2'],
  );
  assert.equal(code, 0, stderr);
  assertSameRun(run('program'), run('command'), 12);
  const steps = seen.filter(event => event.type === 'step');
  assert.deepEqual(
    steps.map(({ step }) => step),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  const of = (type: RunEvent['type']) => seen.filter(event => event.type === type).length;
  assert.deepEqual([of('start'), of('sample'), of('end')], [1, 6, 1]);
  const checkpoints = seen.filter(event => event.type === 'checkpoint');
  assert.ok(checkpoints.length > 0 && existsSync(checkpoints.at(-1)!.path));
  const last = seen.at(-1)!;
  assert.ok(last.type === 'end');
  assert.deepEqual([last.result.reason, last.result.step], ['finished', 12]);
});

test('leaving the loop, or aborting the signal, saves; the run goes on bit for bit', async () => {
  for await (const event of train({ ...small, name: 'left' })) if (event.type === 'step' && event.step === 3) break;
  const stop = new AbortController();
  const seen: RunEvent[] = [];
  for await (const event of train({ name: 'left', checkpointsDir, resume: true }, { signal: stop.signal })) {
    seen.push(event);
    if (event.type === 'step' && event.step === 7) stop.abort();
  }
  const first = seen.find(event => event.type === 'step')!;
  assert.equal(first.type === 'step' && first.step, 4);
  const end = seen.at(-1)!;
  assert.deepEqual(end.type === 'end' && [end.result.reason, end.result.step], ['interrupted', 7]);
  const { reason } = await train({ name: 'left', checkpointsDir, resume: true });
  assert.equal(reason, 'finished');
  assertSameRun(run('left'), run('command'), 12);
});

test('each step waits for hooks and for the loop', async () => {
  const order: string[] = [];
  const pause = () => new Promise<void>(resolve => setImmediate(resolve));
  const hook = (text: string) => async () => {
    await pause();
    order.push(text);
  };
  const hooks = { onStep: hook('step'), onSample: hook('sample'), onCheckpoint: hook('checkpoint') };
  for await (const event of train({ ...small, name: 'waits', maxSteps: 2 }, hooks)) {
    await pause();
    if (event.type === 'step' || event.type === 'sample' || event.type === 'checkpoint')
      order.push(`${event.type} seen`);
  }
  assert.deepEqual(order.slice(0, 2), ['step', 'step seen']);
  assert.equal(order.filter(text => text === 'step').length, 2);
  for (const text of ['step', 'sample', 'checkpoint'])
    assert.equal(order.filter(one => one === text).length, order.filter(one => one === `${text} seen`).length);
});

test('what the loop or a hook throws ends the run, saved, and is thrown', async () => {
  const wrong = new Error('wrong');
  await assert.rejects(
    train(
      { ...small, name: 'thrown', maxSteps: 4 },
      {
        onStep: ({ step }) => {
          if (step === 2) throw wrong;
        },
      },
    ),
    wrong,
  );
  await assert.rejects(async () => {
    for await (const event of train({ name: 'thrown', checkpointsDir, resume: true }))
      if (event.type === 'step') {
        assert.equal(event.step, 3);
        throw wrong;
      }
  }, wrong);
  const { step } = await train({ name: 'thrown', checkpointsDir, resume: true });
  assert.equal(step, 4);
});

test('options are checked by the schema of the command, and named as they were given', async () => {
  const rejects = (options: object, expected: { name?: string; where?: string; code?: string; message?: RegExp }) =>
    assert.rejects(
      train({ ...small, name: 'never', ...options } as TrainOptions),
      (error: Error & { parts: { where?: string } }) => {
        const { where, ...rest } = expected;
        assert.equal(error.parts.where, where);
        for (const [key, value] of Object.entries(rest))
          if (value instanceof RegExp) assert.match(error.message, value);
          else assert.equal((error as unknown as Record<string, unknown>)[key], value);
        return true;
      },
    );
  const usage = { name: 'UsageError', code: 'BAD_OPTION' };
  await rejects({ ngf: -1 }, { ...usage, where: 'ngf', message: /a whole number, at least 1/ });
  await rejects({ ngff: 1 }, { ...usage, where: 'ngff', message: /did you mean ngf\?/ });
  await rejects({ netG: 'globl' }, { ...usage, where: 'netG', message: /did you mean netG global\?/ });
  await rejects({ noFlip: 'yes' }, { ...usage, where: 'noFlip', message: /true, false/ });
  await rejects({ dryRun: true }, { ...usage, where: 'dryRun' });
  await rejects({ name: undefined }, { ...usage, where: 'name' });
  await rejects({ dataroot: undefined }, { ...usage, where: 'dataroot' });
  await rejects({ resume: true, name: 'no-such' }, { name: 'UserError', code: 'RUN_NOT_FOUND', where: run('no-such') });
  await rejects({ name: 'command' }, { name: 'UserError', code: 'RUN_EXISTS', where: run('command') });
  await rejects(
    { dataroot: join(folder, 'none') },
    { name: 'UserError', code: 'DATASET_NOT_FOUND', where: join(folder, 'none') },
  );
  assert.equal(existsSync(run('never')), false);
});

test('a run whose signal is aborted before it begins ends without a step', async () => {
  const { reason, step } = await train({ ...small, name: 'aborted' }, { signal: AbortSignal.abort() });
  assert.deepEqual([reason, step], ['interrupted', 0]);
});
