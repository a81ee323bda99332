/**
 * The description that `pix2pixhd export --format onnx` leaves in a model, checked. Depends on onnx-file.ts, the style book and
 * errors.ts.
 */
import { UserError } from '../errors.js';
import { type ClassStyles, StyleBook } from '../scene/index.js';
import { NotOnnx, readMetadata } from './onnx-file.js';

/** A class of the label maps. */
export interface LabelClass {
  /** The value in the label maps. */
  readonly id: number;
  readonly name: string;
  /** Its colour in images that show labels, `#rrggbb`. */
  readonly colour: string;
  /** Whether the instance maps tell its objects apart, where the model says so. */
  readonly countable?: boolean;
}

/** What black and white of some channels of an image are, in its own unit. */
export interface ChannelRange {
  readonly channels: number;
  readonly black: number;
  readonly white: number;
}

/** The images that a network takes. */
export interface ImageSpec {
  readonly channels: number;
  readonly dtype: 'uint8' | 'float32';
  /** Of the channels, one after the other; null where values must be in [-1, 1] already. */
  readonly ranges: readonly ChannelRange[] | null;
  /** Black and white are all that the files' type holds. */
  readonly full: boolean;
}

/** The styles that a network takes. */
export interface StyleSpec {
  /** Of the style features. */
  readonly channels: number;
  /** A style for each class, not for each instance. */
  readonly perClass: boolean;
  readonly book: StyleBook | null;
}

/** The images that a network makes. */
export interface OutputSpec {
  readonly channels: number;
  readonly dtype: 'uint8' | 'uint16' | 'float32';
  readonly black: number;
  readonly white: number;
  /** They are all that the type of the files holds. */
  readonly full: boolean;
}

/** What a model is. */
export interface ModelFacts {
  readonly kind: 'generator' | 'encoder';
  readonly name: string;
  readonly step: number;
  /** The training's command, and the licence of the weights, where the file has them. */
  readonly command: string | null;
  readonly licence: string | null;
  /** 0: no label map. */
  readonly labelNc: number;
  readonly needsInstances: boolean;
  readonly image: ImageSpec | null;
  readonly style: StyleSpec | null;
  /** Of a generator what it makes, of an encoder what it reads. */
  readonly output: OutputSpec;
  /** Dropout is noise: every image is another. */
  readonly noise: boolean;
  readonly classes: readonly LabelClass[] | null;
  readonly sizes: { readonly multiple: number; readonly least: number };
}

/** Values of a label map of 16 bits. */
const mostClasses = 65_536;

/** The version of the description that is read here. */
const VERSION = 1;

/**
 * Reads what a model says about itself.
 *
 * @param name what errors call it.
 * @throws UserError where the file is not ours, is damaged, or was written by a later version.
 */
export function readFacts(file: Uint8Array, name: string): ModelFacts {
  const problem = (code: 'MODEL_UNSUITABLE' | 'MODEL_DAMAGED' | 'MODEL_TOO_NEW', found: string, remedy: string) =>
    new UserError({
      code,
      doing: 'reading the model',
      where: name,
      found,
      expected: 'an .onnx file that pix2pixhd export --format onnx wrote',
      remedy,
    });
  const other = otherKind(file);
  if (other !== undefined) throw problem('MODEL_UNSUITABLE', ...other);
  let text: string | undefined;
  try {
    text = readMetadata(file).get('pix2pixhd');
  } catch (cause) {
    if (!(cause instanceof NotOnnx)) throw cause;
    // The first field of every ModelProto is its version.
    if (file[0] !== 8) throw problem('MODEL_UNSUITABLE', `not an ONNX file (${cause.message})`, 'check the address');
    throw problem('MODEL_DAMAGED', `an ONNX file that is not whole: ${cause.message}`, 'copy or export it again');
  }
  if (text === undefined)
    throw problem(
      'MODEL_UNSUITABLE',
      'an ONNX model without the description that ours have',
      'export the run with pix2pixhd export --format onnx: this package runs no other models',
    );
  try {
    const value = record(JSON.parse(text), 'the description');
    if (typeof value.version === 'number' && value.version > VERSION)
      throw problem('MODEL_TOO_NEW', `version ${value.version} of the description`, 'install a newer @pix2pixhd/web');
    return factsOf(value);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw problem('MODEL_DAMAGED', `its description: ${(cause as Error).message}`, 'export it again');
  }
}

/** What a file is that is often given in place of a model, and what to do; undefined where it may be one. */
function otherKind(file: Uint8Array): [found: string, remedy: string] | undefined {
  const start = String.fromCharCode(...file.subarray(0, 64));
  const exported = 'export it: pix2pixhd export --format onnx';
  if (file.length === 0) return ['an empty file', 'check the address'];
  if (/^\s*<(!doctype|html|\?xml)/i.test(start))
    return ['an HTML page, which servers send for addresses that they do not know', 'check the address of the model'];
  if (start.startsWith('version https://git-lfs'))
    return ['a pointer of Git LFS', 'fetch the file itself: git lfs pull'];
  if (start.startsWith('PK') || start.startsWith('\x80'))
    return ['weights of PyTorch (.pth, .pt)', `import them, and ${exported}`];
  if (start[8] === '{' && file[7] === 0) return ['weights as safetensors', exported];
  return undefined;
}

