/**
 * What raters answered, one JSON object per line, appended only. A line is on the disk before its answer is acknowledged, so that
 * neither `kill -9` nor a power failure loses an acknowledged one. A last line that was torn was never acknowledged: it is dropped. Depends
 * on the file system and `errors.ts`.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  write,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors.js';

const consentSchema = z.strictObject({
  type: z.literal('consent'),
  rater: z.int().min(0),
  /** The day, without the hour: enough to know under which text it was given. */
  day: z.string(),
});

const answerSchema = z.strictObject({
  type: z.literal('answer'),
  rater: z.int().min(0),
  /** The trial's place in the rater's list. */
  trial: z.int().min(0),
  choice: z.enum(['a', 'b']),
  /** How long the images were seen; up to the answer, where there is no limit. */
  shownMs: z.number().min(0),
  /** From when it could be answered to the answer. */
  responseMs: z.number().min(0),
  /** How often the images were shown: more than once where the page was loaded again in between. */
  views: z.int().min(1),
});

const recordSchema = z.discriminatedUnion('type', [consentSchema, answerSchema]);

/** A line of the log. */
export type StudyRecord = Readonly<z.output<typeof recordSchema>>;
/** The line of an answer. */
export type AnswerRecord = Readonly<z.output<typeof answerSchema>>;

const writeFile = promisify(write);
const synchronise = promisify(fsync);

/** The log of an experiment, open for appending. Must be closed. */
export class AnswerLog {
  readonly path: string;
  #file: number | undefined;
  #bytes: number;
  /** Records are written one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** After this nobody knows what is on the disk. */
  #broken: Error | undefined;

  private constructor(path: string, file: number, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /**
   * Opens a log, or creates it; a torn last line is cut off. Only one process may have it open.
   *
   * @param onRecord receives every record that is there, in order.
   * @throws UserError if a line other than the last is damaged; nothing is cut off then.
   */
  static open(path: string, onRecord: (record: StudyRecord) => void): AnswerLog {
    const { records, bytes } = readLog(path);
    const file = openSync(path, 'a');
    try {
      if (bytes < fstatSync(file).size) ftruncateSync(file, bytes);
      fsyncSync(file);
      // The entry in the folder too, where the file is new.
      synchroniseFolder(dirname(path));
    } catch (error) {
      closeSync(file);
      throw error;
    }
    for (const record of records) onRecord(record);
    return new AnswerLog(path, file, bytes);
  }

  /**
   * Appends a record. When the promise resolves, it is on the disk.
   *
   * @throws UserError where it cannot be written, as on a full disk: the log is as before, and the record may be tried again.
   */
  append(record: StudyRecord): Promise<void> {
    const written = this.#last.then(() => this.#append(record));
    this.#last = written.catch(() => {});
    return written;
  }

  async #append(record: StudyRecord): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      for (let done = 0; done < line.length; )
        done += (await writeFile(this.#file, line, done, line.length - done, null)).bytesWritten;
    } catch (cause) {
      this.#takeBack();
      throw cannotWrite(this.path, cause);
    }
    try {
      await synchronise(this.#file);
    } catch (cause) {
      // Linux drops the pages that it could not write: a second fsync would succeed without them.
      this.#broken = cannotWrite(this.path, cause);
      throw this.#broken;
    }
    this.#bytes += line.length;
  }

  /** Removes a partly written line. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#file!, this.#bytes);
    } catch (cause) {
      this.#broken = cannotWrite(this.path, cause);
    }
  }

  /** Closes the file, once what was being written is. */
  async close(): Promise<void> {
    await this.#last;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/**
 * The complete records of a log, in order. A missing file has none; the file is not changed.
 *
 * @throws UserError where a line other than the last is damaged.
 */
export function readAnswers(path: string): readonly StudyRecord[] {
  return readLog(path).records;
}

/** @returns the complete records, and how many bytes they take. */
function readLog(path: string): { records: StudyRecord[]; bytes: number } {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const records: StudyRecord[] = [];
  let from = 0;
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', from)) {
    const text = bytes.toString('utf8', from, end);
    const record = parseRecord(text);
    if (record === undefined) {
      // After a power failure the last block of a file may hold zeros instead of its text.
      if (end === bytes.length - 1) break;
      throw damagedLine(path, records.length + 1, text);
    }
    records.push(record);
    from = end + 1;
  }
  return { records, bytes: from };
}

function parseRecord(text: string): StudyRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function synchroniseFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function damagedLine(path: string, line: number, text: string): UserError {
  return new UserError({
    code: 'STUDY_DAMAGED',
    doing: 'reading the answers of an experiment',
    where: `${path}, line ${line}`,
    found: JSON.stringify(text.slice(0, 60)),
    expected: 'one JSON object per line, as pix2pixhd study serve writes them',
    remedy: 'restore the file from a copy, or take that line out if you know that it is none of an answer',
  });
}

function cannotWrite(path: string, cause: unknown): UserError {
  return new UserError(
    {
      code: 'CANNOT_WRITE',
      doing: 'writing an answer',
      where: path,
      found: reasonOf(cause),
      expected: 'a file that can be appended to',
      remedy: 'make room on the disk, or find out why it cannot be written to; raters go on where they were',
    },
    { cause },
  );
}
