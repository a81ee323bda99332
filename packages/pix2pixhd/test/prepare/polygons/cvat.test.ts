/** CVAT for images: shapes, order by z_order, groups, masks, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { spansOf } from '../../../src/prepare/polygons/spans.js';
import { temporaryFolder } from '../../data/images.js';
import { faultAt, firstShapes, picture, write } from './files.js';

const labels = ['tree', 'car', 'person'].map(name => `<label><name>${name}</name><type>any</type></label>`).join('');
const document = (images: string, meta = `<task><name>t</name><labels>${labels}</labels></task>`) =>
  `<?xml version="1.0" encoding="utf-8"?>
<annotations>
<version>1.1</version>
<meta>${meta}</meta>
${images}
</annotations>`;
const image = (shapes: string, name = 'a &amp; b.jpg') => `<image id="0" name="${name}" width="8" height="5">
${shapes}
</image>`;
const box = (facts: string, label = 'car') =>
  `<box label="${label}" source="manual" occluded="0" xtl="1.0" ytl="1.0" xbr="4.0" ybr="3.0" ${facts}></box>`;

test('classes as listed, shapes by z_order and then as they follow, kinds without area counted', async t => {
  const shapes = `
    <polygon label="tree" points="0,0;8,0;8,5" z_order="2"><attribute name="x">y</attribute></polygon>
    ${box('z_order="-1"')}
    ${box('z_order="2" group_id="5"', 'person')}
    ${box('z_order="0"')}
    <polyline label="tree" points="0,0;1,1"/><points label="tree" points="0,0"/><polyline label="tree" points="0,0;1,1"/>
    <tag label="car" source="manual"/>`;
  const set = await readAnnotations(write(temporaryFolder(t), 'annotations.xml', document(image(shapes))));
  assert.equal(set.format, 'cvat');
  assert.deepEqual(set.classes, ['tree', 'car', 'person']);
  assert.equal(set.images[0]!.image, 'a & b.jpg');
  assert.deepEqual(set.notices, [
    { kind: 'polyline', count: 2 },
    { kind: 'points', count: 1 },
    { kind: 'tag', count: 1 },
  ]);
  const found = await firstShapes(set);
  assert.deepEqual(
    found.map(({ className, instance }) => [className, instance]),
    [
      ['car', undefined],
      ['car', undefined],
      ['tree', undefined],
      ['person', 5],
    ],
  );
  assert.deepEqual(picture(found[0]!, 8, 5), ['........', '.###....', '.###....', '........', '........']);
});

test('a mask follows the rows of its box; turned boxes and ellipses have their areas', async t => {
  const shapes = `
    <mask label="car" rle="1, 2, 2, 1" left="3" top="1" width="3" height="2" z_order="0"></mask>
    <ellipse label="tree" cx="400" cy="300" rx="200" ry="100" rotation="30.0"/>
    <box label="tree" xtl="300" ytl="200" xbr="500" ybr="300" rotation="90"/>`;
  const text = document(image(shapes).replace('width="8" height="5"', 'width="800" height="600"'));
  const [mask, ellipse, box] = await firstShapes(await readAnnotations(write(temporaryFolder(t), 'a.xml', text)));
  assert.deepEqual(picture(mask!, 8, 4), ['........', '....##..', '.....#..', '........']);
  const size = { width: 800, height: 600 };
  assert.ok(Math.abs(spansOf(ellipse!, size).area - Math.PI * 200 * 100) < 100);
  // A quarter turn about the centre, (400, 250): 100 wide and 200 high.
  const rows = picture(box!, 800, 600);
  assert.equal(spansOf(box!, size).area, 200 * 100);
  assert.equal(
    rows.findIndex(row => row.includes('#')),
    150,
  );
  assert.equal(rows[150]!.indexOf('#'), 350);
});

test('labels of a project and of a job; points of a skeleton are no classes', async t => {
  const skeleton = `${labels}<label><name>knee</name><type>points</type><parent>person</parent></label>`;
  for (const owner of ['project', 'job']) {
    const text = document(image(''), `<${owner}><labels>${skeleton}</labels></${owner}><dumped>now</dumped>`);
    const set = await readAnnotations(write(temporaryFolder(t), 'a.xml', text));
    assert.deepEqual(set.classes, ['tree', 'car', 'person']);
  }
});

test('bad files are one error that names the file, the element with its line, and the attribute', async t => {
  const folder = temporaryFolder(t);
  const polygon = (points: string) => image(`<polygon label="car" points="${points}"/>`);
  const mask = (facts: string) => image(`<mask label="car" left="0" top="0" ${facts}/>`);
  for (const [text, ...texts] of [
    ['<annotations><image>', 'line 1'],
    ['<annotations></meta>', 'line 1'],
    [`${'<a>'.repeat(5000)}`, '100 deep'],
    ['<!-- nothing -->', 'no element'],
    ['<annotation><folder/></annotation>', '<annotation>', 'CVAT for images'],
    [document('<track id="0" label="car"/>'), 'tracks', 'CVAT for images'],
    [document(image(''), ''), '<meta>', 'no labels'],
    [document('<image name="a.jpg" height="5"/>'), '<image width and height> in line 5', 'NaN×5'],
    [document('<image name="a.jpg" width="0" height="5"/>'), '<image width and height> in line 5', '0×5'],
    [document('<image width="3" height="5"/>'), '<image name> in line 5', 'nothing'],
    [document(image('') + image('')), '<image> in line 7', 'a & b.jpg', 'line 5'],
    [document(image(box('', 'dog'))), '<box label> in line 6', '"dog"'],
    [document(image(box('z_order="x"'))), '<box z_order> in line 6', '"x"'],
    [document(image('<box label="car" xtl="1" ytl="1" xbr="2"/>')), '<box ybr> in line 6', 'nothing'],
    [document(polygon('0,0;1,1')), '<polygon points> in line 6', '2 point(s)', '3 points'],
    [document(polygon('0,0;1,1;2')), '<polygon points> in line 6', '5 numbers', 'even'],
    [document(polygon('0,0;1,;2,2')), '<polygon points> in line 6', 'NaN at index 3'],
    [document(mask('width="2" height="2" rle="1, 2"')), '<mask rle> in line 6', '3 pixels', '4'],
    [document(mask('width="2" height="2" rle="1, x"')), '<mask rle> in line 6', 'NaN at index 1'],
    [document(mask('width="2" rle="4"')), '<mask height> in line 6', 'nothing'],
    [document(image('<cuboid label="car" xtl1="1"/>')), '<cuboid> in line 6', 'polygon'],
  ] as const) {
    const path = write(folder, 'a.xml', text);
    await assert.rejects(readAnnotations(path), faultAt(path, ...texts), text.slice(0, 300));
  }
});
