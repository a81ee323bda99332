/**
 * A physical scene seen by two cameras: discs, bars and blocks with a temperature and a colour that have nothing to do with each other, so that
 * edges coincide and contrasts do not. Drawn at any point, so that images of any transform are exact.
 */

import { apply, type Point, type Size, type Transform } from '../../../src/prepare/alignment/index.js';
import type { Image8 } from '../../../src/raster.js';

/** Colour and temperature of a shape, 0…255. */
export type Values = readonly [red: number, green: number, blue: number, heat: number];

/** A generator of numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cells of a scene’s raster per pixel (five, so that the samples at ¼ and ¾ lie on either side of a cell’s middle), and how far it reaches beyond its area, in pixels. */
const FINE = 5;
const BEYOND = 24;

/** Shapes within an area, the later ones before the earlier ones; kept as a fine raster of which shape is where. */
export class Scene {
  readonly #values: Values[] = [[110, 120, 130, 120]];
  readonly #columns: number;
  readonly #rows: number;
  readonly #shapes: Uint8Array;

  /** @param count of shapes, below 256. */
  constructor(seed: number, { width, height }: Size, count = 60) {
    const next = random(seed);
    this.#columns = (width + 2 * BEYOND) * FINE;
    this.#rows = (height + 2 * BEYOND) * FINE;
    this.#shapes = new Uint8Array(this.#columns * this.#rows);
    for (let k = 1; k <= count; k++) {
      const place = { x: (next() * width + BEYOND) * FINE, y: (next() * height + BEYOND) * FINE };
      this.#draw(k, place, (0.02 + 0.08 * next()) * width * FINE, 0.3 + 0.7 * next(), next() * Math.PI, next() < 0.4);
      this.#values.push([next() * 255, next() * 255, next() * 255, next() * 255]);
    }
  }

  #draw(shape: number, centre: Point, half: number, ratio: number, angle: number, round: boolean): void {
    const [c, s, reach] = [Math.cos(angle), Math.sin(angle), Math.ceil(half * Math.SQRT2)];
    const [top, left] = [Math.max(0, Math.floor(centre.y - reach)), Math.max(0, Math.floor(centre.x - reach))];
    for (let y = top; y < Math.min(this.#rows, centre.y + reach); y++) {
      for (let x = left; x < Math.min(this.#columns, centre.x + reach); x++) {
        const [dx, dy] = [x + 0.5 - centre.x, y + 0.5 - centre.y];
        const p = (dx * c + dy * s) / half;
        const q = (dy * c - dx * s) / half / ratio;
        if (round ? p * p + q * q < 1 : Math.abs(p) < 1 && Math.abs(q) < 1) this.#shapes[y * this.#columns + x] = shape;
      }
    }
  }

  /** Colour and temperature at a point. */
  at(x: number, y: number): Values {
    const column = Math.floor((x + BEYOND) * FINE);
    const row = Math.floor((y + BEYOND) * FINE);
    const inside = column >= 0 && row >= 0 && column < this.#columns && row < this.#rows;
    return this.#values[inside ? this.#shapes[row * this.#columns + column]! : 0]!;
  }
}

/** What is seen at a point of a camera's image. */
export type View = (x: number, y: number) => Values;

/** A grey wall. */
export const nothing: View = () => [120, 120, 120, 120];

/** A view of a scene through a transform from the image's pixels to the scene. */
export function through(scene: Scene, transform: Transform): View {
  return (x, y) => {
    const p = apply(transform, { x, y });
    return scene.at(p.x, p.y);
  };
}

/** A photograph, RGB or thermal (one channel): four samples per pixel, and noise of ± `noise`. */
export function photograph(
  view: View,
  { width, height }: Size,
  kind: 'rgb' | 'thermal',
  noise: number,
  seed: number,
): Image8 {
  const next = random(seed);
  const channels = kind === 'rgb' ? [0, 1, 2] : [3];
  const data = new Uint8Array(width * height * channels.length);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [p, q, r, s] = [
        view(x + 0.25, y + 0.25),
        view(x + 0.75, y + 0.25),
        view(x + 0.25, y + 0.75),
        view(x + 0.75, y + 0.75),
      ];
      for (const c of channels) {
        const mean = (p[c]! + q[c]! + r[c]! + s[c]!) / 4;
        data[o++] = Math.round(Math.min(255, Math.max(0, mean + (2 * next() - 1) * noise)));
      }
    }
  }
  return { width, height, channels: channels.length, data };
}
