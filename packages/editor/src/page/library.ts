/** The shapes that the drawings to begin with are made of. Depends on signals, the document, the paints and the beginnings. */
import { signal } from '@preact/signals';
import { sceneOf } from '../document/layers.js';
import { gathered, type Shape, shapesOf } from '../document/library.js';
import { type Beginnings, canvasMaps } from './beginnings.js';
import type { Paints } from './paints.js';

/** The library of shapes. */
export class Library {
  /** By class, the largest first. */
  readonly shapes = signal<readonly Shape[]>([]);
  readonly #paints: Paints;
  readonly #beginnings: Beginnings;
  readonly #seen = new Set<number>();

  constructor(paints: Paints, beginnings: Beginnings) {
    this.#paints = paints;
    this.#beginnings = beginnings;
  }

  /** Takes in the drawings that have come and were not looked at yet. */
  gather(): void {
    for (const [item, canvas] of this.#beginnings.offered.value) {
      if (this.#seen.has(item)) continue;
      this.#seen.add(item);
      const maps = canvasMaps(canvas, this.#paints.classes.peek().length);
      if (typeof maps === 'string') continue;
      const cut = shapesOf(sceneOf(maps), label => this.#paints.of(label).countable);
      const found = cut.map(shape => ({ ...shape, from: canvas.name }));
      this.shapes.value = gathered(this.shapes.peek(), found);
    }
  }
}
