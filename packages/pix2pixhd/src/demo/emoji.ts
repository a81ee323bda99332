/**
 * The data set of the demo: emoji drawn flat (the input) and shaded (the real image), from two npm packages, written as
 * an ordinary data set of pairs, so that it is also an example of one's own. Depends on sharp through `emoji-pair.ts`,
 * the file system, and the packages `@lobehub/fluent-emoji-flat` and `@lobehub/fluent-emoji-3d` (artwork by Microsoft, MIT).
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';
import { isFlag, type Split, splitOf } from './emoji-names.js';
import { renderPair, type Unfit } from './emoji-pair.js';

/** How to make the data set. */
export interface EmojiOptions {
  /** Width and height of the images in pixels; 256, the size of the shaded drawings, unless told. */
  readonly size?: number;
  /** Called after every emoji looked at. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Look only at about this many emoji, spread over all of them. For tests. */
  readonly limit?: number;
}

/** What was made: numbers of pairs, and of emoji that make no pair, by reason. */
export interface EmojiCounts {
  readonly train: number;
  readonly test: number;
  readonly dropped: {
    /** Flags: all alike in outline, and the shaded ones wave. */
    readonly flags: number;
    /** Drawings with gradient fills in the flat package. */
    readonly gradients: number;
    /** Pairs whose outlines overlap less than 0.85. */
    readonly misaligned: number;
  };
}

/** What `dataset.json` holds. The recipe says whether the folder is what is asked for. */
interface Manifest {
  readonly about: string;
  readonly recipe: {
    readonly version: 1;
    readonly size: number;
    readonly limit: number | null;
    readonly sources: string[];
  };
  readonly counts: EmojiCounts;
}

const MANIFEST = 'dataset.json';
const ABOUT =
  'Fluent Emoji by Microsoft (MIT license), flat drawings in *_A and shaded ones in *_B. Train and test share no base emoji. Made by pix2pixhd; delete the folder to have it made again.';

/**
 * Makes the folders `train_A`, `train_B`, `test_A`, `test_B` of PNG images on white, named by code point, and
 * `dataset.json`. Returns at once where that was done before. The folder appears complete or not at all.
 *
 * The split is by base emoji (skin tone and gender removed) and by hash: about 6 % of the base emoji are held out.
 *
 * @param out the folder to make.
 * @throws UserError where the packages are not installed, or the folder holds something else.
 */