function factsOf(value: Readonly<Record<string, unknown>>): ModelFacts {
  const kind = oneOf(value.kind, ['generator', 'encoder'] as const, 'kind');
  const sizes = record(value.sizes ?? {}, 'sizes');
  return {
    kind,
    name: typeof value.name === 'string' ? value.name : '',
    step: count(value.step ?? 0, 'step'),
    command: typeof value.command === 'string' ? value.command : null,
    licence: typeof value.licence === 'string' ? value.licence : null,
    labelNc: count(value.labelNc, 'labelNc', mostClasses),
    needsInstances: value.needsInstances === true,
    image: nullable(value.image, imageOf),
    style: nullable(value.style, styleOf),
    output: outputOf(value.output),
    noise: value.noise === true,
    classes: nullable(value.classes, classesOf),
    sizes: { multiple: count(sizes.multiple ?? 1, 'sizes.multiple'), least: count(sizes.least ?? 1, 'sizes.least') },
  };
}

function imageOf(value: unknown): ImageSpec {
  const { channels, dtype, ranges } = record(value, 'image');
  return {
    channels: count(channels, 'image.channels'),
    dtype: oneOf(dtype, ['uint8', 'float32'] as const, 'image.dtype'),
    ranges: nullable(ranges, value => list(value, 'image.ranges').map(rangeOf)),
    // Only of such files the graph takes 8 bits.
    full: dtype === 'uint8',
  };
}

function rangeOf(value: unknown): ChannelRange {
  const { channels, black, white } = record(value, 'image.ranges');
  return {
    channels: count(channels, 'image.ranges.channels'),
    black: real(black, 'image.ranges.black'),
    white: real(white, 'image.ranges.white'),
  };
}

function styleOf(value: unknown): StyleSpec {
  const { channels, perClass, book } = record(value, 'style');
  const styles = nullable(book, bookOf);
  const wanted = count(channels, 'style.channels');
  // All of a book's vectors are as long as its mean.
  if (styles !== null && styles.featNum !== wanted)
    throw new Error(`style.book has ${styles.featNum} features, not ${wanted}`);
  return { channels: wanted, perClass: perClass === true, book: styles };
}

function bookOf(value: unknown): StyleBook {
  const { mean, classes } = record(value, 'style.book');
  const styles = Object.entries(record(classes, 'style.book.classes')).map(([id, entry]): [number, ClassStyles] => {
    const { mean, clusters } = record(entry, `style.book.classes.${id}`);
    const read = list(clusters, `style.book.classes.${id}.clusters`).map(cluster => {
      const { centre, count } = record(cluster, `style.book.classes.${id}.clusters`);
      return { centre: vector(centre, `the centre of a cluster of class ${id}`), count: Number(count ?? 0) };
    });
    return [Number(id), { mean: vector(mean, `the mean of class ${id}`), clusters: read }];
  });
  return new StyleBook(vector(mean, 'style.book.mean'), new Map(styles));
}

function outputOf(value: unknown): OutputSpec {
  const { channels, dtype, black, white, full } = record(value, 'output');
  return {
    channels: count(channels, 'output.channels'),
    dtype: oneOf(dtype, ['uint8', 'uint16', 'float32'] as const, 'output.dtype'),
    black: real(black, 'output.black'),
    white: real(white, 'output.white'),
    full: full === true,
  };
}

function classesOf(value: unknown): LabelClass[] {
  return list(value, 'classes').map(entry => {
    const { id, name, colour, color, countable } = record(entry, 'classes');
    return {
      id: count(id, 'classes.id', mostClasses),
      name: String(name ?? ''),
      colour: typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour) ? colour : hexOf(color),
      ...(typeof countable === 'boolean' && { countable }),
    };
  });
}

/** `#rrggbb` of red, green and blue. */
function hexOf(colour: unknown): string {
  const [red = 0, green = 0, blue = 0] = Array.isArray(colour) ? (colour as number[]) : [];
  return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
}

function nullable<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${name} is no object`);
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${name} is no list`);
}

function real(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error(`${name} is no number`);
}

function count(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw new Error(`${name} is no whole number from 0 to ${most}`);
}

function vector(value: unknown, name: string): Float32Array {
  return Float32Array.from(list(value, name), number => real(number, name));
}

function oneOf<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  if (choices.includes(value as T)) return value as T;
  throw new Error(`${name} is ${JSON.stringify(value)}, not one of ${choices.join(', ')}`);
}
