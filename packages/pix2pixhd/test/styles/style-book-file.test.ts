/** Styles in a checkpoint's file: stored beside everything else, which stays as it was, and under all names of the file. */

import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors, type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { StyleBook } from '@pix2pixhd/web/scene';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { UserError } from '../../src/errors.js';
import { readStyles, writeStyles } from '../../src/styles/files/style-book-file.js';
import { toStyleTensors } from '../../src/styles/files/style-book-tensors.js';
import { noise, temporaryFolder } from '../data/images.js';

const weights = new Map<string, TensorData>([
  ['rng.cpu', { dtype: 'uint8', shape: [7], bytes: noise(7, 1) }],
  ['G.model.1.weight', { dtype: 'float32', shape: [2, 3], bytes: noise(24, 2) }],
  ['G.batches', { dtype: 'int64', shape: [], bytes: noise(8, 3) }],
]);
const metadata = { format: 'pix2pixhd', version: '1', state: '{"step": 12, "ü": "\\n"}' };

function bookOf(classes: number): StyleBook {
  const styles = (id: number) => ({
    mean: Float32Array.of(id, 0.5),
    clusters: [{ centre: Float32Array.of(id, -1), count: 3, crop: { width: 2, height: 1, data: noise(6, id) } }],
  });
  return new StyleBook(Float32Array.of(0, 1), new Map(Array.from({ length: classes }, (_, id) => [id, styles(id)])));
}

test('storing styles keeps every other tensor and text bit by bit, and replaces the styles before', t => {
  const path = join(temporaryFolder(t), 'step.safetensors');
  writeSafetensors(path, weights, metadata);
  assert.equal(readStyles(path), undefined);
  for (const book of [bookOf(3), bookOf(1)]) {
    writeStyles(path, book);
    assert.deepEqual(readStyles(path), book);
    const { tensors, metadata: texts } = readSafetensors(path, name => !name.startsWith('styles.'));
    assert.deepEqual(tensors, weights);
    assert.deepEqual(texts, metadata);
  }
});

test('the best checkpoint and that of its step stay one file, whichever is written to', t => {
  const store = new CheckpointStore(join(temporaryFolder(t), 'checkpoints'));
  for (const step of [4, 8]) writeSafetensors(store.pathOf(step), weights, { ...metadata, state: `${step}` });
  store.markBest(4);
  const before = statSync(store.pathOf(8)).ino;
  for (const [written, classes] of [
    [store.best, 1],
    [store.pathOf(4), 2],
  ] as const) {
    store.rewriting(written, () => writeStyles(written, bookOf(classes)));
    assert.deepEqual(readStyles(store.best), bookOf(classes));
    assert.equal(statSync(store.best).ino, statSync(store.pathOf(4)).ino);
  }
  assert.equal(readStyles(store.pathOf(8)), undefined);
  assert.equal(statSync(store.pathOf(8)).ino, before);
  store.rewriting(store.pathOf(8), () => writeStyles(store.pathOf(8), bookOf(3)));
  assert.deepEqual(readStyles(store.best), bookOf(2));
  assert.deepEqual(readdirSync(store.folder), [
    'best.safetensors',
    'step-00000004.safetensors',
    'step-00000008.safetensors',
  ]);
});

test('malformed styles, and files that are not checkpoints, are refused by name', t => {
  const path = join(temporaryFolder(t), 'step.safetensors');
  const tensors = new Map([...weights, ...toStyleTensors(bookOf(1))]);
  tensors.delete('styles.0.counts');
  writeSafetensors(path, tensors, metadata);
  const refused = (found: RegExp) => (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.ok(error.message.includes(path), error.message);
    assert.match(error.message, found);
    return true;
  };
  assert.throws(() => readStyles(path), refused(/styles\.0\.counts is missing/));
  writeFileSync(path, 'no checkpoint');
  assert.throws(() => readStyles(path), refused(/is not a safetensors file/));
  assert.throws(() => writeStyles(path, bookOf(1)), refused(/is not a safetensors file/));
});
