/** Which format it is, by content; folders of several; and damage of every kind, which is one error or a set. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../../src/errors.js';
import { rasterise } from '../../../src/prepare/polygons/rasterise.js';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { temporaryFolder } from '../../data/images.js';
import { damaged } from '../../fuzz/mutations.js';
import { faultAt, write } from './files.js';

const points = [
  [1, 1],
  [5, 1],
  [3, 4],
];
const examples = {
  labelme: JSON.stringify({
    shapes: [
      { label: 'a', points, shape_type: 'polygon', group_id: 2 },
      { label: 'b', points: points.slice(1), shape_type: 'circle' },
    ],
    imagePath: 'a.jpg',
    imageWidth: 8,
    imageHeight: 6,
  }),
  coco: JSON.stringify({
    images: [{ id: 1, file_name: 'a.jpg', width: 8, height: 6 }],
    categories: [{ id: 5, name: 'a' }],
    annotations: [
      { image_id: 1, category_id: 5, segmentation: [points.flat()] },
      { image_id: 1, category_id: 5, iscrowd: 1, segmentation: { size: [6, 8], counts: '9=j0' } },
    ],
  }),
  cvat: `<?xml version="1.0"?><annotations><meta><task><labels><label><name>a</name></label></labels></task></meta>
    <image id="0" name="a.jpg" width="8" height="6"><polygon label="a" points="1,1;5,1;3,4" z_order="1"/>
    <mask label="a" rle="1, 2, 3" left="1" top="1" width="3" height="2"/></image></annotations>`,
  'label-studio': JSON.stringify([
    {
      data: { image: 'a.jpg' },
      annotations: [
        {
          result: [
            {
              type: 'polygonlabels',
              original_width: 8,
              original_height: 6,
              value: { points: points.map(([x, y]) => [10 * x!, 10 * y!]), polygonlabels: ['a'] },
            },
          ],
        },
      ],
    },
  ]),
  yolo: '0 0.1 0.1 0.5 0.1 0.3 0.9\n',
} as const;
const options = { sizeOf: async () => ({ width: 8, height: 6 }), classesFile: '' };

/** Writes an example into a folder of its own. @returns its path and options to read it with. */
function place(folder: string, format: keyof typeof examples, content: string | Buffer) {
  const ending = format === 'cvat' ? 'xml' : format === 'yolo' ? 'txt' : 'json';
  const classesFile = write(folder, 'names/list.txt', 'a\nb');
  const path = write(folder, `${format}/a.${ending}`, content.toString());
  return { path, folder: join(folder, format), options: { ...options, classesFile } };
}

for (const format of Object.keys(examples) as (keyof typeof examples)[]) {
  test(`${format} is recognised, as a file and as a folder, and is what it is said to be`, async t => {
    const placed = place(temporaryFolder(t), format, `\uFEFF  ${examples[format]}`);
    for (const path of [placed.path, placed.folder]) {
      const set = await readAnnotations(path, placed.options);
      assert.equal(set.format, format);
      assert.equal(set.images.length, 1);
      const image = await set.images[0]!.read();
      assert.ok(rasterise(image, set.classes).instance.data.includes(1));
      // Every call makes the shapes anew, and alike.
      assert.deepEqual(await set.images[0]!.read(), image);
      assert.deepEqual(
        await readAnnotations(path, { ...placed.options, format }).then(other => other.classes),
        set.classes,
      );
    }
  });

  test(`${format}: 400 damaged files are sets, or one error`, async t => {
    const folder = temporaryFolder(t);
    const outcomes = { set: 0, error: 0 };
    await fc.assert(
      fc.asyncProperty(damaged([Buffer.from(examples[format])]), async content => {
        const { path, options } = place(folder, format, content);
        try {
          const set = await readAnnotations(path, { ...options, format });
          for (const entry of set.images) {
            const { width, height, shapes, image } = await entry.read();
            // Sizes that are allowed and large would only take time.
            if (width * height < 1e6) rasterise({ width, height, shapes, image }, set.classes);
          }
          outcomes.set++;
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
          outcomes.error++;
        }
      }),
      { numRuns: 400 },
    );
    // Most damage is seen; that all were refused, or none, would test nothing.
    assert.ok(outcomes.set > 0 && outcomes.error > 100, JSON.stringify(outcomes));
  });
}

test('what is none of the formats is an error that says what is read', async t => {
  const folder = temporaryFolder(t);
  for (const [name, content, text] of [
    ['a.json', '{"a": 1, "b": 2}', 'the fields a, b'],
    ['a.json', '{}', '(none)'],
    ['a.json', '"text"', 'begins'],
    ['a.json', '', 'an empty file'],
    ['a.txt', 'car 100 120 Car 3\n', 'begins'],
    ['a.csv', 'x;y', 'begins'],
  ] as const) {
    const path = write(folder, name, content);
    await assert.rejects(readAnnotations(path), faultAt(path, text), content);
  }
  const empty = join(temporaryFolder(t));
  await assert.rejects(readAnnotations(empty), faultAt(empty, 'no file with annotations', 'LabelMe, COCO'));
  const missing = join(folder, 'missing');
  await assert.rejects(readAnnotations(missing), faultAt(missing, 'ENOENT'));
});

test('a folder with several formats, or several sets, has to be told', async t => {
  const folder = temporaryFolder(t);
  write(folder, 'train.json', examples.coco);
  write(folder, 'val.json', examples.coco);
  await assert.rejects(readAnnotations(folder), faultAt(folder, '2 files: train.json, val.json', 'name the file'));
  write(folder, 'a.xml', examples.cvat);
  await assert.rejects(readAnnotations(folder), faultAt(folder, '2 formats', 'labelme, coco'));
  assert.equal((await readAnnotations(folder, { format: 'cvat' })).format, 'cvat');
});

test('a set without an image is an error', async t => {
  const path = write(temporaryFolder(t), 'a.json', { images: [], annotations: [], categories: [] });
  await assert.rejects(readAnnotations(path), faultAt(path, 'COCO annotations without an image'));
});
