/**
 * A value in an annotation file and the way to it, `annotations[17].segmentation[0]`, so that every error names its place.
 * Depends on `errors.ts`.
 */
import { type ErrorCode, UserError } from '../../errors.js';

/** The file that is being read, as errors name it. */
export interface SourceFile {
  readonly path: string;
  /** "COCO annotations". */
  readonly what: string;
}

/** What {@link faultIn} says beyond what was found and expected. */
export interface FaultDetails {
  /** Default: to correct the file, or export it again. */
  readonly remedy?: string;
  /** Default `FILE_UNREADABLE`. */
  readonly code?: ErrorCode;
  readonly cause?: unknown;
}

/** The error about a place in an annotation file; to be thrown. */
export function faultIn(
  source: SourceFile,
  place: string,
  found: string,
  expected: string,
  { remedy = 'correct the file, or export it again', code = 'FILE_UNREADABLE', cause }: FaultDetails = {},
): UserError {
  return new UserError(
    {
      code,
      doing: `reading ${source.what}`,
      where: source.path,
      found: place === '' ? found : `${place}: ${found}`,
      expected,
      remedy,
    },
    { cause },
  );
}

/** A value of a parsed JSON file, or a part of it, with its path. */
export class Field {
  readonly source: SourceFile;
  readonly value: unknown;
  readonly #parent: Field | undefined;
  readonly #key: string | number;

  constructor(source: SourceFile, value: unknown, parent?: Field, key: string | number = '') {
    this.source = source;
    this.value = value;
    this.#parent = parent;
    this.#key = key;
  }

  /** `annotations[17].segmentation[0]`; empty for the whole file. */
  get path(): string {
    const above = this.#parent?.path ?? '';
    if (typeof this.#key === 'number') return `${above}[${this.#key}]`;
    return above === '' ? this.#key : `${above}.${this.#key}`;
  }

  /** The error about this value; to be thrown. */
  fault(found: string, expected: string, details?: FaultDetails): UserError {
    return faultIn(this.source, this.path, found, expected, details);
  }

  /** A member of an object, which must be there. */
  get(name: string): Field {
    const member = this.optional(name);
    if (member !== undefined) return member;
    const path = new Field(this.source, undefined, this, name).path;
    throw faultIn(this.source, path, 'nothing; the field is missing', 'a value');
  }

  /** A member of an object; `undefined` where it is missing or null. */
  optional(name: string): Field | undefined {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.fault(described(this.value), 'an object');
    const { value } = this;
    const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return member === undefined || member === null ? undefined : new Field(this.source, member, this, name);
  }

  /** The elements of an array. */
  items(): Field[] {
    return this.array().map((value, i) => new Field(this.source, value, this, i));
  }

  /** The array itself, for values too many to wrap. */
  array(): readonly unknown[] {
    if (!Array.isArray(this.value)) throw this.fault(described(this.value), 'an array');
    return this.value;
  }

  /** The element at an index of an array. */
  at(index: number): Field {
    return new Field(this.source, this.array()[index], this, index);
  }

  /** The same value of a file that is now known better. */
  of(source: SourceFile): Field {
    return new Field(source, this.value, this.#parent, this.#key);
  }

  /** Another value at the same place. */
  with(value: unknown): Field {
    return new Field(this.source, value, this.#parent, this.#key);
  }

  /** A text with something in it. */
  text(): string {
    if (typeof this.value !== 'string' || this.value.trim() === '')
      throw this.fault(described(this.value), 'a text that is not empty');
    return this.value;
  }

  /** A finite number. */
  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value))
      throw this.fault(described(this.value), 'a finite number');
    return this.value;
  }

  /** A whole number from `min` on. */
  integer(min = 0): number {
    const value = this.value as number;
    if (!Number.isSafeInteger(value) || value < min)
      throw this.fault(described(value), `a whole number, at least ${min}`);
    return value;
  }
}

/** A value in a few words. */
export function described(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value);
}
