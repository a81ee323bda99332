/**
 * A loaded generator in Node, on onnxruntime-web: what goes in comes out of small models that show it; every kind of input; styles;
 * and what is refused.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { decode, encode } from 'fast-png';
import sharp from 'sharp';
import { type ImageInput, type LoadedGenerator, loadGenerator, type StyleInput } from '../../src/index.js';
import { choosePlanes, StyleBook, sameForAll } from '../../src/scene/index.js';
import { refused } from '../support/refused.js';
import { description, tinyEncoder, tinyFilter, tinyGenerator } from '../support/tiny-models.js';

const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-web-'));
const at = (name: string) => join(folder, name);
after(() => rmSync(folder, { recursive: true, force: true }));

const [width, height] = [5, 3];
const label = { width, height, data: Uint8Array.of(0, 1, 1, 4, 2, 0, 1, 1, 4, 2, 255, 1, 4, 4, 2) };
const instances = { width, height, data: Uint16Array.of(0, 1, 2, 4, 3, 0, 1, 2, 4, 3, 7, 1, 300, 300, 3) };
const wasm = { device: 'wasm', threads: 1 } as const;

let generator: LoadedGenerator;
before(async () => {
  writeFileSync(at('generator.onnx'), tinyGenerator());
  writeFileSync(at('encoder.onnx'), tinyEncoder());
  generator = await loadGenerator(at('generator.onnx'), { ...wasm, encoder: pathToFileURL(at('encoder.onnx')) });
});
after(() => generator.dispose());

/** A channel of a result: 0 are the labels, 1 the instances, 2 the style features that the network was given. */
const channel = (data: Uint8Array, c: number) => data.filter((_, i) => i % 3 === c);

const book = new StyleBook(
  Float32Array.from(description.style.book.mean),
  new Map(
    Object.entries(description.style.book.classes).map(([id, { mean, clusters }]) => [
      Number(id),
      {
        mean: Float32Array.from(mean),
        clusters: clusters.map(({ centre, count }) => ({ centre: Float32Array.from(centre), count })),
      },
    ]),
  ),
);
const maps = { width, height, label: Int32Array.from(label.data), instance: Int32Array.from(instances.data) };

test('the info is that of the file', () => {
  const { file, name, step, device, threads, labelNc, needsInstances, sizeMultiple, leastSide, styles } =
    generator.info;
  assert.deepEqual(
    [file, name, step, device, threads, labelNc, needsInstances, sizeMultiple, leastSide],
    [at('generator.onnx'), 'tiny', 12, 'wasm', 1, 5, true, 4, 4],
  );
  assert.deepEqual(styles?.clusters, new Map([[1, 3], [4, 2]])); // biome-ignore format: a table
  assert.deepEqual([styles?.per, styles?.channels, styles?.fromImages], ['instance', 1, true]);
});

test('both forms of a request, seeds by the style book, and images of exactly the size of their input', async () => {
  for (const seed of [0, 1, 2, 12345]) {
    const image = await generator.generate({ label, instances, style: { seed } });
    assert.deepEqual([image.width, image.height, image.channels], [width, height, 3]);
    assert.deepEqual([...channel(image.data, 0)], [...label.data]);
    assert.deepEqual([...channel(image.data, 1)], [...instances.data].map(id => id % 256)); // biome-ignore format: one line
    assert.deepEqual([...channel(image.data, 2)], [...choosePlanes(book, sameForAll('random'), seed, maps, false)]);
    assert.deepEqual((await generator.generate(label, { instances, style: { seed } })).data, image.data);
  }
  const unsaid = await generator.generate(label, { instances });
  assert.deepEqual(unsaid.data, (await generator.generate(label, { instances, style: { seed: 0 } })).data);
});

