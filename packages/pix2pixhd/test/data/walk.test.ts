/** One walk for every command: links are followed and end, what no one put there is skipped, what cannot be read is named. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Walked, walkFolder } from '../../src/data/find/walk.js';
import { UserError } from '../../src/errors.js';
import { temporaryFolder } from './images.js';

/** A folder with these files, empty, and these links (path → target). */
function tree(t: TestContext, files: readonly string[], links: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  for (const [link, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, link)), { recursive: true });
    symlinkSync(target, join(root, link));
  }
  return root;
}

const below = (root: string, walked: Walked) => walked.files.map(file => relative(root, file));
const others = (root: string, walked: Walked) =>
  walked.others.map(({ path, kind }) => [relative(root, path), kind] as const);

test('sub-folders are entered, in the order of names', t => {
  const root = tree(t, ['b.png', 'a/2.png', 'a/1.png', 'c/d/e.png', 'B.png']);
  assert.deepEqual(below(root, walkFolder(root)), ['B.png', 'a/1.png', 'a/2.png', 'b.png', 'c/d/e.png']);
});

test('dot files and the litter of systems are skipped, files and folders alike', t => {
  const litter = [
    ...['.DS_Store', '._a.png', '.ipynb_checkpoints/a-checkpoint.png', '.git/x.png', 'Thumbs.db', 'thumbs.db'],
    ...['desktop.ini', 'Desktop.ini', '__MACOSX/a.png', '@eaDir/a.png', 'lost+found/a.png', '$RECYCLE.BIN/a.png'],
  ];
  const root = tree(t, ['a.png', 'sub/b.png', ...litter, ...litter.map(name => `sub/${name}`)]);
  const walked = walkFolder(root);
  assert.deepEqual(below(root, walked), ['a.png', 'sub/b.png']);
  assert.deepEqual(walked.others, []);
});

test('links to files and to folders are followed, to the same folder twice too', t => {
  const root = tree(t, ['far/sub/x.png', 'far/y.png', 'd/a.png'], {
    'd/day': '../far',
    'd/night': '../far',
    'd/z.png': '../far/y.png',
  });
  assert.deepEqual(below(join(root, 'd'), walkFolder(join(root, 'd'))), [
    ...['a.png', 'day/sub/x.png', 'day/y.png', 'night/sub/x.png', 'night/y.png', 'z.png'],
  ]);
});

test('links back to a parent end: to itself, to the parent, two in two folders, one through the other', t => {
  const own = tree(t, ['A/1.png'], { 'A/loop': '.' });
  assert.deepEqual(below(own, walkFolder(join(own, 'A'))), ['A/1.png']);
  assert.deepEqual(others(own, walkFolder(join(own, 'A'))), [['A/loop', 'link-back']]);

  const two = tree(t, ['A/1.png', 'B/1.png'], { 'A/loop': '..', 'B/loop': '..' });
  assert.deepEqual(others(two, walkFolder(two)), [
    ['A/loop', 'link-back'],
    ['B/loop', 'link-back'],
  ]);
  assert.deepEqual(below(two, walkFolder(join(two, 'A'))), ['A/1.png']);

  const crossed = tree(t, ['A/1.png', 'B/2.png'], { 'A/to-b': '../B', 'B/to-a': '../A' });
  assert.deepEqual(below(crossed, walkFolder(join(crossed, 'A'))), ['A/1.png', 'A/to-b/2.png']);
  assert.deepEqual(others(crossed, walkFolder(join(crossed, 'A'))), [['A/to-b/to-a', 'link-back']]);
});

test('many folders that all link to one another end as well, each file found', t => {
  const names = Array.from({ length: 8 }, (_, i) => `f${i}`);
  const links = names.flatMap(a => names.filter(b => b !== a).map(b => [`${a}/to-${b}`, `../${b}`] as const));
  const root = tree(
    t,
    names.map(name => `${name}/${name}.png`),
    Object.fromEntries(links),
  );
  const { files } = walkFolder(root);
  // Through every order of 8 folders it would be 10^5 paths; each folder once for each link is less than 8^3.
  assert.ok(files.length < 8 ** 3, `${files.length} paths`);
  for (const name of names) assert.ok(files.includes(join(root, name, `${name}.png`)));
});

test('broken links and links in a circle are named with what they point to', t => {
  const root = tree(t, ['a.png'], { 'b.png': '/nowhere/b.png', 'c.png': 'd.png', 'd.png': 'c.png', city: '/nowhere' });
  const { files, others } = walkFolder(root);
  assert.deepEqual(files, [join(root, 'a.png')]);
  assert.deepEqual(
    others.map(({ path, kind, found }) => [relative(root, path), kind, found]),
    [
      ['b.png', 'broken-link', 'a link to /nowhere/b.png, which does not exist'],
      ['c.png', 'broken-link', 'a link to d.png, which leads back to itself'],
      ['city', 'broken-link', 'a link to /nowhere, which does not exist'],
      ['d.png', 'broken-link', 'a link to c.png, which leads back to itself'],
    ],
  );
});

test('a pipe is not a file: reading it would never end', { skip: process.platform === 'win32' }, t => {
  const root = tree(t, ['a.png'], { 'l.png': 'p.png' });
  assert.equal(spawnSync('mkfifo', [join(root, 'p.png')]).status, 0);
  const walked = walkFolder(root);
  assert.deepEqual(below(root, walked), ['a.png']);
  assert.deepEqual(others(root, walked), [
    ['l.png', 'special'],
    ['p.png', 'special'],
  ]);
});

test('a folder for results is not entered, however it is written, unless it is the one that is walked', t => {
  const root = tree(t, ['a.png', 'results/a.png', 'x/b.png'], { 'x/again': '../results' });
  const walked = walkFolder(root, [join(root, 'x/../results'), join(root, 'not-yet-there')]);
  assert.deepEqual(below(root, walked), ['a.png', 'x/b.png']);
  assert.deepEqual(others(root, walked), [
    ['results', 'own-output'],
    ['x/again', 'own-output'],
  ]);
  assert.deepEqual(below(root, walkFolder(join(root, 'results'), [join(root, 'results')])), ['results/a.png']);
});

test('a folder that cannot be listed is a user error', t => {
  const root = tree(t, ['a.png']);
  for (const path of ['a.png', 'nowhere']) assert.throws(() => walkFolder(join(root, path)), UserError);
});
