/**
 * Web servers on this machine that answer well or badly, for the tests of downloads. Depends on Node only.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** How a server treats a request. */
interface Manners {
  readonly status?: number;
  /** Bytes that are promised and do not come. */
  readonly cut?: number;
  /** Keeps the connection open after the first half. */
  readonly stall?: boolean;
}

/** Serves one body at every address. @returns an address. */
export async function serve(
  t: TestContext,
  body: Uint8Array,
  { status = 200, cut = 0, stall = false }: Manners = {},
): Promise<string> {
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
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

/** An address where nothing listens any more. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${port}/file`;
}
