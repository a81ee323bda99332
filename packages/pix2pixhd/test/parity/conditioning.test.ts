/**
 * Boundary maps and the encoded input against the public implementation's on real maps, exactly.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ops, scope, viewAs } from '@pix2pixhd/torch';
import { conditionTensor } from '../../src/conditioning/tensors.js';
import { boundaryMap } from '../../src/data/labels/boundary.js';
import { numbers } from '../support/compare.js';
import { fullSetOnly, parityCase, type Vector, vectorData } from './vectors.js';

interface Edges {
  readonly items: readonly { readonly input: Vector; readonly output: Vector }[];
}

interface Encoded {
  readonly label: Vector;
  readonly inst: Vector;
  readonly output_shape: readonly number[];
  readonly output_sha256_f32: string;
  readonly channel_sums: readonly number[];
}

test('boundary maps', t => {
  const edges = parityCase<Edges>('edges');
  if (edges === undefined) return t.skip(fullSetOnly);
  for (const { input, output } of edges.items) {
    const instances = vectorData(input);
    const [height, width] = instances.shape as [number, number];
    assert.deepEqual(boundaryMap(viewAs('int32', instances.bytes), width, height), vectorData(output).bytes.slice());
  }
});

test('the encoded input, to the last bit', t => {
  const recorded = parityCase<Encoded>('encode_input');
  if (recorded === undefined) return t.skip(fullSetOnly);
  const label = Int32Array.from(vectorData(recorded.label).bytes);
  const instance = viewAs('int32', vectorData(recorded.inst).bytes);
  const [images, channels, height, width] = recorded.output_shape as [number, number, number, number];
  for (const memory of ['contiguous', 'channels_last'] as const)
    scope(() => {
      const format = { dtype: 'float32', memory, device: 'cpu' } as const;
      const encoded = conditionTensor({ images, width, height, label, instance }, channels - 1, true, format);
      assert.deepEqual(encoded.shape, recorded.output_shape);
      assert.deepEqual(numbers(ops.sum(encoded, [0, 2, 3])), recorded.channel_sums);
      const bytes = encoded.toData().bytes;
      assert.equal(createHash('sha256').update(bytes).digest('hex'), recorded.output_sha256_f32);
    });
});
