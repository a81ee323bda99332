/** Colour words: paints are found by what they look like, in both languages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coloursTyped, wordsOf } from '../../src/page/colour-words.js';

test('colours that people agree on have their word', () => {
  // CSS's colours of these names, and emoji's.
  const known = {
    red: ['#ff0000', '#dc143c', '#8b0000', '#f83330'],
    orange: ['#ffa500', '#ff8c00', '#f88122'],
    yellow: ['#ffff00', '#ffd700', '#fef0b3', '#fdcd41'],
    green: ['#008000', '#00ff00', '#2e8b57', '#9bde34'],
    blue: ['#0000ff', '#4169e1', '#87ceeb', '#33cff8', '#000080'],
    purple: ['#800080', '#8a2be2', '#533e72', '#554cea'],
    pink: ['#ffc0cb', '#ff69b4', '#ff1493', '#ff76ca'],
    brown: ['#8b4513', '#a52a2a', '#573737', '#945f54', '#ca8d7c'],
    skin: ['#f5c8b3', '#ffdbac', '#e0ac69', '#c68642'],
    white: ['#ffffff', '#f4f3f4'],
    grey: ['#808080', '#a09ea1', '#596b64', '#d2cfd5'],
    black: ['#000000', '#1b1819'],
  };
  for (const [word, colours] of Object.entries(known))
    for (const colour of colours)
      assert.ok(
        [...wordsOf(colour)].includes(word as never),
        `${colour} is ${word}, not only ${[...wordsOf(colour)].join(', ')}`,
      );
  for (const grey of ['#ffffff', '#808080', '#000000']) assert.equal(wordsOf(grey).size, 1);
  assert.ok(!wordsOf('#ff0000').has('brown') && !wordsOf('#0000ff').has('purple') && !wordsOf('#008000').has('blue'));
});

test('every colour has a word, and none has more than three', () => {
  const two = (value: number) => value.toString(16).padStart(2, '0');
  for (let red = 0; red < 256; red += 15)
    for (let green = 0; green < 256; green += 15)
      for (let blue = 0; blue < 256; blue += 15) {
        const colour = `#${two(red)}${two(green)}${two(blue)}`;
        const { size } = wordsOf(colour);
        assert.ok(size >= 1 && size <= 3, `${colour}: ${[...wordsOf(colour)].join(', ')}`);
      }
});

test('a word is known from its beginning on, in English and Korean; a letter or two is none', () => {
  const typed = (text: string) => [...coloursTyped(text)];
  assert.deepEqual(typed('red'), ['red']);
  assert.deepEqual(typed(' Yel'), ['yellow']);
  assert.deepEqual(typed('gray'), ['grey']);
  assert.deepEqual(typed('빨간색'), ['red']);
  assert.deepEqual(typed('흰'), ['white']);
  assert.deepEqual(typed('갈색'), ['brown']);
  for (const text of ['', 're', 'dark red', 'car', '3']) assert.deepEqual(typed(text), []);
});
