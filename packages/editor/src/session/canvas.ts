/**
 * What a page has drawn so far, as a generator takes it: maps, an image of 8 bits, or one of values. Depends on the protocol and
 * drawn-values.ts.
 */
import type { Rect } from '../document/rect.js';
import { decodeRuns } from '../protocol/runs.js';
import { decodeValues } from '../protocol/values.js';
import { coloursGiven, type DrawnValues, plainDrawing, type ValueRange, valuesGiven } from './drawn-values.js';
import type { Drawing, Pixels } from './painter.js';

/** A drawing of one size. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Writes a rectangle. @returns what is wrong with it, and then nothing was written; null where it is good. */
  change(rect: Rect, bytes: Uint8Array): string | null;
  /** The label of an instance; undefined where there is none. */
  labelOf(instance: number): number | undefined;
  /** The label of every instance. */
  objects(): ReadonlyMap<number, number>;
  /** What the generator is asked; at half the size where told. The arrays are copies. */
  request(reduce: number): Drawing;
}

/** A canvas without any class; a white one where inputs are images. */
export function openCanvas(
  width: number,
  height: number,
  { labelNc, inputChannels }: { readonly labelNc: number; readonly inputChannels: number },
  inputs: DrawnValues = plainDrawing,
): Canvas {
  if (labelNc > 0) return new MapCanvas(width, height, labelNc);
  if (inputs.values !== null) return new ImageCanvas(width, height, valueKind(inputs, inputs.values));
  return new ImageCanvas(width, height, colourKind(inputChannels, inputs));
}

/** As page and server call it; networks of more than 255 classes have another value for it, and the page cannot paint their class 255. */
const noClass = 255;

/** What networks of more than 255 classes call it. */
const noneOfMany = 65535;

class MapCanvas implements Canvas {
  readonly labels: Uint16Array;
  readonly instances: Int32Array;

  constructor(
    readonly width: number,
    readonly height: number,
    readonly labelNc: number,
  ) {
    this.labels = new Uint16Array(width * height).fill(noClass);
    this.instances = new Int32Array(width * height).fill(noClass);
  }

  change(rect: Rect, bytes: Uint8Array): string | null {
    return outside(rect, this) ?? decodeRuns(bytes, this, rect, this.labelNc);
  }

  labelOf(instance: number): number | undefined {
    const at = this.instances.indexOf(instance);
    return at < 0 ? undefined : this.labels[at];
  }

  objects(): Map<number, number> {
    const found = new Map<number, number>();
    this.instances.forEach((id, at) => {
      if (this.labels[at] !== noClass && !found.has(id)) found.set(id, this.labels[at]!);
    });
    return found;
  }

  request(reduce: number): Drawing {
    const { width, height } = reduced(this, reduce);
    const labels = sampled(this.labels, this.width, width, height, 1, reduce);
    if (this.labelNc > noClass)
      for (let i = 0; i < labels.length; i++) if (labels[i] === noClass) labels[i] = noneOfMany;
    const instances = sampled(this.instances, this.width, width, height, 1, reduce);
    return { input: { width, height, data: labels }, instances: { width, height, data: instances } };
  }
}

/** How the pixels of images travel, and what the generator is given of them. */
interface PixelKind<A> {
  readonly channels: number;
  readonly blank: (length: number) => A;
  /** @returns what is wrong with the bytes as text. */
  readonly decode: (bytes: Uint8Array, length: number) => A | string;
  readonly given: (pixels: A) => Pixels['data'];
}

const colourKind = (channels: number, inputs: DrawnValues): PixelKind<Uint8Array> => ({
  channels,
  blank: length => new Uint8Array(length).fill(255),
  decode: (bytes, length) => (bytes.length === length ? bytes : `${bytes.length} bytes for ${length}`),
  given: pixels => coloursGiven(pixels, inputs),
});

const valueKind = (inputs: DrawnValues, { high }: ValueRange): PixelKind<Float32Array> => ({
  channels: 1,
  blank: length => new Float32Array(length).fill(high),
  decode: decodeValues,
  given: pixels => valuesGiven(pixels, inputs),
});

class ImageCanvas<A extends Uint8Array | Float32Array> implements Canvas {
  readonly #kind: PixelKind<A>;
  readonly #pixels: A;

  constructor(
    readonly width: number,
    readonly height: number,
    kind: PixelKind<A>,
  ) {
    this.#kind = kind;
    this.#pixels = kind.blank(width * height * kind.channels);
  }

  change(rect: Rect, bytes: Uint8Array): string | null {
    const wrong = outside(rect, this);
    if (wrong !== null) return wrong;
    const { channels } = this.#kind;
    const row = rect.width * channels;
    const pixels = this.#kind.decode(bytes, row * rect.height);
    if (typeof pixels === 'string') return pixels;
    for (let y = 0; y < rect.height; y++)
      this.#pixels.set(pixels.subarray(y * row, (y + 1) * row), ((rect.y + y) * this.width + rect.x) * channels);
    return null;
  }

  labelOf(): undefined {}

  objects(): Map<number, number> {
    return new Map();
  }

  request(reduce: number): Drawing {
    const { width, height } = reduced(this, reduce);
    const { channels, given } = this.#kind;
    return {
      input: {
        width,
        height,
        channels,
        data: given(sampled(this.#pixels, this.width, width, height, channels, reduce)),
      },
    };
  }
}

function outside(rect: Rect, { width, height }: { readonly width: number; readonly height: number }): string | null {
  if (rect.x + rect.width <= width && rect.y + rect.height <= height) return null;
  return `a rectangle that ends at ${rect.x + rect.width}, ${rect.y + rect.height} on a canvas of ${width}×${height}`;
}

function reduced(
  { width, height }: Pick<Canvas, 'width' | 'height'>,
  reduce: number,
): { width: number; height: number } {
  return { width: Math.ceil(width / reduce), height: Math.ceil(height / reduce) };
}

/** Every `step`-th pixel of every `step`-th row. */
function sampled<A extends Uint8Array | Uint16Array | Int32Array | Float32Array>(
  values: A,
  rowLength: number,
  width: number,
  height: number,
  channels: number,
  step: number,
): A {
  if (step === 1) return values.slice() as A;
  const small = new (values.constructor as new (length: number) => A)(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) small[to++] = values[(y * rowLength + x) * step * channels + c]!;
  return small;
}
