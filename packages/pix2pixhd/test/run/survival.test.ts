/**
 * What a run keeps when something fails in the middle of it: the last consistent state is saved, an inconsistent one never,
 * what is lost is reported, and resuming gives the same run as one without the failure.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { toArgv } from '../../src/config/argv.js';
import { trainCommand } from '../../src/config/commands/train.js';
import type { TrainConfig } from '../../src/config/schema.js';
import type { Batch } from '../../src/data/load/batch.js';
import { UserError } from '../../src/errors.js';
import type { Run } from '../../src/run/run.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { refuse } from '../support/cli.js';
import { configOf, resumeHere, statusOf, trainHere } from '../support/in-process.js';
import { lossesOf, tensorsOf, writeImagePairs } from '../support/runs.js';
import { smallDisk } from '../support/small-disk.js';
import { failingAdam } from '../support/training.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
const checkpointsDir = join(root, 'checkpoints');
writeImagePairs(dataroot, 'train', 5, 32, 32);

const config = (name: string, ...options: string[]) => configOf(checkpointsDir, name, dataroot, ...options);
const pathOf = ({ name }: TrainConfig) => join(checkpointsDir, name);
const stepsOf = (run: TrainConfig) => new CheckpointStore(join(pathOf(run), 'checkpoints')).steps();

/** Without failures, with a checkpoint of every step. */
const alone = config('alone', '--save-latest-freq', '1', '--keep-checkpoints', '0', '--max-steps', '14');
before(async () => {
  assert.equal((await trainHere(alone)).error, undefined);
});

/** All loader threads of this process: one, which the runs have in turn. */
const threads: Worker[] = [];
process.on('worker', thread => threads.push(thread));

/** Resumes a run up to a step, and compares it with the one without failures. */
async function assertResumes(run: TrainConfig, steps: number): Promise<void> {
  assert.equal((await resumeHere(run, { maxSteps: steps })).error, undefined);
  assert.deepEqual(lossesOf(pathOf(run)), lossesOf(pathOf(alone)).slice(0, steps));
  assert.deepEqual(tensorsOf(pathOf(run)), tensorsOf(pathOf(alone), String(steps)));
}

test('a loader thread that dies: what was trained is saved, and the error says what to do', async t => {
  const run = config('thread', '--save-latest-freq', '0', '--max-steps', '1000');
  const { error, said } = await trainHere(run, ({ stage }) => {
    const step = stage.session.step.bind(stage.session);
    t.mock.method(stage.session, 'step', (...args: Parameters<typeof step>) => {
      if (stage.session.position.step === 3) void threads[0]!.terminate();
      return step(...args);
    });
  });
  assert.ok(error instanceof UserError, String(error));
  assert.match(error.message, /loader thread 1\n.*the thread has ended: exit code 1/s);
  assert.match(error.parts.remedy, /--resume/);
  const [saved] = stepsOf(run);
  assert.ok(saved! >= 3 && saved === lossesOf(pathOf(run)).length, `saved after ${saved}`);
  assert.match(said, new RegExp(`saved at step ${saved}; --resume continues from step ${saved}\n`));
  assert.deepEqual(statusOf(run), ['failed', 'failed']);
  await assertResumes(run, saved! + 2);
});

test('an error before the update: the step before is saved', async t => {
  const run = config('before', '--save-latest-freq', '0', '--max-steps', '1000');
  const { error, said } = await trainHere(run, ({ stage }) => {
    // What the addon throws where memory runs out, in the middle of the step.
    const step = stage.session.step.bind(stage.session);
    t.mock.method(stage.session, 'step', (...args: Parameters<typeof step>) => {
      if (stage.session.position.step === 4) throw new Error('DefaultCPUAllocator: not enough memory');
      return step(...args);
    });
  });
  assert.match(String(error), /not enough memory/);
  assert.deepEqual(stepsOf(run), [4]);
  assert.match(said, /saved at step 4; --resume continues from step 4\n/);
  assert.deepEqual(tensorsOf(pathOf(run)), tensorsOf(pathOf(alone), '4'));
});

