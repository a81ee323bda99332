/**
 * Reads the primitive fields of a pickle stream: integers, floats, length-prefixed text, lines. Every length is checked
 * against the remaining bytes before anything is allocated. Depends on the byte source.
 */

import type { ByteSource } from './byte-source.js';
import { FileFormatError } from './file-format-error.js';

const windowBytes = 64 * 1024;
/** Module and class names are short; a longer line is not a name. */
const maxLineBytes = 512;
/** A state dict's integers fit 64 bits, the magic number takes 10 bytes; converting longer ones takes quadratic time. */
const maxIntegerBytes = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A forward cursor over a byte source, little-endian as pickle is. */
export class PickleReader {
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#window.buffer);
  /** Offset of the window's first byte in the source. */
  #windowStart: number;
  /** Offset of the next byte in the window. */
  #next = 0;

  constructor(source: ByteSource, position = 0) {
    this.#source = source;
    this.#windowStart = position;
  }

  /** Offset of the next byte in the source. */
  get position(): number {
    return this.#windowStart + this.#next;
  }

  /** Bytes of the source. */
  get size(): number {
    return this.#source.size;
  }

  /** The file, for messages. */
  get path(): string {
    return this.#source.path;
  }

  /** The error to throw for what was just read. */
  error(problem: string, options?: ErrorOptions): FileFormatError {
    return new FileFormatError(this.path, `${problem} (pickle, near byte ${this.position})`, options);
  }

  u8(): number {
    const at = this.#advance(1);
    return this.#window[at]!;
  }

  u16(): number {
    const at = this.#advance(2);
    return this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#advance(4);
    return this.#view.getUint32(at, true);
  }

  i32(): number {
    const at = this.#advance(4);
    return this.#view.getInt32(at, true);
  }

  /** An eight-byte length. */
  length64(): number {
    const at = this.#advance(8);
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(this.#source.size)) throw this.error(`claims ${value} bytes, more than the file has`);
    return Number(value);
  }

  /** A float, which pickle stores big-endian. */
  f64(): number {
    const at = this.#advance(8);
    return this.#view.getFloat64(at, false);
  }

  /** An integer of `length` bytes in two's complement: a number if exact, else a bigint. */
  integer(length: number): number | bigint {
    if (length > maxIntegerBytes) throw this.error(`holds an integer of ${length} bytes, more than ${maxIntegerBytes}`);
    let value = 0n;
    const bytes = this.#bytes(length);
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    value = BigInt.asIntN(length * 8, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** `length` bytes of UTF-8. */
  text(length: number): string {
    const bytes = this.#bytes(length);
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw this.error('holds text that is not UTF-8', { cause });
    }
  }

  /** `length` bytes, one character each. */
  latin1(length: number): string {
    const bytes = this.#bytes(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }

  /** A new array with the next `length` bytes. */
  bytes(length: number): Uint8Array {
    return this.#bytes(length).slice();
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const bytes: number[] = [];
    for (let byte = this.u8(); byte !== 0x0a; byte = this.u8()) {
      if (bytes.push(byte) > maxLineBytes) throw this.error(`holds a name longer than ${maxLineBytes} bytes`);
    }
    return String.fromCharCode(...bytes);
  }

  #bytes(length: number): Uint8Array {
    if (length <= windowBytes) {
      const at = this.#advance(length);
      return this.#window.subarray(at, at + length);
    }
    this.#checkLeft(length);
    const position = this.position;
    this.#windowStart = position + length;
    this.#next = 0;
    this.#window = new Uint8Array(0);
    return this.#source.read(position, length);
  }

  /**
   * Advances over `length` bytes and loads them into the window; window and view may be new objects afterwards.
   * @returns their offset in the window.
   */
  #advance(length: number): number {
    if (this.#next + length > this.#window.length) {
      this.#checkLeft(length);
      const position = this.position;
      this.#window = this.#source.read(position, Math.min(windowBytes, this.#source.size - position));
      this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.byteLength);
      this.#windowStart = position;
      this.#next = 0;
    }
    const at = this.#next;
    this.#next += length;
    return at;
  }

  #checkLeft(length: number): void {
    const left = this.#source.size - this.position;
    if (length > left) throw this.error(`is cut short or damaged: it claims ${length} bytes, but ${left} are left`);
  }
}
