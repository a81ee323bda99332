/**
 * The packages as npm would publish them: publint and arethetypeswrong find nothing, nothing in them leads nowhere, and the
 * program runs from them alone, with and without the demo.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const npmCli = process.env.npm_execpath ?? join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
const skip = !existsSync(npmCli) && 'no npm beside this Node';
const packages = ['torch', 'editor', 'study', 'web', 'pix2pixhd', 'demo'];
/** The contents of the tarballs, by folder, and where they lie. */
const packed = new Map<string, Uint8Array<ArrayBuffer>>();
const tarballs = new Map<string, string>();

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-packed-'));
  if (skip) return;
  const workspaces = packages.map(name => `--workspace=packages/${name}`);
  const args = [npmCli, 'pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`, ...workspaces];
  const output = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const names = (JSON.parse(output) as { filename: string }[]).map(({ filename }) => filename);
  for (const [i, name] of packages.entries()) {
    tarballs.set(name, join(folder, names[i]!));
    packed.set(name, new Uint8Array(readFileSync(join(folder, names[i]!))));
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const contents = (name: string): Package => createPackageFromTarballData(packed.get(name)!);

for (const name of packages) {
  test(`${name}: publint has nothing to say`, { skip }, async () => {
    const tarball = packed.get(name)!.buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    assert.deepEqual(
      messages.map(message => formatMessage(message, pkg, { color: false })),
      [],
    );
  });

  test(`${name}: every entry point has the types of what it exports`, { skip }, async () => {
    const analysis = await checkPackage(contents(name));
    assert.ok(analysis.types, 'the package has types');
    // The packages are ES modules, for Node 20.9 and newer. What cannot load ES modules (require in older Nodes, and the
    // resolution of Node 10, which knows no exports) is not served, so its problems are none of ours.
    const served = analysis.problems.filter(
      problem => !('resolutionKind' in problem) || ['node16-esm', 'bundler'].includes(problem.resolutionKind),
    );
    assert.deepEqual(served, []);
  });

  test(`${name}: source maps hold their sources, and neither tests nor files without a source are published`, {
    skip,
  }, () => {
    const files = contents(name);
    const maps = files.listFiles().filter(file => file.endsWith('.map'));
    // Editor and study publish little beside their pages.
    const least = { editor: 4, study: 0 }[name] ?? 15;
    assert.ok(maps.length > least);
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(files.readFile(file)) as Record<string, unknown[] | undefined>;
      assert.equal(sourcesContent?.length, sources?.length, `${file} names sources that are not there`);
    }
    assert.deepEqual(
      files.listFiles().filter(file => /\.test\.|\/test\/|\.tsbuildinfo$/.test(file)),
      [],
    );
    const compiled = files.listFiles().flatMap(file => /\/dist\/(src\/.*)\.js$/.exec(file)?.[1] ?? []);
    assert.ok(compiled.length > least);
    for (const file of compiled) assert.ok(existsSync(join(root, 'packages', name, `${file}.ts`)), `${file} is gone`);
  });
}

/** Unpacks tarballs into `node_modules`, as npm would put them there; all else is that of this repository. */
function install(project: string, names: Readonly<Record<string, string>>): void {
  const modules = join(project, 'node_modules');
  const link = (name: string) => {
    const target = join(root, 'node_modules', name);
    if (!existsSync(join(modules, name))) symlinkSync(target, join(modules, name));
  };
  for (const [name, packageFolder] of Object.entries(names)) {
    mkdirSync(join(modules, name), { recursive: true });
    execFileSync('tar', ['xzf', tarballs.get(packageFolder)!, '--strip-components=1', '-C', join(modules, name)]);
  }
  mkdirSync(join(modules, '@pix2pixhd'), { recursive: true });
  for (const name of ['editor', 'torch', 'web']) link(`@pix2pixhd/${name}`);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && !name.startsWith('@pix2pixhd')) link(name);
}

function pix2pixhd(project: string, ...argv: string[]): { status: number | null; output: string } {
  const main = join(project, 'node_modules/pix2pixhd/dist/src/cli/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { cwd: project, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

test('without the demo its help is there, and one error tells how to get it', { skip }, () => {
  const project = join(folder, 'without');
  install(project, { pix2pixhd: 'pix2pixhd' });
  assert.match(pix2pixhd(project, 'demo', '--help').output, /--minutes/);
  const { status, output } = pix2pixhd(project, 'demo');
  assert.equal(status, 1);
  assert.match(
    output,
    /^Error while starting the demo: @pix2pixhd\/demo\n.*not installed\n.*\n {2}remedy: {3}npm install @pix2pixhd\/demo\b/,
  );
  assert.equal(pix2pixhd(project, 'demo', '--minuts', '4').status, 2);
});

test('with the demo installed beside it, the program runs it', { skip }, () => {
  const project = join(folder, 'with');
  install(project, { pix2pixhd: 'pix2pixhd', '@pix2pixhd/demo': 'demo' });
  mkdirSync(join(project, 'demo'));
  writeFileSync(join(project, 'demo/sheet.png'), 'of the user');
  const { status, output } = pix2pixhd(project, 'demo');
  // An error of the demo's own that the program knows as one: both use the same copy of pix2pixhd.
  assert.match(output, /^Error while preparing the demo: demo\/sheet.png\n/);
  assert.equal(status, 1);
});

test('the emoji model has all that drawing takes, and is small enough to come with the program', { skip }, async () => {
  const [output] = JSON.parse(
    execFileSync(
      process.execPath,
      [npmCli, 'pack', '--json', '--dry-run', '--ignore-scripts', '--workspace=packages/emoji-model'],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  ) as [{ unpackedSize: number; files: { path: string }[] }];
  assert.ok(output.unpackedSize < 10e6, `${output.unpackedSize} bytes`);
  const files = new Set(output.files.map(({ path }) => path));
  for (const file of ['model.safetensors', 'sheet.webp', 'looks.webp', 'README.md', 'LICENSE', 'drawings/classes.json'])
    assert.ok(files.has(file), file);
  const { messages } = await publint({ pkgDir: join(root, 'packages/emoji-model'), strict: true });
  assert.deepEqual(messages, []);
});

test('installing pix2pixhd brings neither the artwork of the demo nor ONNX Runtime', () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
  const { dependencies, peerDependenciesMeta } = read('pix2pixhd');
  assert.deepEqual(
    Object.keys(dependencies!).filter(name => /emoji|demo/.test(name)),
    ['@pix2pixhd/emoji-model'],
  );
  assert.deepEqual(peerDependenciesMeta, {
    '@pix2pixhd/demo': { optional: true },
    'onnxruntime-node': { optional: true },
  });
  assert.deepEqual(Object.keys(read('demo').dependencies!).filter(name => /emoji/.test(name)).length, 2);
});
