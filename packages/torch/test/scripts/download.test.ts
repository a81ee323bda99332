/**
 * Every way a download can end. The servers are on this machine; nothing else is reached.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type DownloadFailure, download } from '@pix2pixhd/torch/download';
import { temporaryFolder } from './fake-libtorch.js';
import { closedPort, serve } from './serve.js';

const fileName = 'weights.pth';
const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
const sha256 = createHash('sha256').update(body).digest('hex');

function touch(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return path;
}

test('a whole file is put in place, with progress, and nothing else is left', async t => {
  const destination = join(temporaryFolder(t), 'new/folder', fileName);
  const progress: [number, number | null][] = [];
  const got = await download({
    url: await serve(t, body),
    destination,
    sha256: sha256.slice(0, 8),
    onProgress: (received, total) => progress.push([received, total]),
  });
  assert.deepEqual(got, { bytes: body.length, sha256 });
  assert.deepEqual(new Uint8Array(readFileSync(destination)), body);
  assert.deepEqual(progress.at(-1), [body.length, body.length]);
  assert.ok(progress.every(([received], i) => i === 0 || received > progress[i - 1]![0]));
  assert.deepEqual(readdirSync(dirname(destination)), [fileName]);
});

test('another hash, a cut, a refusal and no server are errors that leave an earlier file as it was', async t => {
  const folder = temporaryFolder(t);
  const destination = join(folder, fileName);
  writeFileSync(destination, 'earlier');
  const cases: [string, DownloadFailure, RegExp][] = [
    [
      await serve(t, body.subarray(1)),
      'wrong-hash',
      /^its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{8}…: another file, or damaged$/,
    ],
    [await serve(t, body, { cut: 1000 }), 'interrupted', /^it broke off after \d+ bytes \(.+\)$/],
    [await serve(t, body, { status: 404 }), 'refused', /^the server answers 404 Not Found$/],
    [await closedPort(), 'unreachable', /^no connection \(ECONNREFUSED\)$/],
  ];
  for (const [url, kind, message] of cases) {
    await assert.rejects(download({ url, destination, sha256: sha256.slice(0, 8) }), {
      name: 'DownloadError',
      kind,
      message,
    });
    assert.equal(readFileSync(destination, 'utf8'), 'earlier', String(message));
    assert.deepEqual(readdirSync(folder), [fileName], String(message));
  }
});

test('an interrupted download leaves nothing', async t => {
  const folder = temporaryFolder(t);
  const url = await serve(t, body, { stall: true });
  const stop = new AbortController();
  const options = { url, destination: join(folder, fileName), signal: stop.signal };
  const attempt = download({ ...options, onProgress: () => stop.abort() });
  await assert.rejects(attempt, /^DownloadError: it broke off after \d+ bytes \(interrupted\)$/);
  await assert.rejects(download(options), /^DownloadError: interrupted$/);
  assert.deepEqual(readdirSync(folder), []);
});

test('what a killed process left is removed; what another one is writing now is not', async t => {
  const folder = temporaryFolder(t);
  const left = touch(join(folder, `${fileName}.1-aaaaaaaa.part`));
  const anHourAgo = Date.now() / 1000 - 3700;
  utimesSync(left, anHourAgo, anHourAgo);
  const current = touch(join(folder, `${fileName}.2-bbbbbbbb.part`));
  const other = touch(join(folder, 'other.part'));
  utimesSync(other, anHourAgo, anHourAgo);
  await download({ url: await serve(t, body), destination: join(folder, fileName), sha256 });
  assert.deepEqual(readdirSync(folder).sort(), ['other.part', fileName, current.slice(folder.length + 1)].sort());
});

test('a folder that cannot be made is an error before anything is requested', async t => {
  const folder = temporaryFolder(t);
  const file = touch(join(folder, 'file'));
  const attempt = download({ url: await closedPort(), destination: join(file, 'x', fileName), sha256 });
  await assert.rejects(attempt, /file\/x cannot be written \(ENOTDIR\)/);
});
