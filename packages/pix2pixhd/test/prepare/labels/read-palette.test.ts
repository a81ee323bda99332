/** Palettes from CSV and JSON, and what is said about wrong ones. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parsePaletteCsv, parsePaletteJson, readPalette } from '../../../src/prepare/labels/read-palette.js';
import { temporaryFolder } from '../../data/images.js';
import { refused } from './refused.js';

const entries = [
  { id: 0, name: 'sky, blue', color: [70, 130, 180], countable: false },
  { id: 1, name: 'car', color: [0, 0, 142], countable: true },
];
const expected = { name: 'mine', entries, ignore: [[224, 224, 192]] };

test('CSV in any order of columns, separated by any usual mark, colours in numbers or #rrggbb', t => {
  const path = join(temporaryFolder(t), 'mine.csv');
  const texts = [
    'id,name,r,g,b,countable\n0,"sky, blue",70,130,180,\n1,car,0,0,142,true\n255,void,224,224,192,\n',
    '\uFEFFB;G;Name;R;ID;Countable\r\n180;130;sky, blue;70;0;false\r\n142;0;car;0;1;true\r\n192;224;;224;255;\r\n',
    'color\tname\tid\tcountable\n#4682b4\tsky, blue\t0\t\n\n00008E\tcar\t1\ttrue\n#e0e0c0\tvoid\t255\t\n',
  ];
  for (const text of texts) {
    writeFileSync(path, text);
    assert.deepEqual(readPalette(path), expected, text);
  }
  assert.deepEqual(
    parsePaletteCsv('name,hex\na,#000001\nb,#000002\n', 'x').entries.map(({ id, name }) => [id, name]),
    [
      [0, 'a'],
      [1, 'b'],
    ],
  );
});

test('JSON as a list, as classes.json, or with colours to ignore', t => {
  const path = join(temporaryFolder(t), 'mine.json');
  const values = [
    { entries, ignore: ['#e0e0c0'], name: 'mine' },
    [
      { id: 0, name: 'sky, blue', colour: '#4682b4', countable: false },
      { id: 1, name: 'car', r: 0, g: 0, b: 142, countable: true },
      { id: 255, color: [224, 224, 192] },
    ],
  ];
  for (const value of values) {
    writeFileSync(path, JSON.stringify(value));
    assert.deepEqual(readPalette(path), expected);
  }
});

test('a wrong CSV file: file, line and column', () => {
  for (const [text, found] of [
    ['', ['an empty file']],
    ['id,name,r,g,b\n', ['no classes']],
    ['id,name,r,g,b\n0,a,1,2,3\n1,b,256,0,0\n', ['line 3, column 3 (r)', '"256"']],
    ['name,id,color\n\n\na,zero,#000000\n', ['line 4, column 2 (id)', '"zero"']],
    ['id,name,color\n0,a,blue\n', ['line 2, column 3 (color)', '"blue"']],
    ['id,name,color\n0,,#000000\n', ['line 2, column 2 (name)']],
    ['id,name,color\n0,a,#000000\n0,b,#000001\n', ['line 3, column 2 (name)', 'line 2 calls the id 0 "a"']],
    ['id,name,r,g\n0,a,1,2\n', ['line 2, column 0 (b)', 'missing']],
    ['id,title\n0,a\n', ['line 2: no colour', 'id, title']],
    ['id,name,r,g,b\n0,a,1,2\n', ['line 2: 4 values for the 5 columns']],
    ['id,name,color\n0,"a,#000000\n', ['line']],
    ['id,name,color,countable\n0,a,#000000,maybe\n', ['line 2, column 4 (countable)', '"maybe"']],
  ] as const)
    assert.throws(() => parsePaletteCsv(text, 'p.csv'), refused('p.csv', ...found), text);
});

test('a wrong JSON file: file, and line and column or field', () => {
  for (const [text, found] of [
    ['[\n  {"id": 0,}\n]', ['line 2, column 12']],
    ['7', ['neither a list']],
    ['[7]', ['[0]: 7']],
    ['[{"id": 0, "color": [1, 2]}]', ['[0].color', '[1,2]']],
    ['{"entries": [{"id": 0, "color": "#000000"}, {"id": 1.5, "color": "#000001"}]}', ['entries[1].id', '1.5']],
    ['{"entries": [{"id": 0, "color": "#000000"}], "ignore": ["no"]}', ['ignore[0].color', '"no"']],
  ] as const)
    assert.throws(() => parsePaletteJson(text, 'p.json'), refused('p.json', ...found), text);
  assert.throws(() => readPalette('/no/such.json'), refused('/no/such.json', 'ENOENT'));
});
