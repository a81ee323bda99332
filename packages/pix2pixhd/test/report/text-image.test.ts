/** Maps as text: which half of which character is set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textImage } from '../../src/report/text-image.js';

test('a small map is drawn pixel by pixel, two rows per line', () => {
  const map = Uint8Array.from([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0]);
  assert.deepEqual(textImage(map, 4, 3, 72), ['▀▄█', '▀']);
});

test('a wide map is reduced, and a thin line does not vanish', () => {
  const map = new Uint8Array(100 * 40);
  for (let y = 0; y < 40; y++) map[y * 100 + 55] = 1;
  const lines = textImage(map, 100, 40, 10);
  assert.deepEqual(lines, ['     █', '     █']);
});
