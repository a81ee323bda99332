/** The style book as tensors and back, and what is refused on the way. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors, type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { StyleBook } from '@pix2pixhd/web/scene';
import { fromStyleTensors, toStyleTensors } from '../../src/styles/files/style-book-tensors.js';
import { noise } from '../data/images.js';

const book = new StyleBook(
  Float32Array.of(0.1, 0.2),
  new Map([
    [
      26,
      {
        mean: Float32Array.of(0.25, -1),
        clusters: [
          {
            centre: Float32Array.of(0.5, 1),
            count: 5,
            crop: { width: 4, height: 3, data: noise(36) },
          },
          { centre: Float32Array.of(-0.5, 0), count: 2 },
        ],
      },
    ],
    [7, { mean: Float32Array.of(1, 1), clusters: [] }],
  ]),
);

test('through a safetensors file and back nothing is lost, beside tensors of others', t => {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-styles-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'styles.safetensors');
  const weight: TensorData = { dtype: 'float32', shape: [1], bytes: new Uint8Array(4) };
  writeSafetensors(file, new Map([['G.weight', weight], ...toStyleTensors(book)]));
  const { tensors } = readSafetensors(file);
  assert.deepEqual([...tensors.keys()].sort(), [
    'G.weight',
    'styles.26.centres',
    'styles.26.counts',
    'styles.26.crop.0',
    'styles.26.mean',
    'styles.7.centres',
    'styles.7.counts',
    'styles.7.mean',
    'styles.mean',
  ]);
  assert.deepEqual(tensors.get('styles.26.crop.0')!.shape, [3, 4, 3]);
  assert.deepEqual(fromStyleTensors(tensors), book);
  assert.equal(fromStyleTensors(new Map([['G.weight', weight]])), undefined);
});

test('what is missing, of another shape, too much or not finite is named', () => {
  const broken = (change: (tensors: Map<string, TensorData>) => void) => () => {
    const tensors = toStyleTensors(book);
    change(tensors);
    fromStyleTensors(tensors);
  };
  const replace = (name: string, to: Partial<TensorData>) =>
    broken(tensors => tensors.set(name, { ...tensors.get(name)!, ...to }));
  assert.throws(
    broken(tensors => tensors.delete('styles.mean')),
    /tensor styles\.mean is missing, expected float32 \(C\)/,
  );
  assert.throws(
    broken(tensors => tensors.delete('styles.26.counts')),
    /styles\.26\.counts is missing, expected int64 \(2\)/,
  );
  assert.throws(replace('styles.26.counts', { dtype: 'float64' }), /counts is float64 \(2\), expected int64 \(2\)/);
  assert.throws(replace('styles.26.centres', { shape: [1, 4] }), /centres is float32 \(1, 4\), expected .*\(K, 2\)/);
  assert.throws(replace('styles.26.crop.0', { shape: [36] }), /crop\.0 is uint8 \(36\), expected .*height, width, 3/);
  const third = { shape: [3], bytes: new Uint8Array(12) };
  assert.throws(replace('styles.26.mean', third), /styles\.26\.mean is float32 \(3\), expected float32 \(2\)/);
  const nan = { bytes: new Uint8Array(Float32Array.of(Number.NaN, 0).buffer) };
  assert.throws(replace('styles.7.mean', nan), /mean style of class 7 holds a value that is not finite/);
  const stray: TensorData = { dtype: 'uint8', shape: [0], bytes: new Uint8Array(0) };
  for (const name of ['styles.26.crop.2', 'styles.9.mean', 'styles.26.radius'])
    assert.throws(
      broken(tensors => tensors.set(name, stray)),
      new RegExp(`tensor ${name} does not belong to any style`),
    );
});
