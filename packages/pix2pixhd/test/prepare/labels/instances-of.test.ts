/** Connected components against a flood fill, and against SciPy where it is installed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { instancesOf } from '../../../src/prepare/labels/instances-of.js';
import type { IdMap } from '../../../src/raster.js';
import { refused } from './refused.js';
import { random } from './synthetic.js';

const map = (width: number, values: ArrayLike<number>): IdMap => ({
  width,
  height: values.length / width,
  channels: 1,
  data: Uint8Array.from(values),
});

/** Labels 0 to 3 and 255, in pieces of any size. */
function mosaic(width: number, height: number, seed: number): IdMap {
  const next = random(seed);
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const choice = next();
    const above = i >= width ? values[i - width]! : 0;
    const left = i % width > 0 ? values[i - 1]! : 0;
    values[i] = choice < 0.4 ? left : choice < 0.75 ? above : [0, 1, 2, 3, 255][Math.floor(next() * 5)]!;
  }
  return map(width, values);
}

/** Component of each pixel, by filling from each pixel that has none yet. */
function floodFill({ width, height, data }: IdMap, isOpen: (id: number) => boolean, connectivity: 4 | 8): number[] {
  const out = new Array<number>(data.length).fill(0);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (out[start] !== 0 || !isOpen(data[start]!)) continue;
    out[start] = ++count;
    for (const stack = [start]; stack.length > 0; ) {
      const at = stack.pop()!;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          if (connectivity === 4 && dx !== 0 && dy !== 0) continue;
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
          const to = at + dy * width + dx;
          if (out[to] !== 0 || data[to] !== data[start]) continue;
          out[to] = count;
          stack.push(to);
        }
    }
  }
  return out;
}

const sizes = [
  [1, 1],
  [1, 40],
  [40, 1],
  [37, 29],
  [64, 50],
] as const;

test('components are those of a flood fill, in raster order', () => {
  for (const [width, height] of sizes)
    for (let seed = 0; seed < 8; seed++)
      for (const connectivity of [4, 8] as const) {
        const labels = mosaic(width, height, seed);
        const all = instancesOf(labels, 'all', { connectivity });
        assert.deepEqual(
          [...all.instances.data],
          floodFill(labels, id => id !== 0 && id !== 255, connectivity),
        );
        const some = instancesOf(labels, [0, 2], { connectivity });
        assert.deepEqual(
          [...some.instances.data],
          floodFill(labels, id => id === 0 || id === 2, connectivity),
        );
        assert.equal(some.count, Math.max(...some.instances.data));
      }
});

test('small pieces stay 0, the others are numbered without gaps', () => {
  for (let seed = 0; seed < 4; seed++) {
    const labels = mosaic(60, 40, seed);
    const all = floodFill(labels, id => id !== 255, 4);
    const { instances, count, small } = instancesOf(labels, 'all', { connectivity: 4, leastSize: 7, background: null });
    const size = (piece: number) => all.filter(other => other === piece).length;
    const kept = [...new Set(all)].filter(piece => piece > 0 && size(piece) >= 7).sort((a, b) => a - b);
    assert.deepEqual(
      [...instances.data],
      all.map(piece => kept.indexOf(piece) + 1),
    );
    assert.deepEqual([count, small], [kept.length, Math.max(...all) - kept.length]);
  }
});

test('a spiral is one piece, a chessboard 1 or as many as it has fields', () => {
  const board = map(
    64,
    Array.from({ length: 64 * 64 }, (_, i) => ((i % 64) + Math.floor(i / 64)) % 2),
  );
  assert.equal(instancesOf(board, [1], { connectivity: 8 }).count, 1);
  assert.equal(instancesOf(board, [1], { connectivity: 4 }).count, 2048);
  const comb = map(
    41,
    Array.from({ length: 41 * 40 }, (_, i) => Number(i % 2 === 0 || i >= 39 * 41 || i % 41 === 0)),
  );
  assert.deepEqual(
    [...instancesOf(comb, [1]).instances.data],
    floodFill(comb, id => id === 1, 8),
  );
});

test('more instances than 16 bits hold are refused with the name of the map', () => {
  const dots = map(
    600,
    Array.from({ length: 600 * 600 }, (_, i) => Number(i % 2 === 0 && Math.floor(i / 600) % 2 === 0)),
  );
  assert.throws(() => instancesOf(dots, 'all', { name: 'dots.png' }), refused('dots.png', 'more than 65535'));
  assert.equal(instancesOf(dots, 'all', { leastSize: 2 }).count, 0);
});

const hasScipy = spawnSync('python3', ['-c', 'import scipy.ndimage']).status === 0;

test('the same components as scipy.ndimage.label', { skip: !hasScipy && 'needs SciPy' }, () => {
  const labels = map(
    96,
    mosaic(96, 80, 5).data.map(id => Number(id === 2)),
  );
  const program = `import json, sys, numpy, scipy.ndimage
rows = numpy.array(json.load(sys.stdin))
four, n = scipy.ndimage.label(rows)
eight, m = scipy.ndimage.label(rows, numpy.ones((3, 3)))
print(json.dumps([four.ravel().tolist(), eight.ravel().tolist()]))`;
  const rows = Array.from({ length: labels.height }, (_, y) => [...labels.data.subarray(y * 96, (y + 1) * 96)]);
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: JSON.stringify(rows), encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const [four, eight] = JSON.parse(stdout) as [number[], number[]];
  assert.deepEqual([...instancesOf(labels, [1], { connectivity: 4 }).instances.data], four);
  assert.deepEqual([...instancesOf(labels, [1], { connectivity: 8 }).instances.data], eight);
});