test('an error within the update: nothing of it is saved, and the lost steps are named', async t => {
  // The second Adam of the fifth step.
  failingAdam(t, 10);
  const run = config('within', '--save-latest-freq', '2', '--max-steps', '1000');
  const { error, said } = await trainHere(run);
  assert.match(String(error), /injected/);
  assert.deepEqual(stepsOf(run), [2, 4]);
  assert.match(said, /step 5 is lost; --resume continues from step 4\n/);
  t.mock.restoreAll();
  await assertResumes(run, 7);
});

test('an error within the update before the first checkpoint: there is none, and the run starts over', async t => {
  failingAdam(t, 6);
  const run = config('early', '--save-latest-freq', '0', '--max-steps', '1000');
  const { said } = await trainHere(run);
  assert.deepEqual(stepsOf(run), []);
  assert.match(said, /steps 1 to 3 are lost; there is no checkpoint yet\n/);
  t.mock.restoreAll();
  await assertResumes(run, 4);
});

test('a checkpoint that cannot be written ends the run; it is not tried again, and the one before is kept', async t => {
  const run = config('full', '--save-latest-freq', '2', '--max-steps', '1000');
  let refused = 0;
  const { error, said } = await trainHere(run, ({ stage }) => {
    const save = stage.session.save.bind(stage.session);
    t.mock.method(stage.session, 'save', (...args: Parameters<typeof save>) => {
      if (stage.session.position.step < 4) return save(...args);
      refused++;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    });
  });
  assert.match(String(error), /ENOSPC/);
  assert.equal(refused, 1);
  assert.deepEqual(stepsOf(run), [2]);
  assert.match(said, /steps 3 to 4 are lost; --resume continues from step 2\n/);
});

test('a disk that fills up: what was written before is intact, the error says what to do, and with room the run continues', async t => {
  const disk = smallDisk(t, 1_200_000);
  if (disk === undefined) return;
  const [checkpointsDir, name] = [disk.folder, 'run'];
  const onDisk = configOf(checkpointsDir, name, dataroot, '--save-latest-freq', '1', '--keep-checkpoints', '0');
  await refuse(
    ['train', ...toArgv(trainCommand, { ...onDisk, tfLog: true, displayFreq: 1, maxSteps: 12 })],
    1,
    /ENOSPC|space/,
    /free space/,
  );
  const path = join(checkpointsDir, name);
  const store = new CheckpointStore(join(path, 'checkpoints'));
  const saved = store.steps();
  assert.ok(saved.length >= 2 && saved.length < 12, `${saved.length} of 12 checkpoints found room`);
  for (const step of saved) assert.equal(Checkpoint.read(store.pathOf(step)).state.step, step);
  assert.ok(lossesOf(path).length >= saved.at(-1)!);
  assert.deepEqual(
    (readdirSync(path, { recursive: true }) as string[]).filter(file => /\.tmp$|run\.lock$/.test(file)),
    [],
  );
  disk.grow(50_000_000);
  assert.equal((await resumeHere(onDisk, { maxSteps: 12 })).error, undefined);
  assert.deepEqual(lossesOf(path), lossesOf(pathOf(alone)).slice(0, 12));
  assert.deepEqual(tensorsOf(path), tensorsOf(pathOf(alone), '12'));
});

/** From step 6 on every image is NaN, as if the weights had diverged. */
const poisoned =
  (t: TestContext, atFirst: () => void = () => {}) =>
  ({ stage }: Run) => {
    const step = stage.session.step.bind(stage.session);
    t.mock.method(stage.session, 'step', (...args: Parameters<typeof step>) => {
      if (stage.session.position.step === 5) atFirst();
      if (stage.session.position.step >= 5) (args[0][0] as Batch).image!.fill(Number.NaN);
      return step(...args);
    });
  };

test('diverged weights are never saved; the error names both ways back', async t => {
  const run = config('diverged', '--save-latest-freq', '2', '--max-steps', '1000');
  const { error, said } = await trainHere(run, poisoned(t));
  assert.equal(said.match(/back to the weights of step 4/g)?.length, 3);
  assert.ok(error instanceof UserError);
  assert.match(error.parts.remedy, /continue from step 4 with --resume and a lower --lr/);
  assert.match(error.parts.remedy, /or delete \S+step-00000004\.safetensors first, to continue from step 2$/);
  assert.deepEqual(stepsOf(run), [2, 4]);
  await assertResumes(run, 6);
});

