/** Label Studio's export: regions in percent, brush strokes, which annotation counts, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBinary } from '@thi.ng/rle-pack';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { spansOf } from '../../../src/prepare/polygons/spans.js';
import { noise, temporaryFolder } from '../../data/images.js';
import { changed, faultAt, firstShapes, picture, refusedEach, write } from './files.js';

const region = (type: string, label: string, value: object) => ({
  id: 'r',
  type,
  original_width: 10,
  original_height: 5,
  image_rotation: 0,
  value: { ...value, [type]: [label] },
});
const polygon = region('polygonlabels', 'tree', {
  points: [
    [0, 0],
    [100.2, 0],
    [0, 100],
  ],
  closed: true,
});
const box = region('rectanglelabels', 'car', { x: 10, y: 20, width: 30, height: 40, rotation: 0 });
const task = (id: number, result: unknown[], image = `/data/upload/1/${id}.jpg`) => ({
  id,
  data: { image },
  annotations: [{ id: 1, result, was_cancelled: false, ground_truth: false }],
});
const sound = [task(1, [polygon, box, { id: 'c', type: 'choices', value: { choices: ['day'] } }])];

test('regions in percent; what has no area, and tasks without annotation, are counted', async t => {
  const tasks = [
    ...sound,
    { id: 2, data: { image: 'b.jpg' }, annotations: [] },
    { id: 3, data: { image: 'c.jpg' }, annotations: [{ result: [], was_cancelled: true }] },
  ];
  const set = await readAnnotations(write(temporaryFolder(t), 'project.json', tasks));
  assert.equal(set.format, 'label-studio');
  assert.deepEqual(set.classes, ['car', 'tree']);
  assert.deepEqual(
    set.images.map(({ image }) => image),
    ['/data/upload/1/1.jpg'],
  );
  assert.deepEqual(set.notices, [
    { kind: 'choices', count: 1 },
    { kind: 'task without annotation', count: 2 },
  ]);
  const [tree, car] = await firstShapes(set);
  assert.deepEqual([tree!.className, car!.className], ['tree', 'car']);
  assert.deepEqual(picture(car!, 10, 5), ['..........', '.###......', '.###......', '..........', '..........']);
});

test('rectangles turn about their corner, clockwise, in pixels; ellipses about their centre', async t => {
  const large = { original_width: 1000, original_height: 500 };
  const results = [
    { ...region('rectanglelabels', 'a', { x: 50, y: 20, width: 20, height: 20, rotation: 90 }), ...large },
    { ...region('ellipselabels', 'a', { x: 50, y: 50, radiusX: 20, radiusY: 10, rotation: 45 }), ...large },
  ];
  const [turned, ellipse] = await firstShapes(
    await readAnnotations(write(temporaryFolder(t), 'a.json', [task(1, results)])),
  );
  const rows = picture(turned!, 1000, 500);
  // From the corner (500, 100), 200 wide and 100 high: a quarter turn takes it down to 300 and left to 400.
  assert.equal(
    rows.findIndex(row => row.includes('#')),
    100,
  );
  assert.deepEqual([rows[100]!.indexOf('#'), rows[299]!.indexOf('#'), rows[300]!.indexOf('#')], [400, 400, -1]);
  assert.equal(spansOf(turned!, { width: 1000, height: 500 }).area, 200 * 100);
  const { area } = spansOf(ellipse!, { width: 1000, height: 500 });
  assert.ok(Math.abs(area - Math.PI * 200 * 50) < 100, `${area}`);
});

/** Bits as text, blanks left out, as bytes. */
function bytesOf(bits: string): number[] {
  const all = bits.replaceAll(' ', '');
  return (all.match(/.{1,8}/g) ?? []).map(byte => Number.parseInt(byte.padEnd(8, '0'), 2));
}

