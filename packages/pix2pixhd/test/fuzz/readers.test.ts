/** A few hundred damaged files to every reader; `npm run fuzz:readers` gives each ten thousand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileFormatError } from '@pix2pixhd/torch';
import fc from 'fast-check';
import { noise, temporaryFolder } from '../data/images.js';
import { fuzz } from './fuzz.js';
import { damaged } from './mutations.js';
import { readers } from './readers.js';

const files = 200;

function refusing(): never {
  throw new FileFormatError('elsewhere', 'is damaged');
}

test('damage is spread over a file, denser at its beginning', () => {
  const seed = Buffer.from(noise(1000, 1));
  const places = fc
    .sample(damaged([seed]), { numRuns: 1000, seed: 1 })
    .map(file => file.findIndex((byte, i) => byte !== seed[i]))
    .filter(place => place >= 0);
  const share = (from: number, to: number) => places.filter(at => at >= from && at < to).length / places.length;
  assert.ok(places.length > 700, `${places.length} were changed`);
  assert.ok(share(0, 100) > 0.25 && share(0, 100) < 0.6, `${share(0, 100)} in the first tenth`);
  for (let tenth = 1; tenth < 10; tenth++) {
    const part = share(100 * tenth, 100 * tenth + 100);
    assert.ok(part > 0.02, `${part} in tenth ${tenth}`);
  }
});

test('a reader with another error, with one that names no file, or with too much memory is found out', async t => {
  const [sound] = readers;
  const held: Uint8Array[] = [];
  for (const [read, problem] of [
    [() => JSON.parse('{'), /threw what is no FileFormatError/],
    [refusing, /did not name the file/],
    [() => held.push(new Uint8Array(200 * 2 ** 20).fill(1)), /took \d+ MiB for a file of \d+ bytes/],
  ] as [() => unknown, RegExp][]) {
    if (problem.source.startsWith('took') && process.platform !== 'linux') continue;
    await assert.rejects(fuzz({ ...sound!, read }, temporaryFolder(t), 1, 1), problem);
    held.length = 0;
  }
});

for (const reader of readers)
  test(`${reader.name}: ${files} damaged files give values or errors of the one kind, in time and memory`, async t => {
    // Another seed every day: a fault that is found is told with its seed.
    const seed = Math.floor(Date.now() / 86_400_000);
    const found = await fuzz(reader, temporaryFolder(t), files, seed);
    assert.equal(found.files, files);
    // Damage that is refused at once would test nothing but the first bytes; that all are read would test nothing.
    assert.ok(found.errors > 0);
  });
