/**
 * TensorBoard event files: losses and sheets of a run for `tensorboard --logdir`. A file is only ever appended to, so a
 * crash costs at most what was not yet flushed and cuts at most the last record, where TensorBoard's reader stops.
 * Depends on Node's file system; the caller passes the time.
 */
import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type EventMessage, encodeEvent, type SummaryImage, type SummaryValue, sessionStart } from './messages.js';
import { encodeRecord } from './record.js';

/** Appended records are written after this many seconds of wall time, so that the dashboard follows the run. */
const flushSeconds = 5;
/** Appended records are written at once beyond this many bytes. */
const flushBytes = 1 << 20;

/** The open event file of one process that trains a run. Must be closed. */
export class EventWriter implements Disposable {
  readonly path: string;
  #file: number | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushedAt: number;
  /** Tags for which this file already names the dashboard. */
  readonly #known = new Set<string>();

  private constructor(path: string, wallTime: number) {
    this.path = path;
    // Exclusive: two processes that train one run by mistake would garble each other's records.
    this.#file = openSync(path, 'ax');
    this.#flushedAt = wallTime;
  }

  /**
   * Makes a new event file in `folder`, and the folder where it is missing. Files of earlier processes stay beside it;
   * TensorBoard reads them as one run, and drops their steps after `step`, which are done again.
   *
   * @param wallTime seconds since 1970.
   * @param step the last step that counts: 0 for a new run, the checkpoint's for a resumed one.
   * @throws the file system's error, where the folder or file cannot be made.
   */
  static open(folder: string, wallTime: number, step: number): EventWriter {
    mkdirSync(folder, { recursive: true });
    const writer = new EventWriter(join(folder, newName(readdirSync(folder), wallTime)), wallTime);
    writer.#append({ wallTime, fileVersion: 'brain.Event:2' });
    writer.#append({ wallTime, step: step + 1, sessionLog: { status: sessionStart } });
    writer.flush();
    return writer;
  }

  /**
   * Appends numbers of a step, each with its own curve. Those that are not finite are shown as such.
   *
   * @param wallTime seconds since 1970.
   * @throws Error where the file is closed, or cannot be written to.
   */
  scalars(step: number, wallTime: number, values: Readonly<Record<string, number>>): void {
    const value = Object.entries(values).map(([tag, simpleValue]) => ({
      ...this.#tagged(tag, 'scalars'),
      simpleValue,
    }));
    this.#append({ wallTime, step, summary: { value } });
  }

  /**
   * Appends an image of a step.
   *
   * @param wallTime seconds since 1970.
   * @param png a whole PNG file; its header tells the size.
   * @throws RangeError if that is not a PNG. Error where the file is closed, or cannot be written to.
   */
  image(step: number, wallTime: number, tag: string, png: Uint8Array): void {
    const image = describePng(png);
    this.#append({ wallTime, step, summary: { value: [{ ...this.#tagged(tag, 'images'), image }] } });
  }

  /** Writes what was appended. Also happens every few seconds and megabytes. */
  flush(): void {
    if (this.#file === undefined || this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
  }

  /** Writes what was appended and closes the file. May be called again. */
  close(): void {
    if (this.#file === undefined) return;
    try {
      this.flush();
    } finally {
      closeSync(this.#file);
      this.#file = undefined;
    }
  }

  /** {@link close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #tagged(tag: string, pluginName: 'scalars' | 'images'): SummaryValue {
    if (this.#known.has(tag)) return { tag };
    this.#known.add(tag);
    return { tag, metadata: { pluginData: { pluginName } } };
  }

  #append(message: EventMessage): void {
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    const record = encodeRecord(encodeEvent(message));
    this.#pending.push(record);
    this.#pendingBytes += record.length;
    // A clock that was set back must not delay the records.
    const due = Math.abs(message.wallTime - this.#flushedAt) >= flushSeconds;
    if (!due && this.#pendingBytes < flushBytes) return;
    this.flush();
    this.#flushedAt = message.wallTime;
  }
}

/**
 * `events.out.tfevents.SECONDS.HOST.PID.N`, which sorts after the existing files: TensorBoard reads them in the order of
 * their names. Holds even if the clock was set back, or the run resumes within the same second.
 */
function newName(files: readonly string[], wallTime: number): string {
  const earlier = files.flatMap(file => /^events\.out\.tfevents\.(\d+)\./.exec(file)?.[1] ?? []).map(Number);
  const seconds = Math.max(Math.floor(wallTime), ...earlier.map(second => second + 1));
  const host = hostname().replace(/[^\w-]+/g, '-');
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host}.${process.pid}.${earlier.length}`;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Channels for PNG's colour types: grey, RGB, palette, grey with alpha, RGBA. */
const channelsOfType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/** A PNG's header is always at the same place. */
function describePng(png: Uint8Array): SummaryImage {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const colorspace = bytes.length > 25 ? channelsOfType[bytes.readUInt8(25)] : undefined;
  if (colorspace === undefined || !bytes.subarray(0, 8).equals(pngSignature))
    throw new RangeError(`an image for TensorBoard is not a PNG: ${bytes.length} bytes`);
  return { height: bytes.readUInt32BE(20), width: bytes.readUInt32BE(16), colorspace, encodedImageString: png };
}