export async function makeEmojiDataset(out: string, options: EmojiOptions = {}): Promise<EmojiCounts> {
  const { size = 256, limit } = options;
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`size of the emoji: ${size}`);
  const flat = openPackage('@lobehub/fluent-emoji-flat');
  const shaded = openPackage('@lobehub/fluent-emoji-3d');
  const recipe: Manifest['recipe'] = { version: 1, size, limit: limit ?? null, sources: [flat.id, shaded.id] };

  const before = alreadyMade(out, recipe);
  if (before !== undefined) return before;

  mkdirSync(dirname(resolve(out)), { recursive: true });
  removeAbandoned(out);
  const beside = `${resolve(out)}.${process.pid}.partial`;
  try {
    const counts = await writePairs(flat, shaded, beside, options);
    const manifest: Manifest = { about: ABOUT, recipe, counts };
    writeFileAtomic(join(beside, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    return putInPlace(beside, out, recipe) ?? counts;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

interface ArtPackage {
  /** Name and version. */
  readonly id: string;
  readonly assets: string;
}

function openPackage(name: string): ArtPackage {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return { id: `${name}@${version}`, assets: join(dirname(file), 'assets') };
  } catch (cause) {
    throw new UserError(
      {
        doing: 'looking for the emoji of the demo',
        where: name,
        found: 'the npm package is not installed',
        expected: 'a package that comes with pix2pixhd',
        remedy: 'run npm install',
      },
      { cause },
    );
  }
}

/** The counts of a folder that is what is asked for; `undefined` where there is none yet. */
function alreadyMade(out: string, recipe: Manifest['recipe']): EmojiCounts | undefined {
  if (!existsSync(out) || readdirSync(out).length === 0) return undefined;
  const manifest = readManifest(out);
  if (manifest !== undefined && JSON.stringify(manifest.recipe) === JSON.stringify(recipe)) return manifest.counts;
  throw new UserError({
    doing: 'making the data set of emoji',
    where: out,
    found: manifest === undefined ? 'a folder that holds other files' : 'a data set of emoji made with other settings',
    expected: `no such folder, or the emoji at ${recipe.size}×${recipe.size}`,
    remedy: manifest === undefined ? 'choose another folder' : 'delete the folder, or choose another one',
  });
}

function readManifest(out: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(out, MANIFEST), 'utf8')) as Partial<Manifest>;
    return manifest.recipe !== undefined && manifest.counts !== undefined ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what processes that were killed left beside the folder; those still at work keep theirs. */
function removeAbandoned(out: string): void {
  const folder = dirname(resolve(out));
  for (const entry of readdirSync(folder)) {
    const match = /^(.*)\.(\d+)\.partial$/.exec(entry);
    if (match?.[1] === basename(out) && !isRunning(Number(match[2]))) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Moves the finished folder to its place, or returns the counts of another process that was faster. */
function putInPlace(beside: string, out: string, recipe: Manifest['recipe']): EmojiCounts | undefined {
  try {
    renameSync(beside, out);
    return undefined;
  } catch (error) {
    const other = alreadyMade(out, recipe);
    if (other === undefined) throw error;
    return other;
  }
}

async function writePairs(
  flat: ArtPackage,
  shaded: ArtPackage,
  folder: string,
  { size = 256, onProgress, limit }: EmojiOptions,
): Promise<EmojiCounts> {
  for (const side of ['train_A', 'train_B', 'test_A', 'test_B']) mkdirSync(join(folder, side), { recursive: true });
  const { names, flags } = pairNames(flat, shaded, limit);
  const counted: Record<Split | Unfit, number> = { train: 0, test: 0, gradients: 0, misaligned: 0 };
  let done = 0;

  const one = async (name: string): Promise<void> => {
    const pair = await renderPair(
      await readFile(join(flat.assets, `${name}.svg`)),
      await readFile(join(shaded.assets, `${name}.webp`)),
      size,
    );
    const split = splitOf(name);
    if (typeof pair === 'object') {
      await writeFile(join(folder, `${split}_A`, `${name}.png`), pair.flat);
      await writeFile(join(folder, `${split}_B`, `${name}.png`), pair.shaded);
    }
    counted[typeof pair === 'object' ? split : pair]++;
    onProgress?.(++done, names.length);
  };
  await forEachConcurrently(names, 2 * availableParallelism(), one);

  const { train, test, gradients, misaligned } = counted;
  return { train, test, dropped: { flags, gradients, misaligned } };
}

/**
 * Runs `work` for all items, `width` at a time: two emoji a core keep it busy while one waits for the disk. After a
 * failure nothing more is begun, and what was begun is waited for.
 */
async function forEachConcurrently<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A loop that is left by an exception closes the generator it shares with the others, which ends those too.
  const queue = (function* () {
    yield* items;
  })();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: width }, worker));
  const failed = results.find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The names that both packages have, flags removed and counted, sorted. */
function pairNames(flat: ArtPackage, shaded: ArtPackage, limit?: number): { names: string[]; flags: number } {
  const stems = (folder: string, extension: string): string[] =>
    readdirSync(folder)
      .filter(file => file.endsWith(extension))
      .map(file => basename(file, extension));
  const inShaded = new Set(stems(shaded.assets, '.webp'));
  const shared = stems(flat.assets, '.svg')
    .filter(name => inShaded.has(name))
    .sort();
  const stride = limit === undefined ? 1 : Math.max(1, Math.floor(shared.length / limit));
  const looked = shared.filter((_, i) => i % stride === 0);
  const names = looked.filter(name => !isFlag(name));
  return { names, flags: looked.length - names.length };
}
