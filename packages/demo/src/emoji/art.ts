/**
 * The emoji's artwork: two npm packages, `@lobehub/fluent-emoji-flat` (SVG) and `@lobehub/fluent-emoji-3d` (WebP with
 * alpha), by Microsoft, MIT. Depends on the file system and `names.ts`.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { isFlag } from './names.js';

/** The artwork of both packages. */
export interface EmojiArt {
  /** Name and version of the packages. */
  readonly sources: readonly string[];
  /** The emoji that both packages have, without flags, sorted. */
  readonly names: readonly string[];
  /** How many flags were left out. */
  readonly flags: number;
  /** The flat drawing, an SVG file. */
  readonly flat: (name: string) => Promise<Buffer>;
  /** The shaded drawing, a WebP file with alpha. */
  readonly shaded: (name: string) => Promise<Buffer>;
}

/**
 * Opens both packages.
 *
 * @param limit list only about this many emoji, spread over all of them.
 */
export function openEmojiArt(limit?: number): EmojiArt {
  const flat = openPackage('@lobehub/fluent-emoji-flat');
  const shaded = openPackage('@lobehub/fluent-emoji-3d');
  const inShaded = new Set(stems(shaded.assets, '.webp'));
  const shared = stems(flat.assets, '.svg')
    .filter(name => inShaded.has(name))
    .sort();
  const stride = limit === undefined ? 1 : Math.max(1, Math.floor(shared.length / limit));
  const listed = shared.filter((_, i) => i % stride === 0);
  const names = listed.filter(name => !isFlag(name));
  return {
    sources: [flat.id, shaded.id],
    names,
    flags: listed.length - names.length,
    flat: name => readFile(join(flat.assets, `${name}.svg`)),
    shaded: name => readFile(join(shaded.assets, `${name}.webp`)),
  };
}

interface ArtPackage {
  /** Name and version. */
  readonly id: string;
  readonly assets: string;
}

function openPackage(name: string): ArtPackage {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return { id: `${name}@${version}`, assets: join(dirname(file), 'assets') };
}

function stems(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter(file => file.endsWith(extension))
    .map(file => basename(file, extension));
}
