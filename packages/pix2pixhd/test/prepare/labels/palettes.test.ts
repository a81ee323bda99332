/** The built-in palettes against what is known of the data sets by other ways. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClasses } from '../../../src/data/labels/classes.js';
import { classesOfPalette, colourText, type Palette } from '../../../src/prepare/labels/palette.js';
import { builtinPalette, builtinPalettes } from '../../../src/prepare/labels/palettes/builtin.js';

const named = (palette: Palette, name: string) => {
  const found = palette.entries.filter(entry => entry.name === name);
  assert.equal(found.length, 1, name);
  return [found[0]!.id, ...found[0]!.color];
};
const palette = (name: string) => builtinPalette(name)!;

test('ids count from 0 in every palette, and become a classes.json that is read again', () => {
  const sizes = { cityscapes: 35, 'cityscapes-train-ids': 19, ade20k: 150, 'pascal-voc': 21 };
  for (const [name, size] of Object.entries({ ...sizes, 'coco-stuff': 182, 'coco-stuff-171': 171 }))
    assert.equal(palette(name).entries.length, size, name);
  for (const each of builtinPalettes) {
    assert.ok(each.entries.every(({ id }, i) => id === i));
    const classes = classesOfPalette(each);
    assert.deepEqual(parseClasses(JSON.stringify(classes), 'classes.json'), classes);
    assert.ok(each.entries.every(({ color }, i) => colourText(color) === classes[i]!.colour));
  }
});

test('the only colours that classes share are those that the data sets share', () => {
  const shared = (name: string) => {
    const byColour = new Map<string, { readonly id: number }[]>();
    for (const entry of palette(name).entries) {
      const key = colourText(entry.color);
      byColour.set(key, [...(byColour.get(key) ?? []), entry]);
    }
    return [...byColour.values()].filter(entries => entries.length > 1).map(entries => entries.map(({ id }) => id));
  };
  assert.deepEqual(shared('cityscapes'), [
    [0, 1, 2, 3, 4],
    [17, 18],
    [26, 34],
  ]);
  assert.deepEqual(shared('ade20k'), [[6, 48]]);
  for (const name of ['cityscapes-train-ids', 'pascal-voc', 'coco-stuff', 'coco-stuff-171'])
    assert.deepEqual(shared(name), [], name);
});

test('Cityscapes: ids, training ids, and the colours that are no class', () => {
  assert.deepEqual(named(palette('cityscapes'), 'road'), [7, 128, 64, 128]);
  assert.deepEqual(named(palette('cityscapes'), 'bicycle'), [33, 119, 11, 32]);
  const trained =
    'road sidewalk building wall fence pole traffic_light traffic_sign vegetation terrain sky person rider car truck bus train motorcycle bicycle';
  const { entries, ignore } = palette('cityscapes-train-ids');
  assert.equal(entries.map(({ name }) => name.replace(' ', '_')).join(' '), trained);
  assert.equal(ignore!.length, 10);
  assert.ok(ignore!.every(colour => !entries.some(({ color }) => colourText(color) === colourText(colour))));
});

test('PASCAL VOC: the table of the development kit, whose rows differ in the bits of the id', () => {
  // From the colour map that the kit prints; every third digit of the id, in binary, belongs to one channel.
  const known = {
    background: [0, 0, 0, 0],
    aeroplane: [1, 128, 0, 0],
    bicycle: [2, 0, 128, 0],
    boat: [4, 0, 0, 128],
    car: [7, 128, 128, 128],
    cat: [8, 64, 0, 0],
    person: [15, 192, 128, 128],
    pottedplant: [16, 0, 64, 0],
    tvmonitor: [20, 0, 64, 128],
  };
  for (const [name, row] of Object.entries(known)) assert.deepEqual(named(palette('pascal-voc'), name), row);
  // Written as in the kit: bit j of a channel, from the top, is bit 3j + channel of the id. The id of the border is 255.
  const byFormula = (id: number) =>
    [0, 1, 2].map(c => [0, 1, 2].reduce((sum, j) => sum + (((id >> (3 * j + c)) & 1) << (7 - j)), 0));
  for (const { id, color } of palette('pascal-voc').entries) assert.deepEqual([...color], byFormula(id));
  for (const { id, color } of palette('coco-stuff').entries) assert.deepEqual([...color], byFormula(id + 1));
  assert.deepEqual(palette('pascal-voc').ignore, [byFormula(255)]);
});

test('ADE20K and COCO-Stuff: classes at the ids at which they are known', () => {
  const ade = palette('ade20k');
  assert.deepEqual(named(ade, 'wall'), [0, 120, 120, 120]);
  assert.deepEqual(named(ade, 'sky'), [2, 6, 230, 230]);
  assert.deepEqual(named(ade, 'tree'), [4, 4, 200, 3]);
  assert.deepEqual(named(ade, 'person'), [12, 150, 5, 61]);
  assert.deepEqual(named(ade, 'car'), [20, 0, 102, 200]);
  assert.deepEqual(named(ade, 'sculpture'), [132, 255, 255, 0]);
  assert.deepEqual(named(ade, 'flag'), [149, 92, 0, 255]);
  // The benchmark has 35 classes of stuff and 115 of objects.
  assert.equal(ade.entries.filter(({ countable }) => countable).length, 115);
  // Categories of COCO: person 1, toothbrush 90, banner 92, wood 182. The training ids leave 11 out, all of them things.
  const idIn = (name: string, of: string) => named(palette(of), name)[0];
  assert.deepEqual(
    ['person', 'toothbrush', 'banner', 'wood'].map(name => idIn(name, 'coco-stuff')),
    [0, 89, 91, 181],
  );
  assert.deepEqual(
    ['person', 'stop sign', 'toothbrush', 'banner', 'wood'].map(name => idIn(name, 'coco-stuff-171')),
    [0, 11, 79, 80, 170],
  );
  assert.equal(palette('coco-stuff-171').entries.filter(({ countable }) => countable).length, 80);
});
