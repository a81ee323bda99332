/** What the commands that serve a page share. Depends on the server module and `errors.ts`. */
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import type { Listening } from '../server/app.js';
import { type PageFile, readPage } from '../server/page-files.js';

/** The built page of an installed package. @throws UserError where it has not been built. */
export function pageOf(name: string): ReadonlyMap<string, PageFile> {
  return readPage(join(folderOf(name), 'dist', 'page'), name);
}

/** The folder of an installed package. */
export function folderOf(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

/** An address that others can open: of every address that 0.0.0.0 stands for, the first one of this machine. */
export function reachable(address: string): string {
  const url = new URL(address);
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return address;
  const own = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  url.hostname = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
  return url.href;
}

/** @param whose what is served: `the editor`. */
export function cannotListen(whose: string, { host, port }: Listening, cause: unknown): UserError {
  return new UserError(
    {
      code: 'CANNOT_LISTEN',
      doing: `starting the server of ${whose}`,
      where: `${host}, port ${port}`,
      found: (cause as Error).message,
      expected: 'an address of this machine and a free port',
      remedy: 'give another --port, or --port 0 for any that is free',
    },
    { cause },
  );
}
