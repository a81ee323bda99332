import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readClusteredFeatures } from '../../src/styles/files/clustered-features.js';

/** Files that NumPy wrote (make_npy_dict.py). */
const fixture = (name: string) => fileURLToPath(new URL(`../../../../torch/test/fixtures/${name}`, import.meta.url));

test('the centres of each class, those without any included', () => {
  assert.deepEqual(
    readClusteredFeatures(fixture('clusters.npy')),
    new Map<number, number[][]>([
      [0, []],
      [
        7,
        [
          [-0.5, -0.375, -0.25],
          [-0.125, 0, 0.125],
          [0.25, 0.375, 0.5],
          [0.625, 0.75, 0.875],
        ],
      ],
      [
        26,
        [
          [0.1, -0.2, 1e-300],
          [200 / 255, -1, 128],
        ],
      ],
      [33, []],
    ]),
  );
});

test('other arrays, other files and hostile ones are refused in one clear error', () => {
  for (const [file, found] of [
    ['layouts.npy', /found: {4}3 features in class 2, 2 in another/],
    ['encoder.pth', /not a .npy file/],
    ['exploits/in-dict.npy', /global "posix\.system"; refused/],
  ] as const)
    assert.throws(() => readClusteredFeatures(fixture(file)), { name: 'UserError', message: found });
});
