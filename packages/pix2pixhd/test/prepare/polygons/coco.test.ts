/** COCO: rings, run-lengths as texts and numbers, crowds, categories with gaps; against numbers by hand, and pycocotools. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { rasterise } from '../../../src/prepare/polygons/rasterise.js';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { decompressedRuns } from '../../../src/prepare/polygons/runs.js';
import { noise, temporaryFolder } from '../../data/images.js';
import { changed, faultAt, firstShapes, picture, refusedEach, write } from './files.js';

const refuse = (found: string, expected: string) => new Error(`${found}; ${expected}`);
const square = [1, 1, 3, 1, 3, 3, 1, 3];
const sound = {
  info: {},
  images: [
    { id: 30, file_name: 'b.jpg', width: 6, height: 4 },
    { id: 4, file_name: 'a.jpg', width: 4, height: 2 },
  ],
  categories: [
    { id: 90, name: 'tree' },
    { id: 3, name: 'car', supercategory: 'vehicle' },
    { id: 7, name: 'sky' },
  ],
  annotations: [
    { id: 1, image_id: 30, category_id: 90, iscrowd: 0, segmentation: [square, [3.5, 0, 6, 0, 6, 2]] },
    { id: 2, image_id: 4, category_id: 3, iscrowd: 1, segmentation: { size: [2, 4], counts: [1, 2, 5] } },
    { id: 3, image_id: 30, category_id: 3, segmentation: [[0, 0, 2, 0, 2, 2, 0, 2]] },
  ],
};

test('classes in the order of their ids, images in that of the file, shapes as given', async t => {
  const set = await readAnnotations(write(temporaryFolder(t), 'instances.json', sound));
  assert.equal(set.format, 'coco');
  assert.deepEqual(set.classes, ['car', 'sky', 'tree']);
  assert.deepEqual(
    set.images.map(({ image }) => image),
    ['b.jpg', 'a.jpg'],
  );
  const image = await set.images[0]!.read();
  assert.deepEqual(
    image.shapes.map(({ className }) => className),
    ['tree', 'car'],
  );
  const { label, instance } = rasterise(image, set.classes);
  assert.deepEqual(
    [...label.data],
    [1, 1, 0, 0, 3, 3, 1, 1, 3, 0, 0, 3, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0].map((id, i) =>
      // The slope from (3.5, 0) to (6, 2) passes the centres of the first row at x = 4.125 and of the second at 5.375.
      i === 4 || i === 5 || i === 11 ? 3 : id,
    ),
  );
  assert.deepEqual([...new Set(instance.data)].sort(), [0, 1, 2]);

  // Run-lengths go down the columns, outside first: pixel 1 and 2 of columns of 2.
  const second = await set.images[1]!.read();
  assert.deepEqual(picture(second.shapes[0]!, 4, 2), ['.#..', '#...']);
  const crowd = rasterise(second, set.classes);
  assert.deepEqual([...crowd.label.data], [0, 255, 0, 0, 255, 0, 0, 0]);
  assert.ok(crowd.instance.data.every(id => id === 0));
});

test('rings within each other are parts, or outline and hole where that is said', async t => {
  const segmentation = [
    [0, 0, 6, 0, 6, 4, 0, 4],
    [1, 1, 5, 1, 5, 3, 1, 3],
  ];
  const path = write(temporaryFolder(t), 'a.json', changed(sound, 'annotations.0.segmentation', segmentation));
  const [union] = await firstShapes(await readAnnotations(path));
  assert.deepEqual(picture(union!, 6, 4), ['######', '######', '######', '######']);
  const [hole] = await firstShapes(await readAnnotations(path, { cocoRings: 'even-odd' }));
  assert.deepEqual(picture(hole!, 6, 4), ['######', '#....#', '#....#', '######']);
});

test('compressed run-lengths, worked out by hand', async t => {
  // 6 is "6"; 1 and 40 follow as they are: 40 is 8 with more to follow, 32 + 8 = "X", then 1, "1".
  // The fourth is written as its difference to the second: 3 - 1 = 2, "2"; the fifth to the third: 10 - 40 = -30, of
  // which 5 bits are 2, as 32 + 2 = "R", and the rest, all ones, is 31: "O".
  assert.deepEqual(decompressedRuns('61X12RO', refuse), [6, 1, 40, 3, 10]);
  assert.throws(() => decompressedRuns('6R', refuse), /ends within a number/);
  assert.throws(() => decompressedRuns('6 1', refuse), /character 1 of 3/);
  assert.throws(() => decompressedRuns('oooooooooo', refuse), /character 7 of 10/);

  // 12 pixels in columns of 3: 3 outside, 4 inside, 5 outside.
  const rle = { size: [3, 4], counts: '345' };
  const images = [{ id: 30, file_name: 'b.jpg', width: 4, height: 3 }];
  const set = { ...sound, images, annotations: [{ ...sound.annotations[0], segmentation: rle }] };
  const [shape] = await firstShapes(await readAnnotations(write(temporaryFolder(t), 'a.json', set)));
  assert.deepEqual(picture(shape!, 4, 3), ['.##.', '.#..', '.#..']);
});

/** The format's rule the other way round, as COCO describes it. */
function compressed(runs: readonly number[]): string {
  return runs
    .map((run, i) => {
      let rest = i > 2 ? run - runs[i - 2]! : run;
      let text = '';
      for (let more = true; more; ) {
        const group = rest & 31;
        rest >>= 5;
        more = (group & 16) !== 0 ? rest !== -1 : rest !== 0;
        text += String.fromCharCode(48 + group + (more ? 32 : 0));
      }
      return text;
    })
    .join('');
}

