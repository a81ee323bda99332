/**
 * What every server of ours is: where it listens, whom it answers, its security headers, its built page. Depends on fastify and the
 * files beside it.
 */
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { hostFits } from './access.js';
import type { PageFile } from './page-files.js';

/** Where a server listens. */
export interface Listening {
  readonly host: string;
  /** By what name (`edit.example.org`, with the port if it is not the usual one) a proxy before it is reached; null without. */
  readonly publicHost: string | null;
  /** 0: one that is free. */
  readonly port: number;
}

/** A server that listens. */
export interface RunningServer {
  readonly address: string;
  /** Ends all conversations and stops listening. */
  close(): Promise<void>;
}

/** A page runs its own script and style, shows what it was sent, and speaks to its server only. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** An application that answers only to its own name, with time-outs and limits, and serves `page` and `/healthz`. */
export function openApp(
  page: ReadonlyMap<string, PageFile>,
  { host, publicHost }: Pick<Listening, 'host' | 'publicHost'>,
): FastifyInstance {
  const app = fastify({ requestTimeout: 10_000, connectionTimeout: 30_000, bodyLimit: 1024 });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (!hostFits(host, publicHost, request.headers.host)) await reply.code(421).send('not the name of this server\n');
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/*', async (request, reply) => {
    const file = page.get(request.url.split('?', 1)[0]!);
    if (file === undefined) return reply.code(404).type('text/plain').send('no such page\n');
    // Built files have their content's hash in their names; the page itself has not.
    const kept = request.url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return reply.type(file.type).header('cache-control', kept).send(file.bytes);
  });
  return app;
}

/** Listens. @returns the address. @throws Error of Node where it cannot listen there. */
export async function listen(app: FastifyInstance, { host, port }: Listening): Promise<string> {
  await app.listen({ host, port });
  const { port: own } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${own}/`;
}
