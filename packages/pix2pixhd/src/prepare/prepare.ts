/**
 * Writes a data set: pairs into phases, parts linked or made, and what was decided. Interrupted and called again it does what is
 * missing. Depends on the other files of prepare, data and the output module.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isTemporaryName, writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { mapConcurrently } from '../concurrently.js';
import { DATASET_FILE, DATASET_VERSION, type DatasetOptions, readDatasetFile } from '../data/dataset-file.js';
import { CLASSES_FILE, type LabelClass } from '../data/labels/classes.js';
import { UserError } from '../errors.js';
import { liesIn } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import { removeLeftovers } from './leftovers.js';
import { poolFor } from './pair-pool.js';
import type { PartRole } from './raw-pair.js';
import type { SplitPair } from './split.js';
import { type PlannedStep, stepOf } from './steps.js';
import { CannotWrite, writePair, writing } from './write-pair.js';

/** What is to be written. */
export interface Plan {
  readonly out: string;
  readonly pairs: readonly SplitPair[];
  /** Applied one after the other. */
  readonly steps: readonly PlannedStep[];
  /** Decided before the first pair is made: with other decisions a folder is not gone on with. */
  readonly decisions: Readonly<Record<string, unknown>>;
  /** Folders of the material, which the data set must not lie in. */
  readonly folders?: readonly string[];
  /** Whether files are copied where they could be linked. */
  readonly copy: boolean;
}

/** How it is followed and stopped. */
export interface PrepareHooks {
  /** Called after each pair. */
  readonly onPair?: (done: number, total: number) => void;
  /** Called with what went wrong with a pair; the others follow, unless this throws. Default: it does. */
  readonly onFailure?: (pair: SplitPair, error: unknown) => void;
  readonly signal?: AbortSignal;
}

/** A pair as it lies in the data set. */
export interface WrittenPair {
  readonly stem: string;
  readonly phase: string;
  readonly files: { readonly [role in PartRole]?: string };
}

/** What was written. */
export interface Written {
  readonly pairs: readonly WrittenPair[];
  /** Pairs that an earlier call had done. */
  readonly before: number;
  readonly linked: number;
  readonly interrupted: boolean;
}

/** Lines of pairs that are done, until all are. */
const PROGRESS_FILE = 'dataset.progress.jsonl';

/**
 * Writes the pairs. {@link finish} makes the folder a data set afterwards.
 *
 * @throws UserError where the folder holds something else, or nothing can be written there.
 */
export async function writePairs(
  { out, pairs, steps, decisions, copy, folders = [] }: Plan,
  hooks: PrepareHooks = {},
): Promise<Written> {
  checkApart(out, pairs, folders);
  const digest = digestOf(decisions, pairs);
  const done = openFolder(out, digest);
  const written: WrittenPair[] = [];
  let before = 0;
  let linked = 0;
  let count = 0;
  const { onPair, onFailure = rethrow, signal } = hooks;
  const labelled = pairs.some(({ parts }) => parts.label !== undefined);
  const destination = { out, copy, labelled };
  await using pool = poolFor(steps, destination, pairs.length);
  const plain = steps.map(stepOf);
  const make = (pair: SplitPair) => (pool === undefined ? writePair(pair, plain, destination) : pool.write(pair));
  await mapConcurrently(pairs, async pair => {
    // Links and copies come without a turn of the event loop, in which alone an abort is seen.
    await nextTurn();
    if (signal?.aborted) return;
    const known = done.get(`${pair.phase}/${pair.stem}`);
    if (known !== undefined && Object.values(known.files).every(file => existsSync(join(out, file)))) {
      written.push(known);
      before++;
    } else {
      try {
        const { files, linked: links } = await make(pair);
        linked += links;
        const one: WrittenPair = { stem: pair.stem, phase: pair.phase, files };
        writing(out, () => appendFileSync(join(out, PROGRESS_FILE), `${JSON.stringify(one)}\n`));
        written.push(one);
      } catch (error) {
        if (error instanceof CannotWrite) throw error;
        onFailure(pair, error);
      }
    }
    onPair?.(++count, pairs.length);
  });
  const order = new Map(pairs.map(({ phase, stem }, i) => [`${phase}/${stem}`, i]));
  written.sort((a, b) => order.get(`${a.phase}/${a.stem}`)! - order.get(`${b.phase}/${b.stem}`)!);
  return { pairs: written, before, linked, interrupted: signal?.aborted ?? false };
}

