/**
 * Figures that were measured, in a file that only grows: what is there is not measured again, and a program that was killed
 * loses the line at hand at most. Depends on the file system.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { createInterface } from 'node:readline';

/** What is kept: the figure of a pair, or what was observed of an image. */
export type Kept = number | Float32Array;

/** A file as a key has it: a changed file is another. */
export function fileIdentity(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${realpathSync(path)} ${size} ${mtimeMs}`;
}

/** The key of what was made of these, short and of one length. */
export function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Figures by key. One process writes at a time. */
export class FigureCache {
  readonly #file: string;
  readonly #kept: Map<string, Kept>;
  #begun: boolean;

  private constructor(file: string, kept: Map<string, Kept>, begun: boolean) {
    this.#file = file;
    this.#kept = kept;
    this.#begun = begun;
  }

  /** @param file JSON lines; none where nothing is to be kept. Lines that cannot be read are as if they were not there. */
  static async open(file: string): Promise<FigureCache> {
    const kept = new Map<string, Kept>();
    if (!existsSync(file)) return new FigureCache(file, kept, true);
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      const entry = entryOf(line);
      if (entry !== undefined) kept.set(...entry);
    }
    // What a program that was killed left begins no line of ours.
    return new FigureCache(file, kept, statSync(file).size === 0 || lastByte(file) === 0x0a);
  }

  get(key: string): Kept | undefined {
    return this.#kept.get(key);
  }

  /** Keeps what was measured, in the file too. */
  put(key: string, value: Kept): void {
    this.#kept.set(key, value);
    const text = typeof value === 'number' ? (Number.isFinite(value) ? value : String(value)) : base64(value);
    appendFileSync(this.#file, `${this.#begun ? '' : '\n'}${JSON.stringify([key, text])}\n`);
    this.#begun = true;
  }
}

const VALUES = 'f32:';

function entryOf(line: string): [string, Kept] | undefined {
  try {
    const [key, value] = JSON.parse(line) as [string, number | string];
    if (typeof value === 'number') return [key, value];
    if (!value.startsWith(VALUES)) return [key, Number(value)];
    const bytes = new Uint8Array(Buffer.from(value.slice(VALUES.length), 'base64'));
    return [key, new Float32Array(bytes.buffer)];
  } catch {
    return undefined;
  }
}

function base64(values: Float32Array): string {
  return VALUES + Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function lastByte(file: string): number | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(descriptor, byte, 0, 1, statSync(file).size - 1) === 1 ? byte[0] : undefined;
  } finally {
    closeSync(descriptor);
  }
}
