/** The drawings to begin with that the engine offers, as they come. Depends on signals, the protocol and the renderer. */
import { signal } from '@preact/signals';
import { type Maps, mapsOf } from '../document/scene.js';
import type { GalleryCanvas } from '../engine/engine.js';
import { decodeRuns } from '../protocol/runs.js';
import type { Renderer } from './renderer.js';

/**
 * The maps of a drawing of classes, or what is wrong with its runs.
 * @param classes labels are below it, or 255.
 */
export function canvasMaps({ width, height, bytes }: GalleryCanvas, classes: number): Maps | string {
  const maps = mapsOf({ width, height, objects: [] });
  return decodeRuns(bytes, maps, { x: 0, y: 0, width, height }, classes) ?? maps;
}

/** The drawings to begin with. */
export class Beginnings {
  /** Those that have come so far, by number. */
  readonly offered = signal<ReadonlyMap<number, GalleryCanvas>>(new Map());
  readonly #renderer: Renderer;
  readonly #begin: (canvas: GalleryCanvas) => void;
  #wanted: number | null = null;
  #browsing = false;
  /** The one that was asked for last, and those that cannot be had. */
  #asked: number | null = null;
  readonly #missing = new Set<number>();

  /** @param begin is told of the one that was chosen. */
  constructor(renderer: Renderer, begin: (canvas: GalleryCanvas) => void) {
    this.#renderer = renderer;
    this.#begin = begin;
  }

  /** Begins with one of them, once it is here. */
  choose(item: number): void {
    const known = this.offered.value.get(item);
    if (known !== undefined) this.#begin(known);
    else {
      this.#wanted = item;
      this.#ask(item);
    }
  }

  /** Asks for all of them, one after the other. */
  browse(): void {
    const next = this.#renderer.gallery.value.findIndex(
      (_, item) => !this.offered.value.has(item) && !this.#missing.has(item),
    );
    this.#browsing = next >= 0;
    if (this.#browsing) this.#ask(next);
  }

  /** Another drawing was begun: the one that is still to come does not take its place. */
  forget(): void {
    this.#wanted = null;
  }

  #ask(item: number): void {
    this.#asked = item;
    this.#renderer.offer(item);
  }

  /** The one that was asked for cannot be had: the others may. */
  failed(): void {
    if (this.#asked === null) return;
    this.#missing.add(this.#asked);
    if (this.#wanted === this.#asked) this.#wanted = null;
    if (this.#browsing) this.browse();
  }

  /** One has come. */
  received(canvas: GalleryCanvas): void {
    this.offered.value = new Map([...this.offered.value, [canvas.item, canvas]]);
    if (this.#wanted === canvas.item) {
      this.#wanted = null;
      this.#begin(canvas);
    }
    if (this.#browsing) this.browse();
  }
}
