/** Maps as PNG: there and back, the kinds of files that others write, and files that are refused with what was found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { sceneOf } from '../../src/document/layers.js';
import { blankScene, flatten, type Maps, mapsOf, noLabel, paint, type Scene } from '../../src/document/scene.js';
import { ellipse } from '../../src/document/shapes.js';
import { encodeMap, readMaps, shortIds } from '../../src/project/map-files.js';
import { FileError, type FileProblem } from '../../src/project/stored-values.js';
import { draws } from '../support.js';

const [width, height] = [40, 30];
const countable = (label: number) => label >= 2;
const expected = { labelNc: 5, countable, limits: { side: 64, pixels: 3000 } };

function flat(scene: Scene): Maps {
  const maps = mapsOf(scene);
  flatten(scene, maps);
  return maps;
}

function drawing(seed: number): Maps {
  const draw = draws(seed);
  let scene = blankScene(width, height, 0);
  for (let i = 0; i < 8; i++) {
    const [a, b] = [0, 1].map(() => ({ x: draw(width), y: draw(height) }));
    const label = 1 + draw(4);
    const pixels = ellipse({ width, height }, a!, b!);
    ({ scene } = paint(scene, pixels, { kind: 'class', label, countable: countable(label) }));
  }
  return flat(scene);
}

const maps = drawing(1);
const label = { name: 'label.png', bytes: encodeMap(maps, maps.labels, 8) };
const instance = { name: 'inst.png', bytes: encodeMap(maps, maps.instances, 16) };

/** A file whose bytes after the header are as they are given: kinds that fast-png does not write. */
function png(size: { width: number; height: number }, bits: number, colourType: number, rows: Uint8Array): Uint8Array {
  const file = (type: string, data: Uint8Array) => {
    const bytes = new Uint8Array(12 + data.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    bytes.set(new TextEncoder().encode(type), 4);
    bytes.set(data, 8);
    let crc = -1;
    for (const byte of bytes.subarray(4, 8 + data.length)) {
      crc ^= byte;
      for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    view.setUint32(8 + data.length, ~crc >>> 0);
    return bytes;
  };
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, size.width);
  new DataView(header.buffer).setUint32(4, size.height);
  header.set([bits, colourType], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const palette = colourType === 3 ? [file('PLTE', new Uint8Array(3 * 2 ** bits).fill(7))] : [];
  const parts = [
    signature,
    file('IHDR', header),
    ...palette,
    file('IDAT', deflateSync(rows)),
    file('IEND', new Uint8Array()),
  ];
  return Uint8Array.from(Buffer.concat(parts));
}

function refused(files: Parameters<typeof readMaps>[0], problem: FileProblem, found: object, as = expected): void {
  assert.throws(
    () => readMaps(files, as),
    error => {
      assert.ok(error instanceof FileError);
      assert.equal(error.problem, problem);
      assert.deepEqual({ ...error.found, ...found }, error.found);
      return true;
    },
  );
}

test('what is saved is opened as it was, in either order, and again through a scene', () => {
  for (let seed = 0; seed < 20; seed++) {
    const saved = drawing(seed);
    const files = [
      { name: 'a.png', bytes: encodeMap(saved, saved.labels, 8) },
      { name: 'b.png', bytes: encodeMap(saved, saved.instances, 16) },
    ];
    assert.deepEqual(readMaps(files, expected), saved);
    assert.deepEqual(readMaps(files.toReversed(), expected), saved);
    assert.deepEqual(flat(sceneOf(readMaps(files, expected))), saved);
  }
  assert.throws(() => encodeMap(maps, maps.instances, 8), /does not fit 8 bits/);
});

test('ids of more than 16 bits become others that no object has', () => {
  const ids = Int32Array.of(5, 65535, 65534, 149001, 149002, 149001, 65535, 66001);
  assert.deepEqual([...shortIds(ids)], [5, 65535, 65534, 65533, 65532, 65533, 65535, 65531]);
  assert.deepEqual(shortIds(maps.instances), maps.instances);
});

test('a label map alone: its connected areas are the objects', () => {
  const { labels, instances } = readMaps([label], expected);
  assert.deepEqual(labels, maps.labels);
  labels.forEach((value, at) => {
    if (countable(value)) assert.equal(Math.floor(instances[at]! / 1000), value);
    else assert.equal(instances[at], value);
  });
});

test('grey and palettes of 1, 2, 4, 8 and 16 bits hold the values that are stored', () => {
  const size = { width: 11, height: 3 };
  for (const bits of [1, 2, 4, 8, 16])
    for (const colourType of bits === 16 ? [0] : [0, 3]) {
      const values = Uint16Array.from({ length: 33 }, (_, i) => (i * 7) % Math.min(5, 2 ** bits));
      const perRow = Math.ceil((11 * bits) / 8);
      const rows = new Uint8Array(3 * (1 + perRow));
      values.forEach((value, i) => {
        const [x, y] = [i % 11, Math.floor(i / 11)];
        const row = y * (1 + perRow) + 1;
        if (bits === 16) rows[row + 2 * x + 1] = value;
        else rows[row + Math.floor((x * bits) / 8)]! |= value << (8 - bits - ((x * bits) % 8));
      });
      const { labels } = readMaps([{ name: 'a.png', bytes: png(size, bits, colourType, rows) }], expected);
      assert.deepEqual(labels, values, `${bits} bits, colour type ${colourType}`);
    }
});

test('the instance map is known by its bits, else by its name, else by values that are no class', () => {
  const small = maps.instances.map(id => (id < 1000 ? id : 100 + (id % 1000)));
  const bytes = encodeMap(maps, small, 8);
  for (const names of [
    ['map.png', 'x_instanceIds.png'],
    ['labels.png', 'inst_1.png'],
    ['a.png', 'b.png'],
    ['instance-of-a-label.png', 'instance-ids.png'],
  ]) {
    const files = [
      { name: names[0]!, bytes: label.bytes },
      { name: names[1]!, bytes },
    ];
    assert.deepEqual(readMaps(files.toReversed(), expected).instances, small, names.join());
  }
  const twice = [label, { ...label, name: 'other.png' }];
  refused(twice, 'mapWhich', { first: 'label.png', second: 'other.png' });
});

test('255 is no class, any other value beyond the classes is refused with its place', () => {
  const labels = maps.labels.slice();
  labels[3] = noLabel;
  const file = (values: Uint16Array) => ({ name: 'label.png', bytes: encodeMap(maps, values, 8) });
  assert.equal(readMaps([file(labels)], expected).labels[3], noLabel);
  labels[2 * width + 7] = 5;
  refused([file(labels)], 'mapNoClass', { file: 'label.png', value: 5, x: 7, y: 2, last: 4 });
  refused([file(labels), instance], 'mapNoClass', { file: 'label.png', value: 5 });
  refused([instance], 'mapNoClass', { file: 'inst.png' });
});

test('other sizes, too large, colours, no PNG, damaged, too many: each is refused with what was found', () => {
  const grey = (w: number, h: number) => encode({ width: w, height: h, channels: 1, data: new Uint8Array(w * h) });
  refused([label, { name: 'inst.png', bytes: grey(40, 29) }], 'mapSizes', { instance: 'inst.png', otherHeight: 29 });
  refused([{ name: 'a.png', bytes: grey(65, 2) }], 'mapTooLarge', { width: 65, height: 2, side: 64 });
  refused([{ name: 'a.png', bytes: grey(60, 60) }], 'mapTooLarge', { pixels: 3000 });
  const rgb = encode({ width: 2, height: 2, channels: 3, data: new Uint8Array(12) });
  refused([{ name: 'a.png', bytes: rgb }], 'mapColours', { file: 'a.png', colours: 'RGB' });
  const interlaced = encode({ width: 8, height: 8, channels: 1, data: new Uint8Array(64) }, { interlace: 'Adam7' });
  refused([{ name: 'a.png', bytes: interlaced }], 'mapInterlaced', { file: 'a.png' });
  refused([{ name: 'a.jpg', bytes: Uint8Array.of(0xff, 0xd8, 0xff) }], 'mapNoPng', { file: 'a.jpg' });
  const damaged = label.bytes.slice();
  damaged[damaged.length - 20]! ^= 1;
  refused([{ name: 'a.png', bytes: damaged }], 'mapDamaged', { file: 'a.png' });
  refused([{ name: 'a.png', bytes: label.bytes.subarray(0, -30) }], 'mapDamaged', {});
  refused([label, instance, label], 'mapCount', { count: 3 });
});
