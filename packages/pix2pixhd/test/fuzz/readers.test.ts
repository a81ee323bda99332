/** A few hundred damaged files to every reader; `npm run fuzz:readers` gives each ten thousand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../data/pictures.js';
import { fuzz } from './fuzz.js';
import { readers } from './readers.js';

const files = 200;

for (const reader of readers)
  test(`${reader.name}: ${files} damaged files give values or errors of the one kind, in time and memory`, async t => {
    // Another seed every day: a fault that is found is told with its seed.
    const seed = Math.floor(Date.now() / 86_400_000);
    const found = await fuzz(reader, temporaryFolder(t), files, seed);
    assert.equal(found.files, files);
    // Damage that is refused at once would test nothing but the first bytes; that all are read would test nothing.
    assert.ok(found.errors > 0);
  });
