/**
 * Damaged files, one after another, to one reader: each must end in a value or the reader's own error, in time and within
 * its memory. Depends on the readers, fast-check and what a call costs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError } from '@pix2pixhd/torch';
import fc from 'fast-check';
import { measured } from './cost.js';
import type { FuzzedReader } from './readers.js';

/** Of the CPU: the machine may have other work. */
const maxSeconds = 2;

/** What came of the files. */
export interface Findings {
  readonly files: number;
  /** How many were read all the same, and how many refused. */
  readonly values: number;
  readonly errors: number;
  /** Of the slowest file. */
  readonly seconds: number;
  /** Bytes at the peak of the one that took most. */
  readonly memory: number;
}

/**
 * Gives a reader so many damaged files.
 * @param folder where they are written, one over the other; the last one is left.
 * @param each is told of every file that is done.
 * @throws Error with the smallest file found that shows the fault, how it was made, and the seed.
 */
export async function fuzz(
  reader: FuzzedReader,
  folder: string,
  files: number,
  seed: number,
  each: (done: number) => void = () => {},
): Promise<Findings> {
  const path = join(folder, 'damaged');
  const sound = reader.sound?.(folder);
  const found = { files: 0, values: 0, errors: 0, seconds: 0, memory: 0 };
  const property = fc.asyncProperty(await reader.files(folder), async bytes => {
    writeFileSync(path, bytes);
    const { outcome, cost } = await measured(() => reader.read(path));
    found.files++;
    found[outcome.status === 'fulfilled' ? 'values' : 'errors']++;
    found.seconds = Math.max(found.seconds, cost.seconds);
    found.memory = Math.max(found.memory, cost.memory ?? 0);
    each(found.files);
    if (outcome.status === 'rejected') checkError(reader, path, outcome.reason);
    else if (sound?.some(file => file.equals(bytes)) === false) throw new Error('was read, though it is damaged');
    if (cost.seconds > maxSeconds) throw new Error(`took ${cost.seconds.toFixed(1)} s of the CPU`);
    const most = reader.memory(bytes.length);
    if (cost.memory !== undefined && cost.memory > most) {
      // What the collector put off until this file does not come again; what the reader takes does.
      const memory = (await measured(() => reader.read(path))).cost.memory ?? 0;
      if (memory > most)
        throw new Error(`took ${(memory / 2 ** 20).toFixed()} MiB for a file of ${bytes.length} bytes`);
    }
  });
  await fc.assert(property, { numRuns: files, seed, includeErrorInReport: true, interruptAfterTimeLimit: 3_600_000 });
  return found;
}

function checkError(reader: FuzzedReader, path: string, error: unknown): void {
  if (!(error instanceof reader.error)) throw new Error(`threw what is no ${reader.error.name}`, { cause: error });
  const named = error instanceof FileFormatError ? error.path === path : error.message.includes(path);
  if (!named) throw new Error(`did not name the file: ${error.message}`);
}
