/**
 * Where the emoji come from: two npm packages, `@lobehub/fluent-emoji-flat` (SVG) and `@lobehub/fluent-emoji-3d` (WebP with
 * alpha), artwork by Microsoft, MIT. Depends on the file system and `emoji-names.ts`.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { isFlag } from './emoji-names.js';

/** The installed packages. */
export interface EmojiArt {
  /** Name and version of the packages. */
  readonly sources: readonly string[];
  /** The emoji that both packages have, flags left out, sorted. */
  readonly names: readonly string[];
  /** How many flags were left out. */
  readonly flags: number;
  /** The flat drawing, an SVG file. */
  readonly flat: (name: string) => Promise<Buffer>;
  /** The shaded drawing, a WebP file with alpha. */
  readonly shaded: (name: string) => Promise<Buffer>;
}

/**
 * Only the demo needs them, and they are 64 MB: whoever installs pix2pixhd gets them only by asking for them.
 */
const packages = { flat: '@lobehub/fluent-emoji-flat', shaded: '@lobehub/fluent-emoji-3d' } as const;

/**
 * Opens both packages.
 *
 * @param limit list only about this many emoji, spread over all of them.
 * @param resolve finds a file of an installed package; throws where it is not installed.
 * @throws UserError where a package is not installed.
 */
export function openEmojiArt(limit?: number, resolve: (file: string) => string = installed): EmojiArt {
  const flat = openPackage(packages.flat, resolve);
  const shaded = openPackage(packages.shaded, resolve);
  const inShaded = new Set(stems(shaded.assets, '.webp'));
  const shared = stems(flat.assets, '.svg')
    .filter(name => inShaded.has(name))
    .sort();
  const stride = limit === undefined ? 1 : Math.max(1, Math.floor(shared.length / limit));
  const looked = shared.filter((_, i) => i % stride === 0);
  const names = looked.filter(name => !isFlag(name));
  return {
    sources: [flat.id, shaded.id],
    names,
    flags: looked.length - names.length,
    flat: name => readFile(join(flat.assets, `${name}.svg`)),
    shaded: name => readFile(join(shaded.assets, `${name}.webp`)),
  };
}

interface ArtPackage {
  /** Name and version. */
  readonly id: string;
  readonly assets: string;
}

/** Beside pix2pixhd, or in the folder where it is run: npx keeps pix2pixhd somewhere that nobody installs into. */
function installed(file: string): string {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return createRequire(join(process.cwd(), 'package.json')).resolve(file);
  }
}

function openPackage(name: string, resolve: (file: string) => string): ArtPackage {
  try {
    const file = resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return { id: `${name}@${version}`, assets: join(dirname(file), 'assets') };
  } catch (cause) {
    throw new UserError(
      {
        code: 'NOT_INSTALLED',
        doing: 'looking for the emoji of the demo',
        where: name,
        found: 'the npm package is not installed',
        expected: 'the artwork that only the demo needs (64 MB, both packages)',
        remedy: `npm install ${packages.flat} ${packages.shaded}`,
      },
      { cause },
    );
  }
}

function stems(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter(file => file.endsWith(extension))
    .map(file => basename(file, extension));
}
