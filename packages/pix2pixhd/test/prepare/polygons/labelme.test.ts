/** LabelMe files: kinds of shapes, groups, labels with a meaning, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { rasterise } from '../../../src/prepare/polygons/rasterise.js';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { spansOf } from '../../../src/prepare/polygons/spans.js';
import { temporaryFolder } from '../../data/images.js';
import { changed, faultAt, firstShapes, picture, refusedEach, write } from './files.js';

const shape = (label: string, points: unknown, shape_type = 'polygon', others: object = {}) => ({
  label,
  points,
  group_id: null,
  shape_type,
  flags: {},
  ...others,
});
const triangle = [
  [0, 0],
  [6, 0],
  [0, 6],
];
const file = (shapes: unknown[], imagePath = 'a.jpg') => ({
  version: '5.5.0',
  flags: { checked: true },
  shapes,
  imagePath,
  imageData: 'AAAA',
  imageHeight: 5,
  imageWidth: 6,
});

test('a folder of files: classes sorted, shapes in their order, kinds without area counted', async t => {
  const folder = temporaryFolder(t);
  write(folder, 'b.json', file([shape('tree', triangle)], 'b.jpg'));
  write(
    folder,
    'a.json',
    file([
      shape(
        'car',
        [
          [1, 1],
          [4, 3],
        ],
        'rectangle',
        { group_id: 7 },
      ),
      shape(
        'path',
        [
          [0, 0],
          [3, 3],
          [4, 0],
        ],
        'linestrip',
      ),
      shape(
        'car',
        [
          [5, 4],
          [4, 3],
        ],
        'rectangle',
        { group_id: 7 },
      ),
      shape('at', [[1, 1]], 'point'),
      shape(
        'path',
        [
          [0, 0],
          [3, 3],
        ],
        'linestrip',
      ),
    ]),
  );
  write(folder, 'sub/c.json', file([], '..\\images\\c.jpg'));
  const set = await readAnnotations(folder);
  assert.equal(set.format, 'labelme');
  assert.deepEqual(set.classes, ['car', 'tree']);
  assert.deepEqual(set.notices, [
    { kind: 'linestrip', count: 2 },
    { kind: 'point', count: 1 },
  ]);
  assert.deepEqual(
    set.images.map(({ image }) => image),
    ['a.jpg', 'b.jpg', 'images/c.jpg'],
  );
  const image = await set.images[0]!.read();
  assert.deepEqual([image.width, image.height, image.shapes.length], [6, 5, 2]);
  assert.deepEqual(picture(image.shapes[0]!, 6, 5), ['......', '.###..', '.###..', '......', '......']);
  const { label, instance } = rasterise(image, set.classes);
  // One object of two shapes.
  assert.deepEqual([...new Set(instance.data)].sort(), [0, 1]);
  assert.equal(label.data.filter(id => id === 1).length, 7);
});

test('a circle has its area, and a mask its pixels', async t => {
  const folder = temporaryFolder(t);
  const png = await sharp(Buffer.from([0, 1, 1, 1, 0, 1]), { raw: { width: 3, height: 2, channels: 1 } })
    .png()
    .toBuffer();
  const path = write(folder, 'a.json', {
    ...file([
      shape(
        'disc',
        [
          [500, 500],
          [500, 900],
        ],
        'circle',
      ),
      shape(
        'mask',
        [
          [2, 1],
          [4, 2],
        ],
        'mask',
        { mask: png.toString('base64') },
      ),
    ]),
    imageWidth: 1000,
    imageHeight: 1000,
  });
  const [disc, mask] = await firstShapes(await readAnnotations(path));
  const { area } = spansOf(disc!, { width: 1000, height: 1000 });
  assert.ok(Math.abs(area - Math.PI * 400 ** 2) < 100, `${area}`);
  assert.deepEqual(picture(mask!, 6, 4), ['......', '...##.', '..#.#.', '......']);
});

test('_background_ is the background and __ignore__ is no class, as for the converters of LabelMe', async t => {
  const shapes = [
    shape(
      'car',
      [
        [0, 0],
        [6, 5],
      ],
      'rectangle',
    ),
    shape(
      '_background_',
      [
        [0, 0],
        [1, 1],
      ],
      'rectangle',
    ),
    shape(
      '__ignore__',
      [
        [1, 0],
        [2, 1],
      ],
      'rectangle',
    ),
  ];
  const set = await readAnnotations(write(temporaryFolder(t), 'a.json', file(shapes)));
  assert.deepEqual(set.classes, ['background', 'car']);
  const { label, instance } = rasterise(await set.images[0]!.read(), set.classes);
  assert.deepEqual([...label.data.subarray(0, 3)], [0, 255, 1]);
  assert.deepEqual([...instance.data.subarray(0, 3)], [0, 0, 1]);
});

test('a file without a size takes that of the image', async t => {
  const path = write(temporaryFolder(t), 'a.json', changed(changed(file([]), 'imageWidth', null), 'imageHeight', null));
  const sizeOf = async (image: string) => ({ width: image.length, height: 2 });
  const set = await readAnnotations(path, { sizeOf });
  assert.deepEqual(await set.images[0]!.read(), { image: 'a.jpg', width: 5, height: 2, shapes: [] });
  const unknown = await readAnnotations(path);
  await assert.rejects(unknown.images[0]!.read(), faultAt(path, 'imageWidth and imageHeight', 'no size of the image'));
});

test('bad files are one error that names the file and the field', async t => {
  const folder = temporaryFolder(t);
  const sound = file([shape('tree', triangle), shape('car', triangle)]);
  const make = (change: unknown) => {
    const [path, to] = change as [string, unknown];
    return write(folder, 'bad.json', path === 'text' ? String(to) : changed(sound, path, to));
  };
  await refusedEach(make, [
    [['text', '{"shapes": [NaN]'], 'JSON'],
    [['text', '{"shapes": [], "imagePath": '], 'JSON'],
    [['shapes', {}], 'shapes: an object', 'an array'],
    [['imagePath', ''], 'imagePath'],
    [['imageWidth', 0], 'imageWidth and imageHeight', '0×5'],
    [['imageHeight', undefined], 'imageWidth and imageHeight', '6×undefined'],
    [['imageWidth', 5.5], '5.5×5'],
    [['imageWidth', 1e9], '1000000000×5'],
    [['shapes.1.label', undefined], 'shapes[1].label', 'missing'],
    [['shapes.1.label', 3], 'shapes[1].label: 3'],
    [['shapes.1.points', undefined], 'shapes[1].points', 'missing'],
    [['shapes.1.points', triangle.slice(1)], 'shapes[1].points: 2 point(s)', 'at least 3 points'],
    [['shapes.1.points.2', [1]], 'shapes[1].points[2]', 'a point [x, y]'],
    [['shapes.1.points.2', [1, null]], 'shapes[1].points: null at index 5', 'finite'],
    [['shapes.1.points.2', [1, 1e12]], 'shapes[1].points', '1000000000000 pixels'],
    [['shapes.1.shape_type', 'star'], 'shapes[1].shape_type: "star"'],
    [['shapes.1.shape_type', 'circle'], 'shapes[1].points: 3 point(s)', '2 points'],
    [['shapes.1.group_id', 'x'], 'shapes[1].group_id: "x"'],
    [['shapes.1', null], 'shapes[1]: null', 'an object'],
  ]);
  const mask = (text: string) =>
    file([
      shape(
        'm',
        [
          [2, 1],
          [4, 2],
        ],
        'mask',
        { mask: text },
      ),
    ]);
  const path = write(folder, 'bad.json', mask('bm8='));
  await assert.rejects(readAnnotations(path), faultAt(path, 'shapes[0].mask', 'a PNG in base64'));
  const png = await sharp(Buffer.alloc(4), { raw: { width: 2, height: 2, channels: 1 } })
    .png()
    .toBuffer();
  write(folder, 'bad.json', mask(png.toString('base64')));
  await assert.rejects(readAnnotations(path), faultAt(path, 'shapes[0].mask: an image of 2×2', '3×2'));
});

test('two files of one image are an error', async t => {
  const folder = temporaryFolder(t);
  const first = write(folder, 'a.json', file([]));
  const second = write(folder, 'b.json', file([]));
  await assert.rejects(readAnnotations(folder), faultAt(second, 'a.jpg', first));
});
