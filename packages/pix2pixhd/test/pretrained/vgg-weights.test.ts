/**
 * Finding and fetching the weights of VGG19: the places and their order, and every way a download can end. The servers are
 * on this machine; nothing else is reached.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError } from '../../src/errors.js';
import { DownloadError, download } from '../../src/pretrained/download.js';
import { downloadVggWeights, findVggWeights, vggCachePath } from '../../src/pretrained/vgg-weights.js';

const fileName = 'vgg19-dcbb9e9d.pth';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-vgg-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function touch(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return path;
}

/** How a server treats a request. */
interface Manners {
  readonly status?: number;
  /** Bytes that are promised and do not come. */
  readonly cut?: number;
  /** Keeps the connection open after the first half. */
  readonly stall?: boolean;
}

/** Serves one body at every address. */
async function serve(t: TestContext, body: Uint8Array, { status = 200, cut = 0, stall = false }: Manners = {}) {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-length': body.length });
    const sent = stall ? body.length >> 1 : body.length - cut;
    response.write(body.subarray(0, sent), () => {
      if (cut > 0) response.destroy();
      else if (!stall) response.end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${fileName}`;
}

/** An address where nothing listens any more. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${port}/${fileName}`;
}

const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
const sha256 = createHash('sha256').update(body).digest('hex');
const quiet = { onProgress: () => {}, signal: undefined };

test('the named file comes first, then the own cache, then that of PyTorch', t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder, TORCH_HOME: '' };
  assert.equal(findVggWeights(null, environment), undefined);
  const hub = touch(join(folder, 'torch/hub/checkpoints', fileName));
  assert.equal(findVggWeights(null, environment), hub);
  const own = touch(join(folder, 'pix2pixhd', fileName));
  assert.equal(findVggWeights(null, environment), own);
  const named = touch(join(folder, 'mine.pth'));
  assert.equal(findVggWeights(named, environment), named);
});

test('TORCH_HOME and XDG_CACHE_HOME are followed; unset or empty, ~/.cache counts', t => {
  const folder = temporaryFolder(t);
  const hub = touch(join(folder, 'elsewhere/hub/checkpoints', fileName));
  const environment = { XDG_CACHE_HOME: join(folder, 'none'), TORCH_HOME: join(folder, 'elsewhere') };
  assert.equal(findVggWeights(null, environment), hub);
  for (const unset of [{}, { XDG_CACHE_HOME: '' }])
    assert.equal(vggCachePath(unset), join(homedir(), '.cache/pix2pixhd', fileName));
});

test('a named file that is not there is an error, even where a cache has one; a folder is none', t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder };
  mkdirSync(join(folder, 'torch/hub/checkpoints', fileName), { recursive: true });
  assert.equal(findVggWeights(null, environment), undefined);
  touch(join(folder, 'pix2pixhd', fileName));
  const missing = join(folder, 'missing.pth');
  for (const path of [missing, folder])
    assert.throws(() => findVggWeights(path, environment), {
      name: 'UserError',
      message: new RegExp(
        `looking for the weights of VGG19: ${path}\n  found: +no such file\n  remedy: +correct --vgg-weights`,
      ),
    });
});

test('a whole file is put in place, with progress, and nothing else is left', async t => {
  const destination = join(temporaryFolder(t), 'new/folder', fileName);
  const progress: [number, number | null][] = [];
  await download({
    url: await serve(t, body),
    destination,
    sha256: sha256.slice(0, 8),
    onProgress: (received, total) => progress.push([received, total]),
    signal: undefined,
  });
  assert.deepEqual(new Uint8Array(readFileSync(destination)), body);
  assert.deepEqual(progress.at(-1), [body.length, body.length]);
  assert.ok(progress.every(([received], i) => i === 0 || received > progress[i - 1]![0]));
  assert.deepEqual(readdirSync(dirname(destination)), [fileName]);
});

test('another hash, a cut, a refusal and no server are errors that leave an earlier file as it was', async t => {
  const folder = temporaryFolder(t);
  const destination = join(folder, fileName);
  writeFileSync(destination, 'earlier');
  const cases: [string, RegExp][] = [
    [
      await serve(t, body.subarray(1)),
      /^SHA-256 [0-9a-f]{16}…, expected [0-9a-f]{8}…: a different file, or damaged$/,
    ],
    [await serve(t, body, { cut: 1000 }), /^the download stopped after \d+ bytes \(.+\)$/],
    [await serve(t, body, { status: 404 }), /^the server answered 404 Not Found$/],
    [await closedPort(), /^no connection \(ECONNREFUSED\)$/],
  ];
  for (const [url, message] of cases) {
    const attempt = download({ url, destination, sha256: sha256.slice(0, 8), ...quiet });
    await assert.rejects(attempt, (error: unknown) => error instanceof DownloadError && message.test(error.message));
    assert.equal(readFileSync(destination, 'utf8'), 'earlier', String(message));
    assert.deepEqual(readdirSync(folder), [fileName], String(message));
  }
});

test('an interrupted download leaves nothing', async t => {
  const folder = temporaryFolder(t);
  const url = await serve(t, body, { stall: true });
  const stop = new AbortController();
  const options = { url, destination: join(folder, fileName), sha256: '', signal: stop.signal };
  const attempt = download({ ...options, onProgress: () => stop.abort() });
  await assert.rejects(attempt, /^DownloadError: the download stopped after \d+ bytes \(interrupted\)$/);
  await assert.rejects(download({ ...options, onProgress: () => {} }), /^DownloadError: interrupted$/);
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
  await download({ url: await serve(t, body), destination: join(folder, fileName), sha256, ...quiet });
  assert.deepEqual(readdirSync(folder).sort(), ['other.part', fileName, current.slice(folder.length + 1)].sort());
});

test('a folder that cannot be made is said before anything is asked of the network', async t => {
  const folder = temporaryFolder(t);
  const file = touch(join(folder, 'file'));
  const attempt = download({ url: await closedPort(), destination: join(file, 'x', fileName), sha256, ...quiet });
  await assert.rejects(attempt, /file\/x cannot be written \(ENOTDIR\)/);
});

test('the user is told what happened and the other ways to the file', async t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder };
  const destination = join(folder, 'pix2pixhd', fileName);
  const cases: [string, RegExp][] = [
    [await closedPort(), /no connection \(ECONNREFUSED\)/],
    // Any other file than the real one has another hash.
    [await serve(t, body), /SHA-256 [0-9a-f]{16}…, expected dcbb9e9d/],
  ];
  for (const [url, found] of cases) {
    await assert.rejects(downloadVggWeights({ url }, environment), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.parts.where, url);
      assert.match(error.parts.found, found);
      assert.match(error.parts.remedy, /on another machine and put it at/);
      for (const way of [destination, url, '--vgg-weights FILE', '--no-vgg-loss'])
        assert.ok(error.parts.remedy.includes(way), way);
      return true;
    });
    assert.equal(findVggWeights(null, environment), undefined);
  }
});
