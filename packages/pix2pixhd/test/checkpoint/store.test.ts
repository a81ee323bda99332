/** The folder of a run's checkpoints: leftovers of killed processes, second names, full disks. */
import assert from 'node:assert/strict';
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { temporaryName } from '@pix2pixhd/torch/atomic-write';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { noise, temporaryFolder } from '../data/images.js';
import { smallDisk } from '../support/small-disk.js';

const bytes = 400_000;
const weights = (salt: number): Map<string, TensorData> =>
  new Map([['G.model.1.weight', { dtype: 'uint8', shape: [bytes], bytes: noise(bytes, salt) }]]);

test('leftovers of killed processes are removed, files or folders, and nothing else', t => {
  const store = new CheckpointStore(join(temporaryFolder(t), 'checkpoints'));
  writeFileSync(store.pathOf(4), 'whole');
  const foreign = ['.nfs0001', 'notes.tmp', '.hidden', 'step-00000004.safetensors.damaged'];
  for (const name of [...foreign, temporaryName('step-00000008.safetensors'), 'best.safetensors.tmp'])
    writeFileSync(join(store.folder, name), 'x');
  const folder = temporaryName('best.safetensors');
  mkdirSync(join(store.folder, folder, 'deep'), { recursive: true });
  store.removeLeftovers();
  assert.deepEqual(readdirSync(store.folder).sort(), [...foreign, 'step-00000004.safetensors'].sort());
  assert.deepEqual(store.steps(), [4]);
});

test('a second name is created even if something has the temporary name of earlier versions', t => {
  const store = new CheckpointStore(join(temporaryFolder(t), 'checkpoints'));
  writeFileSync(store.pathOf(4), 'four');
  writeFileSync(store.pathOf(8), 'eight');
  mkdirSync(join(store.folder, 'best.safetensors.tmp', 'deep'), { recursive: true });
  store.markBest(4);
  // Renaming one name of a file over another does nothing, and must not leave the third behind.
  store.markBest(4);
  store.markBest(8);
  assert.equal(readFileSync(store.best, 'utf8'), 'eight');
  assert.deepEqual(readdirSync(store.folder).sort(), [
    'best.safetensors',
    'best.safetensors.tmp',
    'step-00000004.safetensors',
    'step-00000008.safetensors',
  ]);
});

test('on a file system without hard links the second name is a copy', t => {
  const store = new CheckpointStore(join(temporaryFolder(t), 'checkpoints'));
  writeSafetensors(store.pathOf(4), weights(4));
  const { linkSync } = fs;
  t.after(() => {
    fs.linkSync = linkSync;
    syncBuiltinESMExports();
  });
  // A real one would need a disk of its own.
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
  store.markBest(4);
  assert.notEqual(statSync(store.best).ino, statSync(store.pathOf(4)).ino);
  assert.deepEqual(readFileSync(store.best), readFileSync(store.pathOf(4)));
  assert.deepEqual(readdirSync(store.folder), ['best.safetensors', 'step-00000004.safetensors']);
});

test('on a full disk the error names the checkpoint, earlier ones stay intact, and saving works once there is space', t => {
  const disk = smallDisk(t, 2 ** 20);
  if (disk === undefined) return;
  const store = new CheckpointStore(disk.folder);
  for (const step of [1, 2]) writeSafetensors(store.pathOf(step), weights(step));
  store.markBest(1);
  const before = [1, 2].map(step => readFileSync(store.pathOf(step)));
  const path = store.pathOf(3);
  assert.throws(() => writeSafetensors(path, weights(3)), { code: 'ENOSPC', path });
  assert.deepEqual(
    [1, 2].map(step => readFileSync(store.pathOf(step))),
    before,
  );
  assert.deepEqual(readdirSync(disk.folder).length, 3);
  assert.ok(!existsSync(path));
  fs.rmSync(store.pathOf(2));
  writeSafetensors(path, weights(3));
  assert.deepEqual(store.steps(), [1, 3]);
});
