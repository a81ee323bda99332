import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder, writeTree, zipLayout } from './fake-libtorch.js';
import { makeZip, type ZipEntry } from './make-zip.js';
import { closedPort, serve } from './serve.js';

interface Script {
  downloadLibtorch(options: {
    url: string;
    destination: string;
    sha256?: string;
    onProgress?: (received: number, total: number | null) => void;
  }): Promise<{ bytes: number; sha256: string }>;
  officialUrl(version: string, compute: string, platform: string, arch: string): string;
}

const { downloadLibtorch, officialUrl }: Script = await import(
  new URL('../../../scripts/download-libtorch.mjs', import.meta.url).href
);

const entries: ZipEntry[] = [
  { name: 'libtorch/', data: '' },
  ...Object.entries(zipLayout('2.8.0+cpu')).map(([name, data]) => ({ name: `libtorch/${name}`, data })),
  { name: 'libtorch/lib/big.so', data: 'libtorch '.repeat(50_000), mode: 0o755 },
  { name: 'libtorch/lib/stored.txt', data: 'as it is', stored: true },
  { name: 'libtorch/lib/libc10.so.1', data: 'libc10.so', mode: 0o120777 },
];

test('a download is unpacked whole, and nothing else is left', async t => {
  const folder = temporaryFolder(t);
  const zip = makeZip(entries);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const progress: [number, number | null][] = [];
  const destination = join(folder, 'build/libtorch');
  const got = await downloadLibtorch({
    url: await serve(t, zip),
    destination,
    sha256: sha256.toUpperCase(),
    onProgress: (received, total) => progress.push([received, total]),
  });
  assert.deepEqual(got, { bytes: zip.length, sha256 });
  assert.deepEqual(progress.at(-1), [zip.length, zip.length]);
  assert.equal(readFileSync(join(destination, 'build-version'), 'utf8'), '2.8.0+cpu\n');
  assert.equal(readFileSync(join(destination, 'lib/big.so'), 'utf8'), 'libtorch '.repeat(50_000));
  assert.equal(statSync(join(destination, 'lib/big.so')).mode & 0o777, 0o755);
  assert.equal(readFileSync(join(destination, 'lib/stored.txt'), 'utf8'), 'as it is');
  assert.equal(statSync(join(destination, 'lib/libc10.so.1')).size, 0, 'the link leads to the empty libc10.so');
  assert.deepEqual(readdirSync(join(folder, 'build')), ['libtorch']);
});

test('a wrong hash installs nothing and leaves an earlier download alone', async t => {
  const folder = temporaryFolder(t);
  const destination = join(folder, 'libtorch');
  writeTree(destination, { 'build-version': 'earlier' });
  const url = await serve(t, makeZip(entries));
  await assert.rejects(downloadLibtorch({ url, destination, sha256: '0'.repeat(64) }), {
    name: 'LibtorchError',
    message: /its SHA-256 is [0-9a-f]{64}, expected 0{64}: .*LIBTORCH_SHA256.* Nothing was installed/,
  });
  assert.equal(readFileSync(join(destination, 'build-version'), 'utf8'), 'earlier');
  assert.deepEqual(readdirSync(folder), ['libtorch']);
});

test('a broken connection, a refusal and a machine offline each say so and leave nothing', async t => {
  const folder = temporaryFolder(t);
  const destination = join(folder, 'libtorch');
  const cut = await serve(t, makeZip(entries), { cut: 100 });
  await assert.rejects(
    downloadLibtorch({ url: cut, destination }),
    /broke off after \d+ bytes.*Run the same command again/,
  );
  const refused = await serve(t, Buffer.from('no'), { status: 404 });
  await assert.rejects(downloadLibtorch({ url: refused, destination }), /answers 404 Not Found/);
  await assert.rejects(
    downloadLibtorch({ url: await closedPort(), destination }),
    /no connection \(ECONNREFUSED\)\. Is this machine online\?/,
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('what is not a zip, a cut or damaged zip, or another zip is refused', async t => {
  const folder = temporaryFolder(t);
  const destination = join(folder, 'libtorch');
  const zip = makeZip(entries);
  const damaged = Buffer.from(zip);
  damaged.fill(0xff, zip.indexOf('libtorch/lib/big.so') + 19 + 20, zip.indexOf('libtorch/lib/big.so') + 19 + 60);
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('<html>a login page</html>'), /not a zip file/],
    [zip.subarray(0, zip.length - 30), /not a zip file, or its end is missing/],
    [damaged, /entry libtorch\/lib\/big\.so is damaged/],
    [makeZip([{ name: 'photos/cat.jpg', data: 'meow' }]), /has no folder libtorch\/lib/],
    [makeZip([{ name: '../outside', data: 'x' }]), /invalid relative path: \.\.\/outside/],
    [makeZip([{ name: 'libtorch/link', data: '../../etc', mode: 0o120777 }]), /link libtorch\/link leaves the folder/],
  ];
  for (const [body, message] of cases) {
    await assert.rejects(downloadLibtorch({ url: await serve(t, body), destination }), message);
    assert.deepEqual(readdirSync(folder), [], String(message));
    assert.ok(!existsSync(join(folder, '../outside')));
  }
});

test('the official address follows version, compute and platform', () => {
  const base = 'https://download.pytorch.org/libtorch';
  assert.equal(officialUrl('2.8.0', 'cpu', 'linux', 'x64'), `${base}/cpu/libtorch-shared-with-deps-2.8.0%2Bcpu.zip`);
  assert.equal(
    officialUrl('2.7.1', 'cu126', 'linux', 'x64'),
    `${base}/cu126/libtorch-cxx11-abi-shared-with-deps-2.7.1%2Bcu126.zip`,
  );
  assert.equal(officialUrl('2.8.0', 'cpu', 'darwin', 'arm64'), `${base}/cpu/libtorch-macos-arm64-2.8.0.zip`);
  assert.throws(
    () => officialUrl('2.8.0', 'cpu', 'linux', 'arm64'),
    /no libtorch zip for linux arm64.*LIBTORCH_USE_PYTORCH=1/,
  );
});
