/**
 * The modules and what each may import: all packages are held against the table in scripts/modules.mjs, and each kind of
 * violation is seen to be found. So is what biome.json denies to the modules that compute. Depends on the sources and on
 * scripts/check-imports.mjs, not on the build.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

type Table = Readonly<Record<string, readonly [modules: string, packages: string]>>;

interface Checker {
  check(table: Table, files: ReadonlyMap<string, string>, known?: readonly string[]): string[];
  checkAll(): string[];
  actual(table: Table, files: ReadonlyMap<string, string>): [string, [string, string]][];
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const { check, checkAll, actual } = (await import(
  new URL('../../../../scripts/check-imports.mjs', import.meta.url).href
)) as Checker;

test('every import is one that the table allows, it allows nothing needless, and there is no circle', () => {
  assert.deepEqual(checkAll(), []);
});

const table: Table = {
  'blocks.ts': ['', ''],
  networks: ['blocks.ts', 'torch'],
  'networks/build.ts': ['networks type:config', ''],
  config: ['', 'zod'],
};
const sound: Readonly<Record<string, string>> = {
  'blocks.ts': '/** import { x } from "zod"; */ // import "zod";',
  'networks/unet.ts': "import { conv } from '../blocks.js';\nimport { ops } from '@pix2pixhd/torch';",
  'networks/build.ts':
    "import { type TrainConfig } from '../config/schema.js';\nimport type { Options } from '../config/schema.js';\nexport { unet } from './unet.js';",
  'config/schema.ts': "import { z } from 'zod';\nimport './option.js';",
  'config/option.ts': '',
};
/** What is found where one more file is there, or another in place of one. */
const found = (file: string, source: string): string[] =>
  check(table, new Map(Object.entries({ ...sound, [file]: source })));

test('sources that keep to the table pass, and are printed as the table', () => {
  const files = new Map(Object.entries(sound));
  assert.deepEqual(check(table, files), []);
  assert.deepEqual(Object.fromEntries(actual(table, files)), {
    ...table,
    'networks/build.ts': ['type:config networks', ''],
  });
});

test('an import that the table does not allow is found, however it is written', () => {
  const ways: readonly [source: string, what: string][] = [
    ["import { z } from 'zod';", 'zod'],
    ["\nimport 'node:child_process';", 'node:child_process'],
    ["const sharp = await import('sharp');", 'sharp'],
    ["export * from '../config/schema.js';", 'config/schema.ts'],
    ["export { option } from '../config/schema.js';", 'config/schema.ts'],
    ["import type { TrainConfig } from '../config/schema.js';", 'config/schema.ts'],
  ];
  for (const [source, what] of ways) {
    const line = source.startsWith('\n') ? 2 : 1;
    assert.deepEqual(found('networks/other.ts', source), [
      `networks/other.ts:${line}: networks may not import ${what}`,
    ]);
  }
});

test('where types are allowed, values are not', () => {
  const sources = [
    "import { type A, parse } from '../config/schema.js';",
    "export { parse } from '../config/schema.js';",
  ];
  for (const source of sources)
    assert.deepEqual(found('networks/build.ts', `${source}\nimport './unet.js';`), [
      'networks/build.ts:1: networks/build.ts may not import more than the types of config/schema.ts',
    ]);
});

test('a file without a module, a row without a file and a needless allowance are found', () => {
  assert.deepEqual(found('somewhere/file.ts', ''), ['somewhere/file.ts: this file is in no module of the table']);
  assert.deepEqual(found('config/schema.ts', ''), ['config: the table allows zod, which nothing in it imports']);
  assert.deepEqual(check({ ...table, losses: ['', ''] }, new Map(Object.entries(sound))), [
    'losses: the table has a row for it, and no file is in it',
  ]);
});

test('circles between files and between modules are found, those of types too', () => {
  const files = new Map(
    Object.entries({ ...sound, 'config/option.ts': "import type { Schema } from './schema.js';", 'blocks.ts': '' }),
  );
  const circle = 'config/option.ts → config/schema.ts → config/option.ts';
  assert.deepEqual(check(table, files), [`circle: ${circle}`]);
  assert.deepEqual(check(table, files, [circle]), []);
  assert.deepEqual(check(table, new Map(Object.entries(sound)), [circle]), [`this known circle is gone: ${circle}`]);

  const wider: Table = { ...table, config: ['networks', 'zod'] };
  const source = `${sound['config/schema.ts']}\nimport '../networks/unet.js';`;
  assert.deepEqual(check(wider, new Map(Object.entries({ ...sound, 'config/schema.ts': source }))), [
    'circle: config → networks → config',
  ]);
});

const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

test('modules that compute know no console, process or clock, and no optimiser', { skip: !existsSync(biome) }, t => {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-lint-'));
  t.after(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  const source =
    "import { optim } from '@pix2pixhd/torch';\nconsole.log(optim, process.pid, performance.now(), new Date());\n";
  const lint = (file: string): string[] => {
    const path = join(folder, 'packages/pix2pixhd/src', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source);
    const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=github', path];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return [...stdout.matchAll(/title=lint\/style\/(\w+),.*,line=(\d)/g)].map(([, rule, line]) => `${rule} ${line}`);
  };
  const globals = Array.from({ length: 4 }, () => 'noRestrictedGlobals 2');
  assert.deepEqual(lint('losses/adversarial.ts').sort(), [...globals, 'noRestrictedImports 1']);
  assert.deepEqual(lint('training/trainer.ts'), globals);
  assert.deepEqual(lint('run/health/health.ts'), globals);
  assert.deepEqual(lint('inference/translate.ts'), ['noRestrictedImports 1']);
  assert.deepEqual(lint('run/loop.ts'), []);
});

test('docs/architecture.md names modules and functions that are there', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const sources = join(root, 'packages/pix2pixhd/src');
  const [, house] = /## The house[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(page)!;
  const drawn = [...house!.matchAll(/\b([a-z]+\/|errors\.ts)(?=\s)/g)].map(([name]) => name);
  assert.ok(drawn.length > 15, drawn.join());
  for (const name of drawn) assert.ok(existsSync(join(sources, name)), `${name} is drawn and not there`);

  const walk = page.slice(page.indexOf('## From a label map'), page.indexOf('## Decisions'));
  const stops = [...walk.matchAll(/`([\w/-]+\.ts)` `(\w+)`/g)];
  assert.ok(stops.length >= 10, `${stops.length} stops`);
  for (const [, file, name] of stops)
    assert.match(readFileSync(join(sources, file!), 'utf8'), new RegExp(`\\b${name}\\b.*[({]`), `${file} ${name}`);
});