test('brush strokes, packed by hand and by the packer of Label Studio itself', async t => {
  const folder = temporaryFolder(t);
  const stroke = (rle: readonly number[], width: number, height: number) => ({
    ...region('brushlabels', 'a', { format: 'rle', rle }),
    original_width: width,
    original_height: height,
  });
  // 2×1 pixels, 8 values of 8 bits, runs counted in 3, 4, 8 or 16 bits: first 4 times 0, then 4 times 255, which are a run
  // (1) of the first kind (00), of 3 more (011).
  const header = `${(8).toString(2).padStart(32, '0')} 00111 0010 0011 0111 1111`;
  const byHand = bytesOf(`${header} 1 00 011 00000000 1 00 011 11111111`);
  const [small] = await firstShapes(await readAnnotations(write(folder, 'a.json', [task(1, [stroke(byHand, 2, 1)])])));
  assert.deepEqual(picture(small!, 2, 1), ['.#']);

  const [width, height] = [37, 29];
  const alpha = noise(width * height, 5).map(v => (v > 150 ? v : 0));
  const rgba = Uint8Array.from({ length: 4 * alpha.length }, (_, i) => (i % 4 === 3 ? alpha[i >> 2]! : i % 251));
  const packed = [...encodeBinary(rgba, rgba.length)];
  const path = write(folder, 'a.json', [task(1, [stroke(packed, width, height)])]);
  const [large] = await firstShapes(await readAnnotations(path));
  const expected = [...alpha].map(v => (v >= 128 ? '#' : '.')).join('');
  assert.equal(picture(large!, width, height).join(''), expected);

  for (const [rle, ...texts] of [
    [packed.slice(0, 300), '.value.rle', 'packed pixels'],
    [packed.slice(0, 3), '.value.rle: 3 bytes'],
    [[255, ...packed.slice(1)], '.value.rle', 'values of 8 bits'],
    [[...packed.slice(0, -1), 256], `.value.rle[${packed.length - 1}]: 256`, 'a byte'],
  ] as const) {
    write(folder, 'a.json', [task(1, [stroke(rle, width, height)])]);
    await assert.rejects(readAnnotations(path), faultAt(path, '[0].annotations[0].result[0]', ...texts));
  }
});

test('of several annotations the ground truth counts; without one it is an error', async t => {
  const folder = temporaryFolder(t);
  const two = [{ ...sound[0]!, annotations: [{ result: [box] }, { result: [polygon], ground_truth: true }] }];
  const set = await readAnnotations(write(folder, 'a.json', two));
  assert.deepEqual(set.classes, ['tree']);
  const path = write(folder, 'a.json', changed(two, '0.annotations.1.ground_truth', false));
  await assert.rejects(readAnnotations(path), faultAt(path, '[0].annotations', '2 annotations', 'ground truth'));
});

test('an image without regions is measured', async t => {
  const path = write(temporaryFolder(t), 'a.json', [task(1, [])]);
  const set = await readAnnotations(path, { sizeOf: async () => ({ width: 3, height: 2 }) });
  assert.deepEqual(await set.images[0]!.read(), { image: '/data/upload/1/1.jpg', width: 3, height: 2, shapes: [] });
});

test('bad files are one error that names the file and the field', async t => {
  const folder = temporaryFolder(t);
  const make = (change: unknown) => {
    const [path, to] = change as [string, unknown];
    return write(folder, 'bad.json', changed(sound, path, to));
  };
  const first = '0.annotations.0.result.0';
  const at = '[0].annotations[0].result';
  await refusedEach(make, [
    [['0.annotations', undefined], '[0]', 'no annotations', 'JSON-MIN'],
    [['0.data.image', undefined], '[0].data', 'image'],
    [[`${first}.type`, undefined], `${at}[0].type`, 'missing'],
    [[`${first}.type`, 'polygon'], `${at}[0].type: "polygon"`, 'polygonlabels'],
    [[`${first}.value.polygonlabels`, []], `${at}[0].value.polygonlabels: 0 labels`, 'one label'],
    [[`${first}.value.polygonlabels`, ['a', 'b']], `${at}[0].value.polygonlabels: 2 labels`],
    [[`${first}.value.points.1`, [102, 3]], `${at}[0].value.points: 102`, 'percent'],
    [[`${first}.value.points.1`, [3]], `${at}[0].value.points[1]`, 'a point'],
    [
      [
        `${first}.value.points`,
        [
          [1, 2],
          [3, 4],
        ],
      ],
      `${at}[0].value.points: 2 point(s)`,
    ],
    [[`${first}.original_width`, 0], `${at}[0].original_width and original_height`, '0×5'],
    [[`${first}.original_width`, 11], `${at}[1]: 10×5`, '11×5'],
    [[`${first}.image_rotation`, 90], `${at}[0].image_rotation: 90`],
    [['0.annotations.0.result.1.value.x', -20], `${at}[1].value.x: -20`, 'percent'],
    [['0.annotations.0.result.1.value.width', null], `${at}[1].value.width`, 'missing'],
    [['1', sound[0]], '[1]', '/data/upload/1/1.jpg', '[0]'],
  ]);
});
