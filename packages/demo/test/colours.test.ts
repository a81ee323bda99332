/** Colours: conversion, palette and names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameColours } from '../src/colours/names.js';
import { choosePalette, Palette } from '../src/colours/palette.js';
import { fromHex, labDistance, type Rgb, toHex, toLab, toRgb } from '../src/colours/space.js';

test('CIE Lab of the primaries is what Lindbloom tabulates for sRGB and D65', () => {
  const expected: ReadonlyArray<readonly [string, readonly number[]]> = [
    ['#ffffff', [100, 0, 0]],
    ['#000000', [0, 0, 0]],
    ['#ff0000', [53.24, 80.09, 67.2]],
    ['#00ff00', [87.73, -86.18, 83.18]],
    ['#0000ff', [32.3, 79.19, -107.86]],
  ];
  for (const [hex, lab] of expected) {
    for (const [i, value] of toLab(fromHex(hex)).entries()) {
      assert.ok(Math.abs(value - lab[i]!) < 0.03, `${hex}: ${toLab(fromHex(hex))}`);
    }
  }
});

test('every colour survives a round trip through Lab and through hex', () => {
  for (let r = 0; r < 256; r += 17)
    for (let g = 0; g < 256; g += 17)
      for (let b = 0; b < 256; b += 15) {
        const colour: Rgb = [r, g, b];
        assert.deepEqual(toRgb(toLab(colour)), colour);
        assert.deepEqual(fromHex(toHex(colour)), colour);
      }
});

test('with few colours the palette has them all, the darkest first, in any input order', () => {
  const colours = ['#101010', '#c01020', '#2040d0', '#30b040', '#f0e060', '#ffffff'].map(fromHex);
  const samples = Array.from({ length: 60 }, (_, i) => colours[(i * 7) % colours.length]!);
  const palette = choosePalette(samples, colours.length);
  assert.deepEqual(new Set(palette.map(toHex)), new Set(colours.map(toHex)));
  const lightness = palette.map(colour => toLab(colour)[0]);
  assert.deepEqual(
    lightness,
    [...lightness].sort((a, b) => a - b),
  );
  assert.deepEqual(choosePalette(samples, colours.length), palette);
  assert.throws(() => choosePalette(colours, 7), /7 colours from 6 samples/);
});

test('the nearest colour has the smallest difference in Lab', () => {
  const palette = new Palette(['#000000', '#804020', '#20a0e0', '#f0f0f0'].map(fromHex));
  for (const hex of ['#000000', '#703020', '#1f1f1f', '#ffffff', '#3090c0', '#808080']) {
    const found = palette.nearest(Number.parseInt(hex.slice(1), 16));
    const distances = palette.colours.map(colour => labDistance(toLab(colour), toLab(fromHex(hex))));
    assert.equal(distances[found], Math.min(...distances), hex);
  }
});

test('names are plain words, and no two are equal', () => {
  assert.deepEqual(nameColours(['#fefefe', '#fafafa', '#8c1122', '#0a0a0a', '#2272dd'].map(fromHex)), [
    'white',
    'white 2',
    'dark red',
    'black',
    'blue',
  ]);
});
