/** Instance maps of label maps: against the connected areas that filling finds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instancesOf } from '../../src/document/instances.js';
import { noLabel } from '../../src/document/scene.js';
import { area } from '../../src/document/shapes.js';
import { draws } from '../support.js';

const [width, height] = [31, 23];

test('each connected area of what can be counted is an object, every other class one', () => {
  for (let seed = 0; seed < 30; seed++) {
    const draw = draws(seed);
    const classes = [0, 1, 2, 3, noLabel];
    const labels = new Uint16Array(width * height);
    for (let i = 0; i < 60; i++) {
      const [x, y, label] = [draw(width), draw(height), classes[draw(classes.length)]!];
      for (let v = y; v < Math.min(height, y + 4); v++)
        labels.fill(label, v * width + x, v * width + Math.min(width, x + 5));
    }
    const countable = (label: number) => label === 0 || label === 2;
    const instances = instancesOf({ width, height, labels }, countable);
    const seen = new Set<number>();
    for (let at = 0; at < labels.length; at++) {
      const [label, id] = [labels[at]!, instances[at]!];
      if (!countable(label)) {
        assert.equal(id, label);
        continue;
      }
      if (seen.has(id)) continue;
      seen.add(id);
      const connected = area({ width, height, values: labels }, { x: at % width, y: Math.floor(at / width) });
      assert.equal(instances.filter(other => other === id).length, connected.area);
      for (const [y, from, to] of connected.runs())
        for (let x = from; x < to; x++) assert.equal(instances[y * width + x], id);
    }
  }
});

test('more than a thousand areas of one class have as many ids', () => {
  const labels = Uint16Array.from({ length: 80 * 60 }, (_, at) => (at + Math.floor(at / 80)) % 2);
  const instances = instancesOf({ width: 80, height: 60, labels }, () => true);
  assert.equal(new Set(instances).size, 4800);
});
