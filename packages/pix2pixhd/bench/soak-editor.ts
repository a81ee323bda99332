/**
 * `npm run soak:editor`: strangers at the editor's server. Thousands of messages that are malformed, too large or out of place,
 * requests with odd paths, methods and bodies, two hundred connections at once, and requests that never end, while one page
 * beside them draws. Says how that page was served and how the server's memory went.
 *
 * Options: --messages N (10000), --seed N (1), --name RUN (the emoji that come with the program), --checkpoints-dir FOLDER. Exit
 * code 1 if the server ends, stops serving the page, or keeps memory.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { decodeFrame, encodeFrame, protocolVersion } from '@pix2pixhd/editor/protocol';
import { WebSocket } from 'ws';
import { Random } from '../src/data/random.js';
import { serveEditor } from '../test/support/editor.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    name: { type: 'string' },
    'checkpoints-dir': { type: 'string', default: 'checkpoints' },
  },
});
const messages = Number(values.messages);
const random = new Random(Number(values.seed));
const below = (n: number) => random.integer(n);
/** Megabytes that the server may have more at the end than when half of the messages were through. */
const mayGrow = 150;
/** Seconds within which the page must get an image, whatever else goes on. */
const patience = 20;

const { name, 'checkpoints-dir': folder } = values;
const run = name === undefined ? [] : ['--name', name, '--checkpoints-dir', folder];
const { child: server, address } = await serveEditor(...run);
const { host, hostname, port } = address;
let ending = false;
server.once('exit', code => ending || fail(`the server ended with ${code}`));

function fail(problem: string): never {
  process.stderr.write(`soak:editor: ${problem}\n`);
  server.kill('SIGKILL');
  process.exit(1);
}

function memory(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

/** A connection that has said hello; null where it is refused. */
function open(): Promise<WebSocket | null> {
  return new Promise(resolve => {
    const socket = new WebSocket(`ws://${host}/socket`);
    socket.on('open', () => {
      socket.send(encodeFrame({ type: 'hello', protocol: protocolVersion }));
      resolve(socket);
    });
    socket.on('error', () => resolve(null));
  });
}

const integers = (...numbers: number[]) => Buffer.from(Int32Array.from(numbers).buffer);
const types = ['hello', 'change', 'open', 'render', 'clusters', 'look', 'gallery', 'constructor'];
const kinds: readonly (() => Uint8Array | string)[] = [
  () => Buffer.from(Array.from({ length: below(200) }, () => below(256))),
  () => 'a text',
  () => Buffer.alloc(1 << 20),
  () => {
    const numbers = { x: below(300) - 50, y: below(300), width: below(20_000), height: below(20_000) };
    const rest = { revision: below(9), item: below(1e6), instance: below(1e5), format: 'webp', reduce: below(4) };
    return encodeFrame({ type: types[below(types.length)]!, ...numbers, ...rest }, Buffer.alloc(below(500)));
  },
  () => encodeFrame({ type: 'open', width: 1 + below(5000), height: 1 + below(5000) }),
  () => {
    const instances = Array.from({ length: below(6000) }, (_, i) => [i, 'mean']);
    const styles = { seed: 1, default: 'random', instances };
    return encodeFrame({ type: 'render', revision: 1, format: 'webp', reduce: 1, styles });
  },
  () => encodeFrame({ type: 'gallery', item: below(70) }),
  () => encodeFrame({ type: 'change', x: 0, y: 0, width: 64, height: 64 }, integers(4096, below(40), below(1e9))),
];
const paths = ['/../..', '/%2e%2e/x', '/healthz', '/assets/x', `/${'a'.repeat(9000)}`, '/metrics?x', '/socket'];

function askOddly(): void {
  const method = ['GET', 'POST', 'PUT'][below(3)]!;
  request({ hostname, port, path: paths[below(paths.length)]!, method }, response => response.resume())
    .on('error', () => {})
    .end('x'.repeat(below(5000)));
}

/** The page that must be served. */
class Page {
  images = 0;
  #last = performance.now();
  longest = 0;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', data => {
      const { type } = decodeFrame(new Uint8Array(data as Buffer))!.header as { type: string };
      if (type !== 'image') return;
      this.images++;
      this.longest = Math.max(this.longest, performance.now() - this.#last);
      this.#render();
    });
    socket.on('close', () => ending || fail('the page was shown out'));
    socket.send(encodeFrame({ type: 'open', width: 64, height: 64 }));
    this.#render();
  }

  #render(): void {
    this.#last = performance.now();
    this.#socket.send(encodeFrame({ type: 'render', revision: this.images, format: 'webp', reduce: 1 }));
  }

  check(): void {
    const waiting = (performance.now() - this.#last) / 1000;
    if (waiting > patience) fail(`the page has waited ${waiting.toFixed(0)} s for its image`);
  }
}

const page = new Page((await open()) ?? fail('the page was refused'));
const begun = performance.now();
const said = (what: string) =>
  process.stdout.write(
    `${what}: ${((performance.now() - begun) / 1000).toFixed(0)} s, page ${page.images} images, longest wait ${(page.longest / 1000).toFixed(1)} s, memory ${memory()} MB\n`,
  );
said('begin');
let halfway = 0;
for (let sent = 0, told = 0; sent < messages; ) {
  const sockets = (await Promise.all(Array.from({ length: 15 }, open))).filter(socket => socket !== null);
  for (const socket of sockets) {
    socket.on('error', () => {});
    for (let i = 0; i < 25 && socket.readyState === WebSocket.OPEN; i++, sent++)
      socket.send(kinds[below(kinds.length)]!());
  }
  for (let i = 0; i < 10; i++) askOddly();
  await sleep(30);
  for (const socket of sockets) socket.terminate();
  page.check();
  if (halfway === 0 && sent >= messages / 2) halfway = memory();
  if (sent - told < messages / 5) continue;
  told = sent;
  said(`${sent} messages`);
}
const many = await Promise.all(Array.from({ length: 200 }, open));
const slow = Array.from({ length: 50 }, () => {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  return socket;
});
said(`200 connections, of which ${many.filter(socket => socket !== null).length} were let in, and 50 slow requests`);
const before = page.images;
await sleep(5000);
page.check();
if (page.images === before) fail('the page was not served beside them');
for (const socket of many) socket?.terminate();
for (const socket of slow) socket.destroy();
await sleep(2000);
said('afterwards');
const response = await fetch(new URL('/healthz', address));
if (!response.ok) fail(`/healthz answers ${response.status}`);
const grown = memory() - halfway;
if (grown > mayGrow) fail(`${grown} MB more than when half of the messages were through`);
ending = true;
server.kill();
await once(server, 'exit');
process.exit(0);
