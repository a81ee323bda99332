/**
 * Downloads: how far they are, what is said where they fail, and what the Cache API keeps. Node has no Cache API; the one here keeps
 * responses by address, as a browser's does.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { readAddress } from '../../src/download/address.js';
import { readCached } from '../../src/download/model-cache.js';
import { noise } from '../support/noise.js';
import { refused } from '../support/refused.js';

const first = noise(300_000);
const second = noise(300_000, 1);
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const doing = 'loading the model';

let server: Server;
let address: string;
/** What the server has, and what it was asked for. */
let content: Uint8Array;
let asked: string[] = [];
before(async () => {
  server = createServer((request, response) => {
    asked.push(request.method!);
    if (request.url !== '/model.onnx') {
      response.writeHead(request.url === '/broken' ? 503 : 404).end();
      return;
    }
    response.writeHead(200, { 'content-length': content.length, etag: `"${digestOf(content).slice(0, 9)}"` });
    response.end(request.method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
});
after(() => server.close());

const stored = new Map<string, Response>();
const cache = {
  match: async (key: string) => stored.get(key)?.clone(),
  put: async (key: string, response: Response) => void stored.set(key, response),
  delete: async (key: string) => stored.delete(key),
};
beforeEach(() => {
  [content, asked] = [first, []];
  stored.clear();
  Object.assign(globalThis, { caches: { open: async () => cache } });
});
after(() => Reflect.deleteProperty(globalThis, 'caches'));

test('progress goes up to the whole', async () => {
  const seen: (readonly [number, number | undefined])[] = [];
  const onProgress = (loaded: number, total: number | undefined) => void seen.push([loaded, total]);
  assert.deepEqual((await readAddress(address, { doing, onProgress })).bytes, first);
  assert.deepEqual(seen.at(-1), [300_000, 300_000]);
  assert.deepEqual(
    seen.map(([loaded]) => loaded),
    seen.map(([loaded]) => loaded).sort((a, b) => a - b),
  );
});

test('404, another failure and no server are told apart; an aborted download rejects with its reason', async () => {
  const at = (path: string) => readAddress(new URL(path, address).href, { doing });
  await refused(at('/missing.onnx'), 'FILE_NOT_FOUND', /HTTP 404/, /missing\.onnx/);
  await refused(at('/broken'), 'DOWNLOAD_FAILED', /HTTP 503/);
  await refused(readAddress('http://127.0.0.1:1/model.onnx', { doing }), 'DOWNLOAD_FAILED', /Access-Control/);
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(readAddress(address, { doing, signal }), error => error === reason);
});

test('the second time the server is only asked whether it is still the same file', async () => {
  assert.deepEqual(await readCached(address, undefined, { doing }), first);
  assert.deepEqual(await readCached(address, undefined, { doing }), first);
  assert.deepEqual(asked, ['GET', 'HEAD']);
  content = second;
  assert.deepEqual(await readCached(address, undefined, { doing }), second);
  assert.deepEqual(asked.slice(2), ['HEAD', 'GET']);
});

test('a file whose digest is asked for comes without a question; another digest is fetched', async () => {
  await readCached(address, digestOf(first), { doing });
  assert.deepEqual(await readCached(address, digestOf(first), { doing }), first);
  assert.deepEqual(asked, ['GET']);
  content = second;
  assert.deepEqual(await readCached(address, digestOf(second), { doing }), second);
  assert.deepEqual(asked, ['GET', 'GET']);
});

test('a damaged entry is fetched again, and a file with another digest than asked for is not kept', async () => {
  await readCached(address, undefined, { doing });
  const { headers } = stored.get(address)!;
  stored.set(address, new Response(first.slice(0, -1), { headers }));
  assert.deepEqual(await readCached(address, undefined, { doing }), first);
  assert.deepEqual(asked, ['GET', 'HEAD', 'GET']);
  stored.clear();
  await readCached(address, digestOf(second), { doing });
  assert.equal(stored.size, 0);
});

test('without the network what is stored is used', async () => {
  await readCached(address, undefined, { doing });
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new TypeError('offline'));
  try {
    assert.deepEqual(await readCached(address, undefined, { doing }), first);
  } finally {
    globalThis.fetch = fetch;
  }
});
