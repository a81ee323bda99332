/**
 * The editor's server: the page, the sockets, and what an operator asks. Depends on ws and the files beside it.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Session, type Studio } from '@pix2pixhd/editor/session';
import { type WebSocket, WebSocketServer } from 'ws';
import { hostFits, sameOrigin } from './access.js';
import { type Listening, listen, openApp, type RunningServer } from './app.js';
import type { ServerMetrics } from './metrics.js';
import type { PageFile } from './page-files.js';

/** Where the editor listens and what it bears. */
export interface ServerOptions extends Listening {
  /** Pages at a time. */
  readonly sessions: number;
}

/** A message of more than this is refused: the worst runs of a drawing of five million pixels. */
const largestMessage = 64 << 20;
/** Bytes that a page has not taken yet, beyond which it is too slow to be talked to. */
const largestBacklog = 64 << 20;
/** Messages a second, over a few seconds. */
const messagesPerSecond = 240;
const pingEvery = 20_000;
const helloWithin = 10_000;

/** Starts a server. @throws Error of Node where it cannot listen there. */
export async function startServer(
  studio: Studio,
  metrics: ServerMetrics,
  page: ReadonlyMap<string, PageFile>,
  options: ServerOptions,
): Promise<RunningServer> {
  const app = openApp(page, options);
  app.get('/metrics', async (_, reply) => {
    metrics.set('waiting', studio.queue.length);
    metrics.set('dropped_total', studio.queue.dropped);
    return reply.type('text/plain; version=0.0.4').send(metrics.text());
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  app.server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, sockets, options);
    if (refusal !== null) refuse(socket, refusal, metrics);
    else sockets.handleUpgrade(request, socket, head, opened => converse(opened, studio, metrics));
  });
  const pings = setInterval(() => {
    for (const socket of sockets.clients) {
      if (unanswered.has(socket)) socket.terminate();
      else {
        unanswered.add(socket);
        socket.ping();
      }
    }
  }, pingEvery).unref();
  const address = await listen(app, options);
  return {
    address,
    async close() {
      clearInterval(pings);
      for (const socket of sockets.clients) socket.close(1001, 'the server is stopping');
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 500).unref();
      sockets.close();
      await app.close();
    },
  };
}

/** Why a socket is not opened, as a status; null where it is. */
function refusalOf(
  request: IncomingMessage,
  sockets: WebSocketServer,
  { host, publicHost, sessions }: ServerOptions,
): string | null {
  if (request.url !== '/socket') return '404 Not Found';
  if (!hostFits(host, publicHost, request.headers.host)) return '421 Misdirected Request';
  if (!sameOrigin(request.headers.origin, request.headers.host)) return '403 Forbidden';
  return sockets.clients.size >= sessions ? '503 Service Unavailable' : null;
}

function refuse(socket: Duplex, status: string, metrics: ServerMetrics): void {
  metrics.add('refused_connections_total');
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Sockets that have not answered the last ping. */
const unanswered = new WeakSet<WebSocket>();

function converse(socket: WebSocket, studio: Studio, metrics: ServerMetrics): void {
  metrics.add('connections');
  const session = new Session(studio, {
    send(frame) {
      if (socket.bufferedAmount > largestBacklog) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.send(frame);
    },
    close: (code, reason) => socket.close(code, reason),
  });
  let allowance = messagesPerSecond * 5;
  const refill = setInterval(() => {
    allowance = Math.min(messagesPerSecond * 5, allowance + messagesPerSecond);
  }, 1000).unref();
  const silence = setTimeout(() => {
    if (!session.greeted) socket.close(1008, 'no hello');
  }, helloWithin).unref();
  socket.on('message', (data, isBinary) => {
    if (--allowance < 0) socket.close(1008, 'too many messages');
    else if (!isBinary) socket.close(1003, 'binary messages only');
    else session.receive(data as Buffer);
  });
  socket.on('pong', () => unanswered.delete(socket));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearInterval(refill);
    clearTimeout(silence);
    metrics.add('connections', -1);
    session.end();
  });
}