test('every kind of style', async () => {
  const styled = async (style: StyleInput) => {
    const { data } = await generator.generate(label, { instances, style });
    const planes = channel(data, 2);
    // Of the instances 1, 2 and 4, of the classes 1, 1 and 4, and of 7, which has no class.
    return [planes[1], planes[2], planes[3], planes[10]];
  };
  assert.deepEqual(await styled('mean'), [15, 15, 45, 99]);
  assert.deepEqual(await styled({ cluster: 0 }), [10, 10, 40, 99]);
  assert.deepEqual(await styled({ cluster: 9 }), [30, 30, 50, 99]);
  const choices = { default: 'mean', classes: { 1: { cluster: 1 } }, instances: { 2: [77] } } as const;
  assert.deepEqual(await styled({ choices }), [20, 77, 45, 99]);
  writeFileSync(at('styles.json'), JSON.stringify(choices));
  assert.deepEqual(await styled({ choices: at('styles.json') }), [20, 77, 45, 99]);
  const photo = {
    width,
    height,
    data: Uint8Array.from({ length: 45 }, (_, i) => (i % 3 === 0 ? 100 + (instances.data[i / 3]! % 100) : 0)),
  };
  assert.deepEqual(await styled({ image: photo }), [101, 102, 104, 107]);
  const found = await generator.encodeStyles(photo, { input: label, instances });
  assert.deepEqual([...found], [[0, [100]], [1, [101]], [2, [102]], [4, [104]], [3, [103]], [7, [107]], [300, [100]]]); // biome-ignore format: one line
  const features = { width, height, data: Float32Array.from({ length: 15 }, (_, i) => i) };
  const { data } = await generator.generate(label, { instances, features });
  assert.deepEqual([...channel(data, 2)], [...features.data]);
});

test('maps as paths, URLs, bytes, Blobs, ImageData; PNG of every depth by its stored values', async () => {
  const png = encode({ width, height, data: label.data, channels: 1 });
  writeFileSync(at('label.png'), png);
  writeFileSync(at('inst.png'), encode({ ...instances, channels: 1, depth: 16 }));
  const rgba = Uint8ClampedArray.from({ length: 60 }, (_, i) => (i % 4 === 3 ? 255 : label.data[i >> 2]!));
  const kinds: readonly ImageInput[] = [
    at('label.png'),
    pathToFileURL(at('label.png')),
    png,
    new Blob([png as Uint8Array<ArrayBuffer>]),
    new Uint8Array(png).buffer,
    { width, height, data: rgba },
    label,
  ];
  const expected = (await generator.generate(label, { instances })).data;
  for (const kind of kinds)
    assert.deepEqual((await generator.generate(kind, { instances: at('inst.png') })).data, expected);
});

test('the ids of a palette are its indices, packed as they are', async () => {
  const ids = Uint8Array.of(0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3, 2);
  const colours = Uint8Array.from({ length: 45 }, (_, i) => (i % 3 === 0 ? ids[i / 3]! * 50 : 9));
  const file = await sharp(colours, { raw: { width, height, channels: 3 } })
    .png({ palette: true, colours: 8 })
    .toBuffer();
  const { depth, palette } = decode(file);
  assert.ok(depth < 8 && palette !== undefined, `${depth} bits`);
  const { data } = await generator.generate(file, { instances });
  assert.deepEqual([...channel(data, 0)].map(index => palette[index]![0]), [...ids].map(id => id * 50)); // biome-ignore format: one line
});