test('what is compressed is read as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 28 })), runs => {
      assert.deepEqual(decompressedRuns(compressed(runs), refuse), runs);
    }),
  );
});

const python = [process.env.PYTHON, 'python3', '/usr/bin/python3']
  .filter(name => name !== undefined)
  .find(name => spawnSync(name, ['-c', 'import pycocotools.mask']).status === 0);

test('pycocotools: the same pixels of its texts, and of polygons', { skip: !python && 'no pycocotools' }, async t => {
  const [width, height] = [61, 47];
  const folder = temporaryFolder(t);
  const pixels = noise(width * height, 3).map((v, i) => ((v >> 5) + (i % 13) > 9 ? 1 : 0));
  const polygons = Array.from({ length: 20 }, (_, p) =>
    [...noise(14, p)].map((v, i) => (v / 255) * (i % 2 === 0 ? width : height)),
  );
  const script = `
import json, sys, numpy
from pycocotools import mask
job = json.load(sys.stdin)
pixels = numpy.array(job["pixels"], numpy.uint8).reshape(job["height"], job["width"])
rle = mask.encode(numpy.asfortranarray(pixels))
parts = [mask.merge(mask.frPyObjects([p], job["height"], job["width"])) for p in job["polygons"]]
print(json.dumps({"counts": rle["counts"].decode(), "masks": [mask.decode(part).flatten().tolist() for part in parts]}))`;
  const job = { pixels: [...pixels], width, height, polygons };
  const { stdout, stderr } = spawnSync(python!, ['-c', script], { input: JSON.stringify(job), encoding: 'utf8' });
  const answer = JSON.parse(stdout || `{"error": ${JSON.stringify(stderr)}}`) as { counts: string; masks: number[][] };
  assert.ok(answer.counts.length > 500, stderr);
  const base = { image_id: 1, category_id: 3 };
  const path = write(folder, 'a.json', {
    images: [{ id: 1, file_name: 'a.jpg', width, height }],
    categories: sound.categories,
    annotations: [
      { ...base, segmentation: { size: [height, width], counts: answer.counts } },
      ...polygons.map(polygon => ({ ...base, segmentation: [polygon] })),
    ],
  });
  const [mask, ...shapes] = await firstShapes(await readAnnotations(path));
  const bits = (shape: Parameters<typeof picture>[0]) =>
    [...picture(shape, width, height).join('')].map(c => (c === '#' ? 1 : 0));
  assert.deepEqual(bits(mask!), [...pixels]);
  // It rounds outlines to a fifth of a pixel, and not at centres: an outline of some 200 pixels differed at 20 at most.
  shapes.forEach((shape, i) => {
    const ours = bits(shape);
    const differing = ours.filter((bit, at) => bit !== answer.masks[i]![at]).length;
    const inside = ours.reduce<number>((sum, bit) => sum + bit, 0);
    assert.ok(inside > 100 && differing < 0.07 * inside, `polygon ${i}: ${differing} of ${inside}`);
  });
});

