/**
 * `losses.jsonl`: one JSON object a step. Survives `kill -9` at any moment: a line goes to the operating system in one
 * write, and a half-written last line is cut off when the run is resumed. Depends on Node's file system and `errors.ts`.
 */

import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { UserError } from '../errors.js';

/** What is known about one step. */
export interface LossRecord {
  /** Steps done, counted from 1. */
  readonly step: number;
  /** The epoch of the step, counted from 1. */
  readonly epoch: number;
  /** How long the step took. */
  readonly seconds: number;
  /** Losses by name: `G_GAN`, `G_GAN_Feat`, `D_real`, `D_fake`. A loss that is not finite is stored, and read, as `null`. */
  readonly [name: string]: number | null;
}

/** The open log of a run. Must be closed. */
export class LossLog implements Disposable {
  readonly path: string;
  /** Steps of an earlier process after its last checkpoint, whose lines were cut off because they are done again. */
  readonly dropped: number;
  #file: number | undefined;
  #lastStep: number;

  private constructor(path: string, file: number, lastStep: number, dropped: number) {
    this.path = path;
    this.#file = file;
    this.#lastStep = lastStep;
    this.dropped = dropped;
  }

  /**
   * Opens the log for the steps after `step`: 0 for a new run, the checkpoint's step for a resumed one. Lines of later
   * steps, and a last line that was not completed, are cut off.
   *
   * @throws UserError where a line other than the last is damaged; nothing is cut off then.
   */
  static open(path: string, step: number): LossLog {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    let kept = 0;
    let dropped = 0;
    for (const { record, end } of completeLines(bytes, path)) {
      if (record.step <= step) kept = end;
      else dropped++;
    }
    const file = openSync(path, 'a');
    if (kept < bytes.length) ftruncateSync(file, kept);
    return new LossLog(path, file, step, dropped);
  }

  /**
   * Appends the record of a step.
   *
   * @throws Error where the step is not later than the one before.
   */
  append(record: LossRecord): void {
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    if (!(record.step > this.#lastStep)) throw new Error(`step ${record.step} after step ${this.#lastStep}`);
    // JSON has no NaN: JSON.stringify writes null for it. A single write on a file opened for appending leaves either
    // all of the line or a prefix of it, and outlives the process.
    writeAll(this.#file, Buffer.from(`${JSON.stringify(record)}\n`));
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
 */
export function readLossLog(path: string): LossRecord[] {
  if (!existsSync(path)) return [];
  return [...completeLines(readFileSync(path), path)].map(({ record }) => record);
}

function* completeLines(bytes: Buffer, path: string): Generator<{ record: LossRecord; end: number }> {
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf('\n', start);
    if (newline < 0) return;
    const record = parseRecord(bytes.toString('utf8', start, newline));
    const isLast = newline === bytes.length - 1;
    if (record === undefined) {
      // After a power failure the last block of a file may hold zeros or garbage instead of its text.
      if (isLast) return;
      throw damagedLine(path, line, bytes.toString('utf8', start, Math.min(newline, start + 60)));
    }
    yield { record, end: newline + 1 };
    start = newline + 1;
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
    doing: 'reading the losses of a run',
    where: `${path}, line ${line}`,
    found: JSON.stringify(text),
    expected: 'one JSON object with a "step" a line',
    remedy: 'delete that line, or move the file away: training does not depend on it',
  });
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
