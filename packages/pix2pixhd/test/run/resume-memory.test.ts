/** A resumed run holds networks and moments, as libtorch's tensors; of the checkpoint's bytes nothing. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { configOf, resumeHere, trainHere } from '../support/in-process.js';
import { writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
writeImagePairs(join(root, 'data'), 'train', 2, 32, 32);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of all array buffers that something still holds. */
async function heldBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    // Finalisers run between turns of the event loop.
    await nextTurn();
  }
  return process.memoryUsage().arrayBuffers;
}

test('the bytes of the checkpoint are not kept while a resumed run trains', async () => {
  const config = configOf(root, 'run', join(root, 'data'), '--ngf', '24', '--ndf', '24', '--max-steps', '1');
  await trainHere(config);
  const file = statSync(new CheckpointStore(join(root, 'run', 'checkpoints')).find('latest')).size;
  assert.ok(file > 8e6, `a checkpoint of ${file} bytes`);
  const before = await heldBytes();
  let held = Number.NaN;
  const resumed = resumeHere(config, { maxSteps: 6 }, undefined, ({ type }) => {
    if (type !== 'step') return;
    collectGarbage();
    held = process.memoryUsage().arrayBuffers - before;
  });
  assert.equal((await resumed).error, undefined);
  assert.ok(held < file / 8, `${held} bytes are held beside the networks, the checkpoint has ${file}`);
});