test('bad files are one error that names the file and the field', async t => {
  const folder = temporaryFolder(t);
  const make = (change: unknown) => {
    const [path, to] = change as [string, unknown];
    return write(folder, 'bad.json', changed(sound, path, to));
  };
  const rle = 'annotations.1.segmentation';
  await refusedEach(make, [
    [['categories', undefined], 'categories', 'missing'],
    [['images.1.id', 30], 'images[1].id', 'a second time'],
    [['images.1.file_name', 'b.jpg'], 'images[1]', 'b.jpg', 'images[0]'],
    [['images.1.width', 0], 'images[1].width and height', '0×2'],
    [['images.1.file_name', undefined], 'images[1].file_name', 'missing'],
    [['categories.2.id', 3], 'categories[2].id', 'a second time'],
    [['annotations.2.image_id', 31], 'annotations[2].image_id: 31', 'the id of one of the images'],
    [['annotations.2.category_id', 4], 'annotations[2].category_id: 4', 'the id of one of the categories'],
    [['annotations.2.segmentation', undefined], 'annotations[2].segmentation', 'missing'],
    [['annotations.2.segmentation', []], 'annotations[2].segmentation: no polygon'],
    [['annotations.0.segmentation.1', [1, 2, 3, 4, 5, 6, 7]], 'annotations[0].segmentation[1]: 7 numbers', 'even'],
    [['annotations.0.segmentation.1', [1, 2, 3, 4]], 'annotations[0].segmentation[1]: 2 point(s)', '3 points'],
    [['annotations.0.segmentation.1.2', null], 'annotations[0].segmentation[1]: null at index 2', 'finite'],
    [['annotations.0.segmentation.1.2', '3'], 'annotations[0].segmentation[1]: "3" at index 2'],
    [['annotations.0.segmentation', [1, 2, 3]], 'annotations[0].segmentation[0]: 1', 'an array'],
    [['annotations.0.iscrowd', 2], 'annotations[0].iscrowd: 2', '0 or 1'],
    [['annotations.0.segments_info', []], 'annotations[0]', 'panoptic'],
    [[`${rle}.size`, [4, 2]], 'annotations[1].segmentation.size: [4, 2]', '[2, 4]'],
    [[`${rle}.counts`, [1, 2, 4]], 'annotations[1].segmentation.counts', '7 pixels', '8'],
    [[`${rle}.counts`, [1, -2, 9]], 'annotations[1].segmentation.counts: -2 at index 1'],
    [[`${rle}.counts`, '12~'], 'annotations[1].segmentation.counts', 'the character 2 of 3'],
    [[`${rle}.counts`, undefined], 'annotations[1].segmentation.counts', 'missing'],
  ]);
});

test('images without a size are measured; without a way to, that is an error', async t => {
  const set = changed(changed(sound, 'images.0.width', undefined), 'images.0.height', undefined);
  const path = write(temporaryFolder(t), 'a.json', set);
  const { images } = await readAnnotations(path, { sizeOf: async () => ({ width: 9, height: 8 }) });
  assert.equal((await images[0]!.read()).width, 9);
  const unknown = await readAnnotations(path);
  await assert.rejects(unknown.images[0]!.read(), faultAt(path, 'images[0].width and height', 'no size'));
});
