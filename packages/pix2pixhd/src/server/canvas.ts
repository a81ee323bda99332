/** What a page has drawn so far, as the generator takes it: label map and instance map. Depends on the editor's protocol. */
import { decodeRuns } from '@pix2pixhd/editor/protocol';
import type { GenerateRequest } from '../api/request.js';

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const noClass = 255;

/** A drawing of one size; at first without any class. */
export class Canvas {
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

  /** Writes a rectangle. @returns what is wrong with it, and then nothing was written; null where it is good. */
  change(rect: Rect, bytes: Uint8Array): string | null {
    return outside(rect, this) ?? decodeRuns(bytes, this, rect, this.labelNc);
  }

  /** The label of an instance; undefined where there is none. */
  labelOf(instance: number): number | undefined {
    const at = this.instances.indexOf(instance);
    return at < 0 ? undefined : this.labels[at];
  }

  /** What the generator is asked; at half or a quarter of the size where told. The arrays are copies. */
  request(reduce: number): GenerateRequest {
    const { width, height } = reduced(this, reduce);
    const labels = sampled(this.labels, this.width, width, height, reduce);
    const instances = sampled(this.instances, this.width, width, height, reduce);
    return { input: { width, height, data: labels }, instances: { width, height, data: instances } };
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
function sampled<A extends Uint16Array | Int32Array>(
  values: A,
  rowLength: number,
  width: number,
  height: number,
  step: number,
): A {
  if (step === 1) return values.slice() as A;
  const small = new (values.constructor as new (length: number) => A)(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) small[y * width + x] = values[y * step * rowLength + x * step]!;
  return small;
}
