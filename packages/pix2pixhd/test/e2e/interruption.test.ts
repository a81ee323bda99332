/**
 * Interrupted runs: by SIGKILL at any moment, also while a checkpoint is written, and by Ctrl-C. What is
 * on the disk then is intact, and resuming gives the run without the interruption.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { readLossLog } from '../../src/run/loss-log.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { type Started, start, succeed, until } from '../support/cli.js';
import { assertSameRun, tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
const checkpointsDir = join(root, 'checkpoints');
writeImagePairs(dataroot, 'train', 5, 32, 32);

const endless = ['--max-steps', '100000'];
const place = (name: string): string[] => ['--name', name, '--checkpoints-dir', checkpointsDir];
/** Saves only every so many steps, so that the machine's speed does not matter. */
const train = (name: string, saveEvery: number, maxSteps: readonly string[]): string[] => [
  ...['train', ...place(name), '--dataroot', dataroot, '--label-nc', '0', ...tiny, ...maxSteps],
  ...['--save-latest-freq', String(saveEvery), '--save-latest-minutes', '0', '--save-epoch-freq', '0'],
  ...['--display-freq', '0', '--keep-checkpoints', '0'],
];
const resume = (name: string, ...rest: readonly string[]): string[] => ['train', ...place(name), '--resume', ...rest];

const stepsLogged = (name: string): number => readLossLog(join(checkpointsDir, name, 'losses.jsonl')).length;
const storeOf = (name: string): CheckpointStore => new CheckpointStore(join(checkpointsDir, name, 'checkpoints'));

async function kill({ child, ended }: Started): Promise<void> {
  child.kill('SIGKILL');
  assert.equal((await ended).signal, 'SIGKILL');
}

/** Resumes the run to two steps beyond what it ever reached, and compares it with an undisturbed one. */
async function assertResumes(name: string): Promise<string> {
  const steps = stepsLogged(name) + 2;
  const said = await succeed(...resume(name, '--max-steps', String(steps)));
  await succeed(...train(`${name}-alone`, 0, ['--max-steps', String(steps)]));
  assertSameRun(join(checkpointsDir, name), join(checkpointsDir, `${name}-alone`), steps);
  return said;
}

test('killed some steps after a checkpoint: those steps are done again', async () => {
  // Saves are rare enough that none can happen between the check and the kill.
  const run = start(train('between', 40, endless));
  const stepsSince = () => stepsLogged('between') - (storeOf('between').steps().at(-1) ?? Number.POSITIVE_INFINITY);
  await until(() => stepsSince() >= 2 && stepsSince() <= 10, run);
  await kill(run);
  const saved = storeOf('between').steps().at(-1)!;
  assert.ok(stepsLogged('between') > saved);
  assert.match(await assertResumes('between'), new RegExp(`continuing after step ${saved} `));
});

test('killed before the first checkpoint: --resume starts over', async () => {
  const run = start(train('early', 0, endless));
  await until(() => stepsLogged('early') >= 3, run);
  await kill(run);
  assert.deepEqual(storeOf('early').steps(), []);
  assert.doesNotMatch(await assertResumes('early'), /continuing after/);
});

test('killed repeatedly while saving: every named file is intact, temporary files are removed', async t => {
  const { folder } = storeOf('battered');
  let leftHalf = 0;
  for (let round = 0; round < 5; round++) {
    const run = start(round === 0 ? train('battered', 1, endless) : resume('battered'));
    const before = storeOf('battered').steps().length;
    await until(() => storeOf('battered').steps().length > before, run);
    await (round % 2 === 0 ? nextWriting(folder) : sleep(round * 23));
    await kill(run);
    const files = readdirSync(folder);
    for (const file of files.filter(name => name.endsWith('.safetensors')))
      assert.ok(Checkpoint.read(join(folder, file)).state.step > 0);
    RunFolder.open(checkpointsDir, 'battered').readConfig();
    leftHalf += files.filter(name => name.endsWith('.tmp')).length;
  }
  t.diagnostic(`${leftHalf} half-written files found`);
  writeFileSync(join(folder, '.step-00000099.safetensors.1.0a.tmp'), 'half a checkpoint');
  await assertResumes('battered');
  assert.deepEqual(
    readdirSync(folder).filter(name => name.endsWith('.tmp')),
    [],
  );
});

/** Waits until a checkpoint is being written under its temporary name. */
function nextWriting(folder: string): Promise<void> {
  return new Promise(resolve => {
    const watcher = watch(folder, (_, file) => {
      if (file?.endsWith('.tmp') !== true) return;
      watcher.close();
      resolve();
    });
  });
}

test('Ctrl-C saves and exits with 130, SIGTERM with 143, so that a shell script stops', async () => {
  const ended = start([...train('terminated', 0, endless), '--json']);
  await until(() => stepsLogged('terminated') >= 1, ended);
  ended.child.kill('SIGTERM');
  const terminated = await ended.ended;
  assert.equal(terminated.code, 143);
  const { event, reason, step } = JSON.parse(terminated.stdout.trimEnd().split('\n').at(-1)!);
  assert.deepEqual([event, reason, step], ['result', 'interrupted', stepsLogged('terminated')]);
  assert.equal(storeOf('terminated').steps().length, 1);
  const run = start(train('interrupted', 0, endless));
  await until(() => stepsLogged('interrupted') >= 3, run);
  run.child.kill('SIGINT');
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 130, stderr);
  const steps = stepsLogged('interrupted');
  assert.match(stderr, /saving; press Ctrl-C again to leave at once/);
  assert.match(stdout, new RegExp(`Interrupted after step ${steps}\\.`));
  assert.deepEqual(storeOf('interrupted').steps(), [steps]);
  await assertResumes('interrupted');
});

test('a second Ctrl-C while it saves leaves at once with 130', async () => {
  // Between the two signals the run may have finished saving, which is fine: then try again.
  for (let attempt = 0; attempt < 5; attempt++) {
    const name = `impatient-${attempt}`;
    const run = start(train(name, 0, endless));
    await until(() => existsSync(join(checkpointsDir, name)) && stepsLogged(name) >= 1, run);
    run.child.stderr!.once('data', () => run.child.kill('SIGINT'));
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    if (code === 130) return;
    assert.equal(code, 0);
  }
  assert.fail('five runs saved before the second signal came');
});