/**
 * Makes the folder a data set that `train` takes.
 *
 * @param options of training, which follow from the data.
 * @param found what was decided and measured, for people and for `dataset.json`.
 * @param classes of its label maps, where their names are known.
 */
export function finish(
  { out, pairs, decisions }: Plan,
  options: DatasetOptions,
  found: Readonly<Record<string, unknown>>,
  classes?: readonly LabelClass[],
): void {
  const file = { ...header(digestOf(decisions, pairs)), finished: true, options, ...decisions, ...found };
  writing(out, () => {
    if (classes !== undefined) writeFileAtomic(join(out, CLASSES_FILE), `${JSON.stringify(classes, null, 2)}\n`);
    writeFileAtomic(join(out, DATASET_FILE), `${JSON.stringify(file, null, 2)}\n`);
    rmSync(join(out, PROGRESS_FILE), { force: true });
  });
}

function header(digest: string) {
  return { format: 'pix2pixhd-dataset', version: DATASET_VERSION, digest } as const;
}

function digestOf(decisions: Plan['decisions'], pairs: readonly SplitPair[]): string {
  const files = pairs.map(({ stem, phase, parts }) => [stem, phase, parts]);
  return createHash('sha256')
    .update(JSON.stringify([decisions, files]))
    .digest('hex')
    .slice(0, 32);
}

/** The pairs that an earlier call has written. @throws UserError where the folder is not one to go on with. */
function openFolder(out: string, digest: string): ReadonlyMap<string, WrittenPair> {
  const refuse = (found: string, remedy: string) =>
    new UserError({
      code: 'OUTPUT_REFUSED',
      doing: 'preparing a data set',
      where: out,
      found,
      expected: 'no such folder, an empty one, or one that the same command has begun',
      remedy,
    });
  if (existsSync(out) && !statSync(out).isDirectory()) throw refuse('a file', 'give another --out');
  // A process that was killed at once leaves an unfinished file alone.
  const there = existsSync(out) ? readdirSync(out).filter(name => !isTemporaryName(name)) : [];
  const known = there.includes(DATASET_FILE) ? (readDatasetFile(out) as { digest?: string } | undefined) : undefined;
  if (there.length > 0 && known === undefined) throw refuse(`a folder with ${there[0]} in it`, 'give another --out');
  if (known !== undefined && known.digest !== digest)
    throw refuse(
      'a data set that was prepared in another way, or from other files',
      'give another --out, or delete it',
    );
  if (existsSync(out)) writing(out, () => removeLeftovers(out));
  const progress = join(out, PROGRESS_FILE);
  if (known === undefined)
    writing(out, () => {
      makeFolder(out);
      const file = { ...header(digest), finished: false, options: {} };
      writeFileAtomic(join(out, DATASET_FILE), `${JSON.stringify(file, null, 2)}\n`);
    });
  if (!existsSync(progress)) return new Map();
  const lines = readFileSync(progress, 'utf8').split('\n');
  const pairs = lines.flatMap(line => {
    try {
      return [JSON.parse(line) as WrittenPair];
    } catch {
      // The last line of a process that was killed.
      return [];
    }
  });
  return new Map(pairs.map(pair => [`${pair.phase}/${pair.stem}`, pair]));
}

/** The data set lies apart from the material, which is never touched. */
function checkApart(out: string, pairs: readonly SplitPair[], named: readonly string[]): void {
  const ofFiles = pairs.flatMap(({ parts }) => Object.values(parts).map(({ file }) => dirname(file)));
  const folders = new Set([...named, ...ofFiles]);
  const within = [...folders].find(folder => liesIn(out, folder) || liesIn(folder, out));
  if (within === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'preparing a data set',
    where: out,
    found: `a folder within the material, or around it: ${within}`,
    expected: 'a folder apart from it',
    remedy: 'give another --out',
  });
}

function rethrow(_: SplitPair, error: unknown): never {
  throw error;
}
