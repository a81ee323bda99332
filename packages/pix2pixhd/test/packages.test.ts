/**
 * Both packages as npm would publish them: publint and arethetypeswrong find nothing, and nothing in them leads nowhere.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const packages = ['torch', 'pix2pixhd'];
/** The tarballs, by folder. */
const packed = new Map<string, Uint8Array<ArrayBuffer>>();

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
  for (const [i, name] of packages.entries()) packed.set(name, new Uint8Array(readFileSync(join(folder, names[i]!))));
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

  test(`${name}: source maps hold their sources, and no test is published`, { skip }, () => {
    const files = contents(name);
    const maps = files.listFiles().filter(file => file.endsWith('.map'));
    assert.ok(maps.length > 20);
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(files.readFile(file)) as Record<string, unknown[] | undefined>;
      assert.equal(sourcesContent?.length, sources?.length, `${file} names sources that are not there`);
    }
    assert.deepEqual(
      files.listFiles().filter(file => /\.test\.|\/test\/|\.tsbuildinfo$/.test(file)),
      [],
    );
  });
}

test('whoever installs pix2pixhd does not get the artwork of the demo, but is told its versions', () => {
  const read = (path: string) =>
    JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, Record<string, unknown>>;
  const { dependencies, peerDependencies, peerDependenciesMeta } = read('packages/pix2pixhd/package.json');
  const { devDependencies } = read('package.json');
  const artwork = Object.keys(peerDependencies!);
  assert.deepEqual(artwork, ['@lobehub/fluent-emoji-3d', '@lobehub/fluent-emoji-flat']);
  for (const name of artwork) {
    assert.equal(dependencies![name], undefined);
    assert.deepEqual(peerDependenciesMeta![name], { optional: true });
    assert.equal(devDependencies![name], peerDependencies![name], 'the workspace installs what the package asks for');
  }
});
