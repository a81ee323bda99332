/** The built page, read once: what is served is in memory, and no address of a request ever names a file. Depends on the file system. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UserError } from '../errors.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The files of a built page by their addresses.
 * @param name of the package that it is in, for the error.
 * @throws UserError where the page has not been built.
 */
export function readPage(folder: string, name: string): ReadonlyMap<string, PageFile> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    const files = entries.map(entry => {
      const path = join(entry.parentPath, entry.name);
      const address = `/${path.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '')}`;
      const type = types[extname(entry.name)] ?? 'application/octet-stream';
      return [address, { type, bytes: readFileSync(path) }] as const;
    });
    const index = files.find(([address]) => address === '/index.html');
    if (index === undefined) throw new Error('no index.html');
    return new Map([...files, ['/', index[1]]]);
  } catch (cause) {
    throw new UserError(
      {
        code: 'NOT_INSTALLED',
        doing: 'opening the page',
        where: folder,
        found: 'it is not there',
        expected: `the built page of ${name}`,
        remedy: `npm run setup builds it in a checkout; elsewhere, install ${name} again`,
      },
      { cause },
    );
  }
}
