/** YOLO's labels: names, folders, fractions, and what is refused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { temporaryFolder } from '../../data/images.js';
import { faultAt, firstShapes, picture, write } from './files.js';

const sizeOf = async () => ({ width: 8, height: 4 });
const square = '0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75';

test('labels beside classes.txt: classes by index, fractions of the image', async t => {
  const folder = temporaryFolder(t);
  write(folder, 'classes.txt', 'person\ntraffic light\r\n\n');
  write(folder, 'a.txt', `1 ${square}\n\n0 0 0 1.0000001 0 1 -1e-7\n`);
  write(folder, 'b.txt', '');
  const set = await readAnnotations(folder, { sizeOf });
  assert.equal(set.format, 'yolo');
  assert.deepEqual(set.classes, ['person', 'traffic light']);
  assert.deepEqual(
    set.images.map(({ image }) => image),
    ['a', 'b'],
  );
  const [first, second] = await firstShapes(set);
  assert.equal(first!.className, 'traffic light');
  assert.equal(second!.className, 'person');
  assert.deepEqual(picture(first!, 8, 4), ['........', '..####..', '..####..', '........']);
  assert.deepEqual((await set.images[1]!.read()).shapes, []);
});

test('a data set by its data.yaml: labels in their folders, images named after them', async t => {
  const folder = temporaryFolder(t);
  const yaml = write(
    folder,
    'data.yaml',
    'path: .\ntrain: train/images\nnc: 2\nnames:\n  0: person\n  1: 7 # a number\n',
  );
  write(folder, 'train/labels/x/a.txt', `0 ${square}`);
  write(folder, 'README.roboflow.txt', 'A data set');
  for (const path of [folder, yaml]) {
    const set = await readAnnotations(path, { sizeOf });
    assert.deepEqual(set.classes, ['person', '7']);
    assert.deepEqual(
      set.images.map(({ image }) => image),
      ['train/images/x/a'],
    );
  }
  // The labels' own folder finds the names above it.
  const set = await readAnnotations(join(folder, 'train/labels'), { sizeOf });
  assert.deepEqual([set.images[0]!.image, set.classes.length], ['x/a', 2]);
});

test('bad labels and names are one error that names the file and the line', async t => {
  const folder = temporaryFolder(t);
  const names = write(folder, 'data.yaml', 'names: [person, car]');
  const labels = join(folder, 'a.txt');
  const cases: [line: string, ...texts: string[]][] = [
    ['0 0.1 0.2 0.3 0.4 0.5', 'line 2: 5 numbers', 'even'],
    ['0 0.5 0.5 0.2 0.2', 'line 2: a box', 'segmentation'],
    ['0 0.1 0.2', 'line 2: 1 point(s)'],
    [`2 ${square}`, 'line 2: the class 2', '0 to 1', '2 names'],
    [`person ${square}`, 'line 2: person first'],
    [`-1 ${square}`, 'line 2: -1 first'],
    ['0 0.1 0.2 nan 0.4 0.5 0.6', 'line 2: NaN at index 2'],
    ['0 10 20 30 40 50 60', 'line 2: a coordinate of 10', '0 to 1'],
    ['0 0.1 0.2 0.3 0.4 0.5 -0.2', 'line 2: a coordinate of -0.2'],
  ];
  for (const [line, ...texts] of cases) {
    write(folder, 'a.txt', `1 ${square}\n${line}\n`);
    await assert.rejects(readAnnotations(folder, { sizeOf }), faultAt(labels, ...texts), line);
  }
  write(folder, 'a.txt', `1 ${square}`);
  for (const [text, ...texts] of [
    ['nc: 2', 'names', 'missing'],
    ['names: [a, a]', 'a twice'],
    ['names: []', 'at least one'],
    ['names: {0: a, 2: b}', 'no name for 1'],
    ['names: [a, {b: 1}]', 'names[1]: an object'],
    ['names: 3', 'names: 3'],
    ['names: [a', 'YAML'],
  ] as const) {
    write(folder, 'data.yaml', text);
    await assert.rejects(readAnnotations(folder, { sizeOf }), faultAt(names, ...texts), text);
  }
});

test('without names, or without a way to know sizes, there is an error', async t => {
  const folder = temporaryFolder(t);
  const path = write(folder, 'deep/in/folders/here/a.txt', `0 ${square}`);
  const here = join(folder, 'deep/in/folders/here');
  await assert.rejects(readAnnotations(here, { sizeOf }), faultAt(here, 'no names of the classes'));
  const classesFile = write(folder, 'names.txt', 'person');
  const set = await readAnnotations(here, { classesFile });
  await assert.rejects(set.images[0]!.read(), faultAt(path, 'no size of the image'));
  const odd = await readAnnotations(here, { classesFile, sizeOf: async () => ({ width: 0, height: 4 }) });
  await assert.rejects(odd.images[0]!.read(), faultAt(path, 'the size of the image a', '0×4'));
});