test('where the checkpoint to go back to is damaged, the weights in memory are not saved in its place', async t => {
  const run = config('no-way-back', '--save-latest-freq', '2', '--max-steps', '1000');
  const newest = join(pathOf(run), 'checkpoints', 'step-00000004.safetensors');
  const { error } = await trainHere(
    run,
    poisoned(t, () => truncateSync(newest, 1000)),
  );
  assert.ok(error instanceof UserError && error.parts.where === newest, String(error));
  assert.deepEqual(stepsOf(run), [2, 4]);
});

test('pages and sheets that cannot be written are reported and do not end the run', async () => {
  const run = config('unseen', '--save-latest-freq', '0', '--display-freq', '2', '--max-steps', '4');
  const folder = pathOf(run);
  const { result, error, said } = await trainHere(run, () => {
    // Folders where the files should be.
    mkdirSync(join(folder, 'index.html'));
    for (const step of [2, 4]) mkdirSync(join(folder, 'samples', `step-0000000${step}.png`), { recursive: true });
  });
  assert.equal(error, undefined);
  assert.equal(result!.reason, 'max-steps');
  for (const step of [2, 4])
    for (const what of ['the sheet of samples', 'the page'])
      assert.match(said, new RegExp(`^step ${step}: ${what} could not be written: E[A-Z]+`, 'm'));
  assert.deepEqual(stepsOf(run), [4]);
  assert.deepEqual(tensorsOf(folder), tensorsOf(pathOf(alone), '4'));
});

test('with --keep-checkpoints 1 the only confirmed checkpoint is kept at the end of the run', async () => {
  const run = config('one', '--save-latest-freq', '2', '--keep-checkpoints', '1', '--max-steps', '5');
  await trainHere(run);
  // No step has succeeded from the weights of step 5 yet; from those of step 4 one has.
  assert.deepEqual(stepsOf(run), [4, 5]);
  await resumeHere(run, { maxSteps: 7 });
  assert.deepEqual(stepsOf(run), [6, 7]);
});

test('train --resume and encode refuse a run that another process writes into; nothing is changed', async () => {
  const run = config('shared', '--max-steps', '1');
  await trainHere(run);
  const folder = RunFolder.open(checkpointsDir, 'shared');
  using _ = folder.lock();
  const before = readFileSync(folder.configFile, 'utf8');
  const place = ['--name', 'shared', '--checkpoints-dir', checkpointsDir];
  const busy = [/it is in use: process \d+ on /, /one process at a time/, /choose another --name/] as const;
  await refuse(['train', ...place, '--resume', '--max-steps', '5'], 1, ...busy);
  await refuse(['encode', ...place], 1, ...busy);
  assert.equal(readFileSync(folder.configFile, 'utf8'), before);
  assert.equal(lossesOf(folder.path).length, 1);
});

test('the page says what ended a run, and the result where its time went', async () => {
  const limited = config('limited', '--max-steps', '2', '--save-latest-freq', '0');
  const { result } = await trainHere(limited);
  assert.deepEqual(statusOf(limited), ['finished', 'reached --max-steps 2']);
  assert.match(
    result!.time,
    /^Time: \d+\.\d s in steps; besides, waiting for data \d+\.\d s, samples .*, checkpoints .*, page .*, log .*, other .* s$/,
  );
  const timed = config('timed', '--max-minutes', '0.001', '--save-latest-freq', '0');
  await trainHere(timed);
  assert.deepEqual(statusOf(timed), ['finished', 'reached its 0.001 minutes']);
  const stopped = config('stopped', '--max-steps', '1000', '--save-latest-freq', '0');
  const interrupted = await trainHere(stopped, ({ stage }, abort) => {
    const { position } = stage.session;
    const timer = setInterval(() => {
      if (position.step < 2) return;
      clearInterval(timer);
      abort();
    }, 1);
  });
  assert.equal(interrupted.result!.reason, 'interrupted');
  assert.deepEqual(statusOf(stopped), ['stopped', 'interrupted']);
  const whole = config('whole', '--niter', '1', '--niter-decay', '0', '--save-latest-freq', '0');
  await trainHere(whole);
  assert.deepEqual(statusOf(whole), ['finished', 'finished']);
});
