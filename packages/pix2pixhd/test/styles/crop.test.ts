/** The image of an instance: its pixels as they are, what is beside it faded, and never larger than it need be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cropInstance } from '../../src/styles/build/crop.js';

/** An image of constant colour with an instance, id 5, in a box. */
function scene(size: number, box: { x: number; y: number; width: number; height: number }, channels: number) {
  const ids = Int32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height ? 5 : 0;
  });
  const colours = [-1, 0, 0.6].slice(0, channels);
  const image = Float32Array.from(
    { length: channels * size * size },
    (_, i) => colours[Math.floor(i / (size * size))]!,
  );
  return { width: size, height: size, image, channels, ids };
}

test('a margin of one pixel around a small instance, faded to white by 70 %', async () => {
  const box = { x: 3, y: 0, width: 2, height: 4 };
  const crop = await cropInstance(scene(10, box, 3), { id: 5, box });
  // The image ends above the instance.
  assert.deepEqual([crop.width, crop.height], [4, 5]);
  const at = (x: number, y: number) => [...crop.data.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)];
  const own = [0, 128, 204];
  assert.deepEqual(at(1, 0), own);
  assert.deepEqual(at(2, 3), own);
  // 0 + 255 · 0.7, 127.5 + 127.5 · 0.7, 204 + 51 · 0.7
  for (const [x, y] of [
    [0, 0],
    [3, 2],
    [1, 4],
  ] as const)
    assert.deepEqual(at(x, y), [179, 217, 240]);
});

test('a large one is reduced to 64 pixels; one channel is shown as grey', async () => {
  const box = { x: 20, y: 40, width: 160, height: 80 };
  const crop = await cropInstance(scene(200, box, 1), { id: 5, box });
  assert.equal(Math.max(crop.width, crop.height), 64);
  assert.equal(crop.width, 64);
  assert.equal(crop.height, Math.round((64 * (80 + 32)) / (160 + 32)));
  const middle = (Math.floor(crop.height / 2) * crop.width + 32) * 3;
  assert.deepEqual([...crop.data.subarray(middle, middle + 3)], [0, 0, 0]);
});
