/** Where on the screen the drawing is: zoom and place, shared by all panes. Depends on signals only. */
import { signal } from '@preact/signals';
import type { Point } from '../document/shapes.js';

interface Place {
  /** Pixels of the screen per pixel of the drawing. */
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

const [least, most] = [0.05, 64];

/** The view of a drawing. */
export class View {
  readonly #place = signal<Place>({ zoom: 1, x: 0, y: 0 });
  /** Space is held: the pointer moves the view. */
  readonly panning = signal(false);
  readonly opacity = signal(0.35);
  /** From 0 to 100: how much of the drawing is left of the wipe. */
  readonly wipe = signal(100);
  #frame = { width: 1, height: 1 };
  #drawing = { width: 1, height: 1 };
  #touched = false;

  get value(): Place {
    return this.#place.value;
  }

  /** A pane has this size. */
  measured(width: number, height: number): void {
    this.#frame = { width, height };
    if (!this.#touched) this.fit(this.#drawing.width, this.#drawing.height);
  }

  /** Shows all of a drawing. */
  fit(width: number, height: number): void {
    this.#drawing = { width, height };
    this.#touched = false;
    const margin = 16;
    const zoom = Math.min((this.#frame.width - 2 * margin) / width, (this.#frame.height - 2 * margin) / height);
    const fitted = Math.min(most, Math.max(least, zoom));
    const [x, y] = [(this.#frame.width - width * fitted) / 2, (this.#frame.height - height * fitted) / 2];
    this.#place.value = { zoom: fitted, x, y };
  }

  pan(dx: number, dy: number): void {
    this.#touched = true;
    const { zoom, x, y } = this.#place.value;
    this.#place.value = { zoom, x: x + dx, y: y + dy };
  }

  /** Zooms so that what is under the point stays there. */
  zoomAt(point: Point, by: number): void {
    this.#touched = true;
    const { zoom, x, y } = this.#place.value;
    const next = Math.min(most, Math.max(least, zoom * by));
    const share = next / zoom;
    this.#place.value = { zoom: next, x: point.x - (point.x - x) * share, y: point.y - (point.y - y) * share };
  }

  /** Zooms about the middle of the pane. */
  zoomBy(by: number): void {
    this.zoomAt({ x: this.#frame.width / 2, y: this.#frame.height / 2 }, by);
  }

  /** Two fingers moved. */
  pinch(before: readonly [Point, Point], after: readonly [Point, Point]): void {
    const middle = ([a, b]: readonly [Point, Point]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const distance = ([a, b]: readonly [Point, Point]) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
    const [from, to] = [middle(before), middle(after)];
    this.pan(to.x - from.x, to.y - from.y);
    this.zoomAt(to, distance(after) / distance(before));
  }

  /** The place on the drawing that is in the middle of the pane. */
  get middle(): Point {
    return this.toCanvas({ x: this.#frame.width / 2, y: this.#frame.height / 2 });
  }

  /** The place on the drawing of a place in a pane. */
  toCanvas(point: Point): Point {
    const { zoom, x, y } = this.#place.value;
    return { x: (point.x - x) / zoom, y: (point.y - y) / zoom };
  }
}
