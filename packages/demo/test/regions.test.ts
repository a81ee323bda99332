/** Regions of a label map: what becomes an instance, and where small regions go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divide } from '../src/dataset/regions.js';

/** Maps from lines of digits, and back. */
function divided(minArea: number, ...lines: string[]): { label: string[]; instance: number[] } {
  const width = lines[0]!.length;
  const { label, instance } = divide(Uint8Array.from(lines.join(''), Number), width, lines.length, minArea);
  const text = label.join('');
  return { label: lines.map((_, y) => text.slice(y * width, (y + 1) * width)), instance: [...instance] };
}

test('regions of a class are numbered in reading order; corners do not join, and the background is one', () => {
  const { label, instance } = divided(1, '0110', '1000', '0220', '0201');
  assert.deepEqual(label, ['0110', '1000', '0220', '0201']);
  assert.deepEqual(instance, [0, 1000, 1000, 0, 1001, 0, 0, 0, 0, 2000, 2000, 0, 0, 2000, 0, 1002]);
});

test('a row does not continue in the next one', () => {
  assert.deepEqual(divided(1, '001', '100').instance, [0, 0, 1000, 1001, 0, 0]);
});

test('a small region goes to the neighbour with the longest common border', () => {
  // The 3 touches 1 with two sides, 2 with one, and the edge of the map.
  assert.deepEqual(
    divided(2, '113', '112').label,
    ['111', '112'].map(line => line.replace(/2/, '1')),
  );
  assert.deepEqual(divided(3, '1111', '1332', '2222').label, ['1111', '1112', '2222']);
  assert.deepEqual(divided(3, '1111', '1332', '2222', '2222').label[1], '1112');
});

test('regions of one class that a merge brings together become one', () => {
  const { label, instance } = divided(3, '11111', '22322', '22322', '11111');
  assert.deepEqual(label, ['11111', '22222', '22222', '11111']);
  assert.equal(new Set(instance.slice(5, 15)).size, 1);
});

test('the smallest regions merge first, and may make their neighbour large enough', () => {
  // With only its own five pixels the 3 would merge into the background.
  assert.deepEqual(divided(6, '000000', '033300', '034300', '000000').label, ['000000', '033300', '033300', '000000']);
  assert.deepEqual(divided(7, '000000', '033300', '034300', '000000').label, Array(4).fill('000000'));
});

test('a map of one small region stays as it is', () => {
  assert.deepEqual(divided(9, '77', '77'), { label: ['77', '77'], instance: [7000, 7000, 7000, 7000] });
});

test('noise becomes large regions only, each connected and of one class', () => {
  const side = 48;
  const minArea = 20;
  const noise = Uint8Array.from({ length: side * side }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 24) % 5);
  const { label, instance } = divide(noise, side, side, minArea);
  const again = divide(label, side, side, minArea);
  assert.deepEqual(again.label, label, 'nothing is left to merge');
  assert.deepEqual(again.instance, instance, 'each instance is a whole region');
  const areas = new Map<number, number>();
  for (const id of instance) areas.set(id, (areas.get(id) ?? 0) + 1);
  assert.ok(areas.size > 3, `${areas.size} instances`);
  for (const [id, area] of areas) assert.ok(area >= minArea, `instance ${id} has ${area} pixels`);
  for (let i = 0; i < label.length; i++) assert.equal(label[i], Math.floor(instance[i]! / 1000));
});

test('a class with more regions than ids is refused', () => {
  const side = 64;
  const board = Uint8Array.from({ length: side * side }, (_, i) => ((i % side) + Math.floor(i / side)) % 2);
  assert.throws(() => divide(board, side, side, 1), /more than 1000 regions of class 1/);
});
