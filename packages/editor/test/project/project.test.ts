/** Drawings as files: there and back, and refused with a reason; colours as the pixels of a network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeObjects } from '../../src/document/groups.js';
import { Mask } from '../../src/document/mask.js';
import { pixelsOf } from '../../src/document/pixels.js';
import {
  blankScene,
  flatten,
  mapsOf,
  noLabel,
  paint,
  pictureScene,
  styleObject,
  valueScene,
} from '../../src/document/scene.js';
import { formatProject, parseProject } from '../../src/project/project.js';

const [width, height] = [40, 30];
const box = (x: number, y: number, w: number, h: number) =>
  Mask.where(width, height, { x, y, width: w, height: h }, () => true);

test('a drawing goes into a file and back: objects, their order, their looks', () => {
  let { scene } = paint(blankScene(width, height, 0), box(5, 5, 20, 10), { kind: 'class', label: 3, countable: true });
  ({ scene } = paint(scene, box(10, 8, 20, 10), { kind: 'class', label: 4, countable: true }));
  scene = styleObject(scene, 3001, { kind: 'cluster', cluster: 2 });
  const text = formatProject({ scene: { ...scene, seed: 7 } });
  const back = parseProject(text, 5);
  assert.equal(back.scene.seed, 7);
  assert.deepEqual(
    back.scene.objects.map(({ id, label, style }) => [id, label, style]),
    scene.objects.map(({ id, label, style }) => [id, label, style]),
  );
  for (const [i, { mask }] of back.scene.objects.entries()) assert.ok(mask.equals(scene.objects[i]!.mask));
  assert.equal(formatProject(back), text);
});

test('a drawing of colours keeps them and its picture', () => {
  const picture = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7) % 256);
  const { scene } = paint(pictureScene(width, height, picture), box(5, 5, 4, 4), {
    kind: 'class',
    label: 1,
    countable: true,
  });
  const project = { scene, colours: ['#ffffff', '#ff0080'] };
  const back = parseProject(formatProject(project), 0);
  assert.deepEqual(back.scene.picture, picture);
  assert.deepEqual(back.colours, project.colours);
});

test('a drawing of values keeps them bit for bit, and its paints', () => {
  const range = { low: 27000, high: 32000 };
  const values = Float32Array.from({ length: width * height }, (_, i) => 27000 + i / 3);
  const { scene } = paint(valueScene(width, height, values), box(5, 5, 4, 4), {
    kind: 'class',
    label: 1,
    countable: true,
  });
  const project = { scene, levels: [32000, Math.fround(28000.1)] };
  const back = parseProject(formatProject(project), 0, range);
  assert.deepEqual(back.scene.values, values);
  assert.deepEqual(back.levels, project.levels);
  assert.equal(back.colours, undefined);
  assert.equal(formatProject(back), formatProject(project));
  assert.throws(() => parseProject(formatProject(project), 0), /a drawing of values, but this model takes colours/);
  assert.throws(() => parseProject(formatProject(project), 5), /a drawing of values, but this model takes classes/);
  const text = JSON.parse(formatProject(project));
  const refuse = (change: object, reason: RegExp) =>
    assert.throws(() => parseProject(JSON.stringify({ ...text, ...change }), 0, range), reason);
  refuse({ values: 'AAAA' }, /values: 3 bytes for 4800/);
  refuse({ levels: ['27000'] }, /levels/);
  refuse({ levels: [27000] }, /class 1, but there are 1/);
  const spoilt = values.slice();
  spoilt[7] = Number.NaN;
  refuse({ values: Buffer.from(spoilt.buffer).toString('base64') }, /values: the value NaN, number 7/);
});

test('a drawing of colours, as earlier versions kept one for such models, becomes one of values', () => {
  const range = { low: 27000, high: 32000 };
  const picture = Uint8Array.from({ length: 3 * width * height }, (_, i) => Math.floor(i / 3) % 256);
  const project = { scene: pictureScene(width, height, picture), colours: ['#000000', '#ffffff', '#333333'] };
  const { scene, levels, colours } = parseProject(formatProject(project), 0, range);
  assert.deepEqual(levels, [27000, 32000, 28000]);
  assert.deepEqual([colours, scene.picture], [undefined, undefined]);
  scene.values!.forEach((value, i) => {
    assert.ok(Math.abs(value - (27000 + ((i % 256) / 255) * 5000)) < 0.002);
  });
});

test('what is no drawing for this model is refused with the reason', () => {
  const good = JSON.parse(formatProject({ scene: blankScene(width, height, 2) }));
  const refuse = (change: object, reason: RegExp, classes = 5) =>
    assert.throws(() => parseProject(JSON.stringify({ ...good, ...change }), classes), reason);
  refuse({ format: 'other' }, /format/);
  refuse({ width: 0 }, /width/);
  refuse({ objects: [...good.objects, ...good.objects] }, /same id/);
  refuse({}, /class 2, but there are 2/, 2);
  refuse({}, /takes colours/, 0);
  refuse({ colours: ['#000000'] }, /takes classes/);
  refuse({ picture: 'AAAA' }, /a picture of 3 bytes/);
  assert.throws(() => parseProject('{', 5), SyntaxError);
});

test('pixels: the colours of labels, the picture where there is none, luminance for one channel', () => {
  const picture = Uint8Array.from({ length: 3 * width * height }, (_, i) => i % 251);
  const { scene } = paint(pictureScene(width, height, picture), box(2, 1, 2, 1), {
    kind: 'class',
    label: 1,
    countable: true,
  });
  const maps = mapsOf(scene);
  flatten(scene, maps);
  assert.equal(maps.labels[0], noLabel);
  const colours = Uint32Array.of(0xffffff, 0xff0080);
  const rect = { x: 1, y: 1, width: 3, height: 1 };
  const at = 3 * (width + 1);
  assert.deepEqual(
    [...pixelsOf(maps, picture, colours, rect, 3)],
    [...picture.subarray(at, at + 3), 255, 0, 128, 255, 0, 128],
  );
  const grey = Math.round(0.299 * 255 + 0.114 * 128);
  assert.deepEqual([...pixelsOf(maps, picture, colours, rect, 1)].slice(1), [grey, grey]);
  const greys = Uint32Array.from({ length: 256 }, (_, v) => v * 0x010101);
  for (let v = 0; v < 255; v++) {
    const one = { width: 1, labels: Uint16Array.of(v) };
    assert.deepEqual([...pixelsOf(one, undefined, greys, { x: 0, y: 0, width: 1, height: 1 }, 1)], [v]);
  }
  // Nothing is filled behind an object on a picture: the picture is there.
  assert.equal(removeObjects(scene, [1001]).objects.length, 0);
});
