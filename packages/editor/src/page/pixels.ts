/**
 * The pixels of the drawing in the paints of the page: what the engine is sent, what is one area, what is under the pointer. Depends
 * on the paints, the document and the protocol.
 */
import { pixelsOf } from '../document/pixels.js';
import type { Rect } from '../document/rect.js';
import { type Maps, noLabel, type Scene } from '../document/scene.js';
import type { Point } from '../document/shapes.js';
import { valuesOf } from '../document/values.js';
import { encodeRuns } from '../protocol/runs.js';
import { encodeValues } from '../protocol/values.js';
import type { Paints } from './paints.js';

/** A drawing, and its maps. */
interface Drawn {
  readonly scene: Scene;
  readonly maps: Maps;
}

/** The pixels of a drawing. */
export class Pixels {
  readonly #paints: Paints;
  readonly #drawn: () => Drawn;
  readonly #channels: () => number;

  /** @param channels of the network's inputs. */
  constructor(paints: Paints, drawn: () => Drawn, channels: () => number) {
    this.#paints = paints;
    this.#drawn = drawn;
    this.#channels = channels;
  }

  /** A rectangle as the engine takes it: runs of classes, colours, or values. */
  bytes(rect: Rect): Uint8Array<ArrayBuffer> {
    if (!this.#paints.areOwn) return encodeRuns(this.#drawn().maps, rect);
    return this.#paints.range === null ? this.colours(rect) : encodeValues(this.values(rect));
  }

  /** The colours of a rectangle, in as many channels as the network reads. */
  colours(rect: Rect = this.#all): Uint8Array<ArrayBuffer> {
    const { scene, maps } = this.#drawn();
    return pixelsOf(maps, scene.picture, this.#paints.numbers, rect, this.#channels() === 1 ? 1 : 3);
  }

  /** The values of a rectangle. */
  values(rect: Rect = this.#all): Float32Array<ArrayBuffer> {
    const { scene, maps } = this.#drawn();
    return valuesOf(maps, scene.values, this.#paints.levels.peek(), rect);
  }

  /** What is one area: an object, or where paints are the drawing's own what is of one colour or value. */
  areas(): Int32Array | Uint32Array {
    const { instances } = this.#drawn().maps;
    if (!this.#paints.areOwn) return instances;
    // Equal numbers have equal bits, but for the two zeros.
    if (this.#paints.range !== null) return new Int32Array(this.values().map(value => value + 0).buffer);
    const bytes = this.colours();
    return bytes.length === instances.length
      ? Uint32Array.from(bytes)
      : Uint32Array.from(instances, (_, at) => (bytes[3 * at]! << 16) | (bytes[3 * at + 1]! << 8) | bytes[3 * at + 2]!);
  }

  /** Makes the paint what the picture below all objects has at a place. */
  pick(point: Point): void {
    const at = this.#indexOf(point);
    const { picture, values } = this.#drawn().scene;
    if (at === null) return;
    if (values !== undefined) this.#paints.useValue(values[at]!);
    if (picture === undefined) return;
    const parts = Array.from(picture.subarray(3 * at, 3 * at + 3), value => value.toString(16).padStart(2, '0'));
    this.#paints.useColour(`#${parts.join('')}`);
  }

  /** The value at a place; null beside the drawing, and where it has none. */
  valueAt(point: Point): number | null {
    const at = this.#indexOf(point);
    if (at === null || this.#paints.range === null) return null;
    const { scene, maps } = this.#drawn();
    const label = maps.labels[at]!;
    const own = label === noLabel ? scene.values?.[at] : undefined;
    return own ?? this.#paints.levels.peek()[label] ?? null;
  }

  get #all(): Rect {
    const { width, height } = this.#drawn().scene;
    return { x: 0, y: 0, width, height };
  }

  #indexOf({ x, y }: Point): number | null {
    const { width, height } = this.#drawn().scene;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    return column < 0 || row < 0 || column >= width || row >= height ? null : row * width + column;
  }
}
