/** Which image belongs to which: endings of public programs, folders below, what is left over. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { matchImages } from '../../src/judge/match.js';
import { type FolderOf, imagesIn } from '../../src/judge/result-files.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';

function folder(root: string, name: string, files: readonly string[]): string {
  for (const file of files) writePng(join(root, name, file), 2, 1, noise(4));
  return join(root, name);
}
const list = (path: string, of: FolderOf = 'results') =>
  imagesIn(path, { of, option: '--results', outputs: [] }, () => {});

test('endings of public programs are not part of stems, and other images beside them do not count', t => {
  const root = temporaryFolder(t);
  const cases: [string, FolderOf, string[], string[], number][] = [
    ['pix2pix', 'results', ['a_fake_B.png', 'b_fake_B.png', 'a_real_A.png', 'a_real_B.png'], ['a', 'b'], 2],
    ['pix2pix', 'real', [], ['a'], 3],
    ['pix2pix', 'input', [], ['a'], 3],
    ['hd', 'results', ['x_synthesized_image.png', 'x_input_label.png'], ['x'], 1],
    ['cycle', 'results', ['a_fake_A.png', 'a_rec_B.png'], ['a'], 1],
    [
      'plain',
      'results',
      ['a.png', 'city/b_leftImg8bit.png', 'c_generated_more.png'],
      ['a', 'c_generated_more', 'city/b'],
      0,
    ],
  ];
  for (const [name, of, files, stems, others] of cases) {
    const found = list(folder(root, name, files), of);
    assert.deepEqual([...found.files.keys()].sort(), stems, `${name}, ${of}`);
    assert.equal(found.others, others, name);
  }
  assert.throws(() => list(folder(root, 'twice', ['a.png', 'a_img.png'])), { code: 'DUPLICATE_NAME' });
  assert.throws(() => list(join(root, 'nowhere')), { code: 'FILE_NOT_FOUND' });
  assert.throws(() => list(join(root, 'plain', 'a.png')), /found: +a file\n/);
});

test('methods are compared on the images that all have; what is left over is told', t => {
  const root = temporaryFolder(t);
  const real = list(
    folder(root, 'real', ['city/a.png', 'city/b.png', 'town/b.png', 'town/c.png', 'town/d.png']),
    'real',
  );
  const methods = [
    { name: 'one', folder: list(folder(root, 'one', ['city/a.png', 'city/b.png', 'town/c.png', 'other.png'])) },
    // Flat, as public programs write them; which b is meant cannot be told.
    { name: 'two', folder: list(folder(root, 'two', ['a.png', 'b.png', 'c.png', 'd.png'])) },
  ];
  const { rows, exclusions } = matchImages(real, methods);
  assert.deepEqual(
    rows.map(({ stem }) => stem),
    ['city/a', 'town/c'],
  );
  assert.deepEqual(rows[0]!.results, [join(root, 'one/city/a.png'), join(root, 'two/a.png')]);
  assert.deepEqual(exclusions, [
    { stem: 'city/b', why: 'missing', methods: ['two'] },
    { stem: 'town/b', why: 'missing', methods: ['one', 'two'] },
    { stem: 'town/d', why: 'missing', methods: ['one'] },
    { stem: 'other', why: 'no-real', methods: ['one'] },
    { stem: 'b', why: 'no-real', methods: ['two'] },
  ]);
  const strangers = { name: 'three', folder: list(folder(root, 'three', ['x.png'])) };
  assert.throws(() => matchImages(real, [methods[0]!, strangers]), {
    code: 'PARTNER_MISSING',
    message: /real: 5 in .*city\/a\n.*three: 1 in .*such as x/s,
  });
});