test('images in their own unit: 8 bits, 16 bits, floating point, grey, RGBA, JPEG by sharp', async () => {
  const bytes = Uint8Array.from({ length: 45 }, (_, i) => i * 5);
  const photo = { width, height, data: bytes };
  {
    await using filter = await loadGenerator(tinyFilter('uint8', 255), wasm);
    assert.deepEqual([filter.info.labelNc, filter.info.inputChannels, filter.info.styles], [0, 3, null]);
    assert.deepEqual((await filter.generate(photo)).data, bytes);
    const wide = { ...photo, data: Uint16Array.from(bytes, value => value * 257) };
    assert.deepEqual((await filter.generate(wide)).data, bytes);
    assert.deepEqual((await filter.generate(encode({ ...wide, depth: 16, channels: 3 }))).data, bytes);
    assert.deepEqual((await filter.generate({ ...photo, data: Float32Array.from(bytes, v => v / 255) })).data, bytes);
    const rgba = Uint8ClampedArray.from({ length: 60 }, (_, i) => (i % 4 === 3 ? 255 : bytes[(i >> 2) * 3 + (i % 4)]!));
    assert.deepEqual((await filter.generate({ width, height, data: rgba })).data, bytes);
    const grey = await filter.generate({ width, height, data: bytes.subarray(0, 15) });
    assert.deepEqual([...grey.data.subarray(0, 6)], [0, 0, 0, 5, 5, 5]);
    const jpeg = await sharp(bytes, { raw: { width, height, channels: 3 } }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(); // biome-ignore format: one line
    const seen = await filter.generate(jpeg);
    assert.ok(seen.data.every((value, i) => Math.abs(value - bytes[i]!) < 6));
    await refused(
      filter.generate({ width, height, data: new Uint8Array(width * height * 5) }),
      'WRONG_CHANNELS',
      /5 channels/,
    );
    await refused(filter.generate(photo, { style: 'mean' }), 'NO_ENCODER', /without styles/);
    assert.deepEqual(decode(await seen.toPng()).data, seen.data);
    await seen.save(at('photo.png'));
    assert.deepEqual(new Uint8Array(await sharp(at('photo.png')).raw().toBuffer()), seen.data);
    await refused(seen.save(at('photo.jpg')), 'CANNOT_WRITE', /\.png/);
    await refused(seen.save(at('no/such/folder/photo.png')), 'CANNOT_WRITE', /folder/);
    assert.deepEqual([...seen.toRgba().data.subarray(0, 4)], [...seen.data.subarray(0, 3), 255]);
  }
  await using counts = await loadGenerator(tinyFilter('float32', 30000), wasm);
  const image = await counts.generate({ width, height, data: Uint16Array.from(bytes, value => value * 100) });
  assert.deepEqual([...image.values], [...bytes].map(value => value * 100)); // biome-ignore format: one line
  assert.deepEqual([image.data[44], image.white], [Math.round((22000 / 30000) * 255), 30000]);
});

test('many inputs in their order, and disposing waits for them', async () => {
  const own = await loadGenerator(tinyGenerator(), wasm);
  const shown: number[] = [];
  const scenes = [0, 1, 4].map(id => ({ label: { ...label, data: label.data.map(() => id) }, instances }));
  for await (const image of own.generateMany(scenes)) shown.push(image.data[0]!);
  assert.deepEqual(shown, [0, 1, 4]);
  const last = own.generate(label, { instances });
  await own.dispose();
  assert.equal((await last).width, width);
  await assert.rejects(own.generate(label, { instances }), /disposed/);
});

test('what cannot be used is refused with code, finding and remedy', async () => {
  const give = (input: ImageInput, options: object = { instances }) => generator.generate(input, options);
  const other = { ...label, data: Uint8Array.from(label.data, id => (id === 4 ? 9 : id)) };
  await refused(give(other), 'LABEL_OUT_OF_RANGE', /4 pixel\(s\) have the class id 9, outside 0 to 4/, /255/);
  await refused(give(label, {}), 'PARTNER_MISSING', /no instance map/, /generate\(\{ label, instances \}\)/);
  const small = { width: 1, height: 3, data: Uint8Array.of(1, 2, 3) };
  await refused(give(label, { instances: small }), 'SIZE_MISMATCH', /instance map/, /1×3/, /5×3/);
  await refused(give(label, { instances, style: { image: small } }), 'SIZE_MISMATCH', /image of the style/);
  await refused(give(at('missing.png')), 'FILE_NOT_FOUND', /no such file/);
  writeFileSync(at('half.png'), encode({ width, height, data: label.data, channels: 1 }).subarray(0, 50));
  await refused(give(at('half.png')), 'FILE_UNREADABLE', /cannot be decoded/);
  const colours = encode({ width, height, data: Uint8Array.from({ length: 45 }, (_, i) => i % 5), channels: 3 });
  await refused(give(colours), 'NOT_AN_ID_MAP', /3 channels that differ \(0, 1, 2 at x 0, y 0\)/);
  const jpeg = await sharp(colours).jpeg().toBuffer();
  await refused(give(jpeg), 'NOT_AN_ID_MAP', /no PNG/, /save the ids as PNG/);
  await refused(give({ width, height, close() {} }), 'NOT_AN_ID_MAP', /Blob or File/);
  await refused(
    give(label, { instances, style: { choices: { classes: { 1: 'blue' } } } }),
    'STYLE_INVALID',
    /classes\.1/,
  );
  await refused(give(label, { instances, style: 'mean', features: small }), 'OPTION_CONFLICT');
  await refused(give(label, { instances, features: { ...small, data: new Float32Array(3) } }), 'FEATURES_UNSUITABLE');
  await assert.rejects(give(label, { instances, style: { seed: -1 } }), RangeError);
  await assert.rejects(give(label, { instances, style: 'blue' }), TypeError);
  await assert.rejects(give({ ...label, width: 4 }), /15 values are not 4 × 3 pixels/);
  await assert.rejects(give({ ...label, data: new Float32Array(15) }), /ids are integers/);
  await assert.rejects(give({} as never), /expected a path or address/);
});

test('loading: what is not there, not ours, or not to be had here', async () => {
  await refused(loadGenerator(at('missing.onnx'), wasm), 'FILE_NOT_FOUND', /missing\.onnx/);
  await refused(loadGenerator(tinyEncoder(), wasm), 'MODEL_UNSUITABLE', /an encoder/, /generator\.onnx/);
  await refused(
    loadGenerator(tinyGenerator(), { ...wasm, encoder: tinyGenerator() }),
    'MODEL_UNSUITABLE',
    /a generator/,
  );
  await refused(loadGenerator(tinyGenerator(), { device: 'webgpu' }), 'DEVICE_UNAVAILABLE', /webgpu/, /auto/);
  await refused(loadGenerator(tinyGenerator(), { ...wasm, worker: true }), 'UNSUPPORTED', /worker/);
  const digest = 'A'.repeat(64);
  await refused(loadGenerator(at('generator.onnx'), { ...wasm, digest }), 'MODEL_DAMAGED', /SHA-256 a{64}/);
  await assert.rejects(loadGenerator(at('generator.onnx'), { digest: 'abc' }), /64 hexadecimal digits/);
  await assert.rejects(loadGenerator(at('generator.onnx'), { threads: 0 }), RangeError);
  await using plain = await loadGenerator(tinyGenerator(), wasm);
  await refused(plain.generate(label, { instances, style: { image: label } }), 'NO_ENCODER', /encoder\.onnx/);
  await using unstyled = await loadGenerator(tinyGenerator({ style: { ...description.style, book: null } }), wasm);
  await refused(unstyled.generate(label, { instances }), 'STYLES_MISSING', /pix2pixhd encode/);
});

test('what a signal aborts rejects with its reason, and what was asked for besides is made', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const first = generator.generate(label, { instances });
  const second = generator.generate(label, { instances, signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(second, error => error === reason);
  assert.equal((await first).width, width);
  await assert.rejects(generator.generate(label, { instances, signal: stop.signal }), error => error === reason);
  await assert.rejects(loadGenerator(at('generator.onnx'), { signal: stop.signal }), error => error === reason);
});

test('a mask of 0 and 255 is noticed, once', async () => {
  const notices: string[] = [];
  await using own = await loadGenerator(tinyGenerator(), { ...wasm, onNotice: notice => notices.push(notice) });
  const mask = { ...label, data: label.data.map(id => (id === 1 ? 255 : 0)) };
  for (const _ of [0, 1]) await own.generate(mask, { instances });
  assert.equal(notices.length, 1);
  assert.match(notices[0]!, /255 means "no class"/);
});
