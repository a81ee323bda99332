/** `classes.json`: read as written, refused where it is something else. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readClasses } from '../../src/data/labels/classes.js';
import { UserError } from '../../src/errors.js';
import { temporaryFolder } from './images.js';

test('a list of classes is read, and a missing one is not an error', t => {
  const root = temporaryFolder(t);
  assert.equal(readClasses(root), undefined);
  const classes = [
    { id: 0, name: 'sky', colour: '#60b8ff', countable: false },
    { id: 1, name: 'car', colour: '#E02030', countable: true },
  ];
  writeFileSync(join(root, 'classes.json'), JSON.stringify(classes));
  assert.deepEqual(readClasses(root), classes);
});

test('other content is refused with the file and the place', t => {
  const root = temporaryFolder(t);
  const good = '{"id": 0, "name": "sky", "colour": "#60b8ff", "countable": false}';
  for (const [content, found] of [
    ['{}', /not a list/],
    ['[', /JSON/],
    [`[${good}, ${good}]`, /at index 1/],
    ['[null]', /at index 0: null/],
    [`[${good.replace('#60b8ff', 'blue')}]`, /at index 0: .*blue/],
    [`[${good.replace('false', '0')}]`, /at index 0/],
  ] as const) {
    writeFileSync(join(root, 'classes.json'), content);
    assert.throws(
      () => readClasses(root),
      error =>
        error instanceof UserError && error.parts.where === join(root, 'classes.json') && found.test(error.parts.found),
      content,
    );
  }
});
