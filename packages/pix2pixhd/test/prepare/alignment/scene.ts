/**
 * A physical scene seen by two cameras: discs, bars and blocks with a temperature and a colour that have nothing to do with each other, so that
 * edges coincide and contrasts do not. Drawn at any point, so that images of any transform are exact.
 */
import type { Image8 } from '../../../src/raster.js';
import { apply, type Point, type Size, type Transform } from '../../../src/prepare/alignment/index.js';

/** A shape's colour and temperature, 0…255, where a point belongs to it. */
interface Shape {
  readonly covers: (x: number, y: number) => boolean;
  readonly values: readonly [red: number, green: number, blue: number, heat: number];
}

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

/** Shapes within an area, the later ones before the earlier ones. */
export class Scene {
  readonly #shapes: readonly Shape[];

  constructor(seed: number, { width, height }: Size, count = 60) {
    const next = random(seed);
    this.#shapes = Array.from({ length: count }, () => {
      const [cx, cy, angle] = [next() * width, next() * height, next() * Math.PI];
      const [half, ratio] = [(0.02 + 0.08 * next()) * width, 0.3 + 0.7 * next()];
      const round = next() < 0.4;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const covers = (x: number, y: number) => {
        const p = ((x - cx) * c + (y - cy) * s) / half;
        const q = ((y - cy) * c - (x - cx) * s) / half / ratio;
        return round ? p * p + q * q < 1 : Math.abs(p) < 1 && Math.abs(q) < 1;
      };
      return { covers, values: [next() * 255, next() * 255, next() * 255, next() * 255] };
    });
  }

  /** Colour and temperature at a point; undefined where only the background is. */
  at(x: number, y: number): Shape['values'] | undefined {
    for (let k = this.#shapes.length - 1; k >= 0; k--) if (this.#shapes[k]!.covers(x, y)) return this.#shapes[k]!.values;
    return undefined;
  }
}

const BACKGROUND: Shape['values'] = [110, 120, 130, 120];

/** What is seen at a point of a camera's image. */
export type View = (point: Point) => Shape['values'] | undefined;

/** A view of a scene through a transform from the image's pixels to the scene. */
export function through(scene: Scene, transform: Transform): View {
  return point => {
    const { x, y } = apply(transform, point);
    return scene.at(x, y);
  };
}

/** A photograph, RGB or thermal (one channel): four samples per pixel, and noise of ± `noise`. */
export function photograph(view: View, { width, height }: Size, kind: 'rgb' | 'thermal', noise: number, seed: number): Image8 {
  const next = random(seed);
  const channels = kind === 'rgb' ? [0, 1, 2] : [3];
  const data = new Uint8Array(width * height * channels.length);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const samples = [0.25, 0.75].flatMap(dy => [0.25, 0.75].map(dx => view({ x: x + dx, y: y + dy }) ?? BACKGROUND));
      for (const c of channels) {
        const mean = samples.reduce((sum, values) => sum + values[c]!, 0) / 4;
        data[o++] = Math.round(Math.min(255, Math.max(0, mean + (2 * next() - 1) * noise)));
      }
    }
  }
  return { width, height, channels: channels.length, data };
}
