/**
 * The rooms and what each may import, as docs/architecture.md says: its tables are read, and every import in both packages
 * is held against them. Depends on the sources, not on the build.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const torchPackage = '@pix2pixhd/torch';
/** Names without backticks in the tables' last column. */
const shortNames: Readonly<Record<string, string>> = {
  torch: torchPackage,
  'atomic-write': `${torchPackage}/atomic-write`,
  npy: `${torchPackage}/npy`,
};

/** A row of a table: who, and what it may import. */
interface Row {
  readonly room: string;
  /** Room → whether only its types. */
  readonly rooms: ReadonlyMap<string, 'all' | 'types'>;
  readonly modules: ReadonlySet<string>;
}

/** One import of a file. */
interface Import {
  readonly from: string;
  readonly typesOnly: boolean;
  /** What stands between `import` and `from`. */
  readonly names: string;
}

/** The rows of the table that follows the line "In `FOLDER`:". */
function readTable(markdown: string, folder: string): Row[] {
  const start = markdown.indexOf(`In \`${folder}\`:`);
  assert.ok(start >= 0, `docs/architecture.md has a table of ${folder}`);
  const lines = markdown.slice(start).split('\n').slice(1);
  const first = lines.findIndex(line => line.startsWith('|'));
  const length = lines.slice(first).findIndex(line => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).flatMap(line => {
    const [names, rooms, modules] = line.split('|').slice(1) as [string, string, string];
    const allowed = [...rooms.matchAll(/`([^`]+)`( \(types\))?/g)];
    return [...names.matchAll(/`([^`]+)`/g)].map(([, room]) => ({
      room: room!,
      rooms: new Map(allowed.map(([, name, types]) => [name!, types === undefined ? 'all' : 'types'] as const)),
      modules: new Set(
        modules
          .split(',')
          .map(name => name.trim())
          .filter(name => name !== '')
          .map(name => shortNames[name] ?? name.replaceAll('`', '')),
      ),
    }));
  });
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** Static and dynamic imports and re-exports. */
function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const clauses = [...code.matchAll(/\b(?:import|export)\s+([\w*{][^;'"]*?)\s*from\s*['"]([^'"]+)['"]/g)];
  // Not the word import in quotes.
  const bare = [...code.matchAll(/(?<!['"])\bimport\s*\(?\s*['"]([^'"]+)['"]/g)];
  return [
    ...clauses.map(([, names, from]) => ({ from: from!, typesOnly: isTypesOnly(names!), names: names! })),
    ...bare.map(([, from]) => ({ from: from!, typesOnly: false, names: '' })),
  ];
}

/** `import type {…}`, or every name with `type` before it: nothing is left of either when the program runs. */
function isTypesOnly(names: string): boolean {
  if (names.startsWith('type ')) return true;
  const list = /^\{([\s\S]*)\}$/.exec(names)?.[1]?.split(',') ?? [];
  const named = list.map(name => name.trim()).filter(name => name !== '');
  return named.length > 0 && named.every(name => name.startsWith('type '));
}

const isWithin = (file: string, room: string) => file === room || file.startsWith(`${room}/`);

/** What a file imports that its row does not allow. */
function violations(file: string, source: string, table: readonly Row[]): string[] {
  const row = table.filter(({ room }) => isWithin(file, room)).sort((a, b) => b.room.length - a.room.length)[0];
  if (row === undefined) return [`${file} is in no room of the table`];
  return importsOf(source).flatMap(({ from, typesOnly }) => {
    if (!from.startsWith('.')) return row.modules.has(from) ? [] : [`${file} imports ${from}`];
    const target = posix.join(posix.dirname(file), from).replace(/\.js$/, '.ts');
    if (isWithin(target, row.room)) return [];
    const allowed = [...row.rooms].filter(([room]) => isWithin(target, room)).map(([, what]) => what);
    if (allowed.includes('all') || (typesOnly && allowed.includes('types'))) return [];
    return [`${file} imports ${target}${allowed.length > 0 ? ', of which only types are allowed' : ''}`];
  });
}

function sources(folder: string): { file: string; source: string }[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map(name => String(name).replaceAll('\\', '/'))
    .filter(file => file.endsWith('.ts') && file !== 'index.ts')
    .map(file => ({ file, source: readFileSync(join(root, folder, file), 'utf8') }));
}

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const folders = ['packages/pix2pixhd/src', 'packages/torch/src'] as const;

for (const folder of folders) {
  const table = readTable(page, folder);
  const files = sources(folder);

  test(`${folder}: every import is one that docs/architecture.md allows`, () => {
    assert.ok(files.length > 30);
    assert.deepEqual(
      files.flatMap(({ file, source }) => violations(file, source, table)),
      [],
    );
  });

  test(`${folder}: the table names no room that is gone, and allows nothing that nobody uses`, () => {
    for (const { room, rooms, modules } of table) {
      const own = files.filter(({ file }) => isWithin(file, room) && mostSpecific(file, table) === room);
      assert.ok(own.length > 0, `${room} is gone`);
      const imported = own.flatMap(({ file, source }) =>
        importsOf(source).map(({ from }) =>
          from.startsWith('.') ? posix.join(posix.dirname(file), from).replace(/\.js$/, '.ts') : from,
        ),
      );
      for (const other of rooms.keys())
        assert.ok(
          imported.some(target => isWithin(target, other)),
          `${room} does not use ${other}`,
        );
      for (const module of modules) assert.ok(imported.includes(module), `${room} does not use ${module}`);
    }
  });
}

function mostSpecific(file: string, table: readonly Row[]): string | undefined {
  return table
    .map(({ room }) => room)
    .filter(room => isWithin(file, room))
    .sort((a, b) => b.length - a.length)[0];
}

test('an import that the table does not allow is found', () => {
  const table = readTable(page, 'packages/pix2pixhd/src');
  const found = (file: string, source: string) => violations(file, source, table);
  assert.deepEqual(found('networks/unet.ts', "import { z } from 'zod';"), ['networks/unet.ts imports zod']);
  assert.deepEqual(found('networks/unet.ts', "import type { TrainConfig } from '../config/schema.js';"), [
    'networks/unet.ts imports config/schema.ts',
  ]);
  assert.deepEqual(found('losses/l1.ts', "import { type A, norm } from '../networks/blocks.js';"), [
    'losses/l1.ts imports networks/blocks.ts, of which only types are allowed',
  ]);
  assert.deepEqual(found('losses/l1.ts', "import { type A, type B } from '../networks/blocks.js';"), []);
  assert.deepEqual(found('training/trainer.ts', "export * from '../run/progress.js';"), [
    'training/trainer.ts imports run/progress.ts',
  ]);
  assert.deepEqual(found('data/loader.ts', "const torch = await import('@pix2pixhd/torch');"), [
    'data/loader.ts imports @pix2pixhd/torch',
  ]);
  assert.deepEqual(found('data/loader.ts', "import 'node:child_process';"), [
    'data/loader.ts imports node:child_process',
  ]);
  assert.deepEqual(found('data/loader.ts', "/** import { x } from 'zod'; */ // import 'zod';"), []);
  assert.deepEqual(found('somewhere/file.ts', ''), ['somewhere/file.ts is in no room of the table']);
  const torch = readTable(page, 'packages/torch/src');
  assert.deepEqual(violations('nn/conv.ts', "import { binding } from '../binding.js';", torch), [
    'nn/conv.ts imports binding.ts',
  ]);
});

test('networks, losses and the training step know no console, process or clock', () => {
  const pure = /^(networks|losses|conditioning|config|evaluation|training|run\/health)\//;
  const impure = /\b(console|process|performance|Date|setTimeout|setInterval|fetch)\b\s*[.(]/;
  const files = sources('packages/pix2pixhd/src').filter(({ file }) => pure.test(file));
  assert.ok(files.length > 20);
  for (const { file, source } of files) assert.doesNotMatch(withoutComments(source), impure, file);
  assert.match('const now = performance.now();', impure);
});

test('networks, losses and inference know no optimiser', () => {
  for (const { file, source } of sources('packages/pix2pixhd/src').filter(({ file }) =>
    /^(networks|losses|inference)\//.test(file),
  ))
    for (const { from, names } of importsOf(source))
      assert.ok(from !== torchPackage || !/\boptim\b/.test(names), `${file} imports optim`);
});

test('only binding.ts loads native code', () => {
  for (const { file, source } of sources('packages/torch/src'))
    if (file !== 'binding.ts') assert.doesNotMatch(withoutComments(source), /createRequire|\brequire\(|dlopen/, file);
});
