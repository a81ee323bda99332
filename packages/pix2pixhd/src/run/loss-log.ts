/**
 * `losses.jsonl`: one JSON object per step. Survives `kill -9` at any moment: a line goes to the operating system in one
 * write, and a half-written last line is cut off when the run is resumed. Depends on Node's file system and `errors.ts`.
 */

import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { reasonOf, UserError } from '../errors.js';

/** The record of one step. */
export interface LossRecord {
  /** Steps done, counted from 1. */
  readonly step: number;
  /** The epoch of the step, counted from 1. */
  readonly epoch: number;
  /** How long the step took. */
  readonly seconds: number;
  /** Losses by name: `G_GAN`, `G_GAN_Feat`, …, `D_real`, `D_fake`; after a step that was validated `val_psnr` or
   * `val_` and another metric. A loss that is not finite is stored, and read, as `null`. */
  readonly [name: string]: number | null;
}

const validated = 'val_';

/** A figure of a metric on held-out pairs, as a record has it beside the losses. */
export function validationFigure({ metric, value }: { metric: string; value: number }): Record<string, number> {
  return { [`${validated}${metric}`]: value };
}

/** Of the figures of a step those that are losses. */
export function lossesAmong<T>(figures: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => !name.startsWith(validated)));
}

/** A log is read in blocks of this many bytes. */
const blockBytes = 2 ** 20;
/** A longer line is not a record. */
const longestLine = 2 ** 24;

/** The open log of a run. Must be closed. */
export class LossLog implements Disposable {
  readonly path: string;
  /** Steps of an earlier process after its last checkpoint, whose lines were cut off because they are done again. */
  readonly dropped: number;
  #file: number | undefined;
  #bytes: number;
  #lastStep: number;

  private constructor(path: string, file: number, bytes: number, lastStep: number, dropped: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
    this.#lastStep = lastStep;
    this.dropped = dropped;
  }

  /**
   * Opens the log for the steps after `step`: 0 for a new run, the checkpoint's step for a resumed one. Lines of later
   * steps, and a last line that was not completed, are cut off. The file is read once, a block at a time.
   *
   * @param onRecord receives every record that stays, in order.
   * @throws UserError if a line other than the last is damaged; nothing is cut off then.
   */
  static open(path: string, step: number, onRecord: (record: LossRecord) => void = () => {}): LossLog {
    const file = openSync(path, 'a+');
    try {
      let kept = 0;
      let dropped = 0;
      for (const { record, end } of completeLines(file, path)) {
        if (record.step <= step) {
          kept = end;
          onRecord(record);
        } else dropped++;
      }
      if (kept < fstatSync(file).size) ftruncateSync(file, kept);
      return new LossLog(path, file, kept, step, dropped);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /**
   * Appends the record of a step.
   *
   * @throws Error if the step is not later than the one before. UserError if the record cannot be written, as on a full disk;
   * the log is then unchanged.
   */
  append(record: LossRecord): void {
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    if (!(record.step > this.#lastStep)) throw new Error(`step ${record.step} after step ${this.#lastStep}`);
    // JSON has no NaN: JSON.stringify writes null for it. A single write on a file opened for appending leaves either
    // all of the line or a prefix of it, and outlives the process.
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      writeAll(this.#file, line);
    } catch (cause) {
      truncate(this.#file, this.#bytes);
      throw cannotWrite(this.path, record.step, cause);
    }
    this.#bytes += line.length;
    this.#lastStep = record.step;
  }

  /** Closes the file. May be called again. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * All complete records of a log, in order; a half-written last line is left out. A missing file has none.
 *
 * @throws UserError where a line other than the last is damaged.
 *
 * @example
 * ```ts
 * const records = readLossLog('checkpoints/city/losses.jsonl');
 * console.log(records.map(({ step, G_GAN, D_real }) => [step, G_GAN, D_real]));
 * ```
 */
export function readLossLog(path: string): LossRecord[] {
  if (!existsSync(path)) return [];
  const file = openSync(path, 'r');
  try {
    return Array.from(completeLines(file, path), ({ record }) => record);
  } finally {
    closeSync(file);
  }
}

/** The records of the file as it is now, with the offset of each line's end. Holds one block in memory at a time. */
function* completeLines(file: number, path: string): Generator<{ record: LossRecord; end: number }> {
  const { size } = fstatSync(file);
  const block = Buffer.allocUnsafe(Math.min(size, blockBytes));
  // The start of a line that continues in the next block.
  let partial: Buffer = Buffer.alloc(0);
  let read: number;
  let line = 1;
  for (let position = 0; position < size; position += read) {
    read = readSync(file, block, 0, Math.min(block.length, size - position), position);
    if (read === 0) return;
    const start = position - partial.length;
    const bytes = partial.length === 0 ? block.subarray(0, read) : Buffer.concat([partial, block.subarray(0, read)]);
    let from = 0;
    for (let newline = bytes.indexOf('\n'); newline >= 0; newline = bytes.indexOf('\n', from)) {
      const text = bytes.toString('utf8', from, newline);
      const record = parseRecord(text);
      const end = start + newline + 1;
      if (record === undefined) {
        // After a power failure the last block of a file may hold zeros or garbage instead of its text.
        if (end === size) return;
        throw damagedLine(path, line, text.slice(0, 60));
      }
      yield { record, end };
      from = newline + 1;
      line++;
    }
    partial = Buffer.from(bytes.subarray(from));
    if (partial.length > longestLine) throw damagedLine(path, line, partial.toString('utf8', 0, 60));
  }
}

function parseRecord(text: string): LossRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isRecord = typeof value === 'object' && value !== null && 'step' in value && Number.isInteger(value.step);
    return isRecord ? (value as LossRecord) : undefined;
  } catch {
    return undefined;
  }
}

function damagedLine(path: string, line: number, text: string): UserError {
  return new UserError({
    code: 'RUN_DAMAGED',
    doing: 'reading the losses of a run',
    where: `${path}, line ${line}`,
    found: JSON.stringify(text),
    expected: 'one JSON object with a "step" per line',
    remedy: 'delete that line, or move the file away: training does not depend on it',
  });
}

function cannotWrite(path: string, step: number, cause: unknown): UserError {
  return new UserError(
    {
      code: 'CANNOT_WRITE',
      doing: `writing the losses of step ${step}`,
      where: path,
      found: reasonOf(cause),
      expected: 'a file that can be appended to',
      remedy: 'make room on the disk, or find out why it cannot be written to; then continue with --resume',
    },
    { cause },
  );
}

/** Removes a partly written line. */
function truncate(file: number, bytes: number): void {
  try {
    ftruncateSync(file, bytes);
  } catch {
    // Resuming cuts off a partial line at the end.
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
