/** A library of shapes: cut from scenes, told apart, and put into other scenes. Depends on the scene. */
import { Mask, type Matrix } from './mask.js';
import type { Rect } from './rect.js';
import { addObject, type Scene } from './scene.js';
import type { Point } from './shapes.js';

/** A shape of a class, on the canvas that it was cut from. */
export interface Shape {
  readonly label: number;
  readonly mask: Mask;
  /** The name of the drawing that it was cut from. */
  readonly from?: string;
  /** Its part of its canvas, from 0 to 1. */
  readonly share: number;
  /** What it is compared by: {@link fitted} to {@link stampSide} pixels. */
  readonly stamp: Mask;
}

interface Canvas {
  readonly width: number;
  readonly height: number;
}

const stampSide = 16;
/** Shapes of a smaller part of their canvas are left out: the dots between two areas of a label map. */
const leastShare = 0.002;
/** Stamps that share this much of what they cover together are of about the same shape. */
const sameShare = 0.88;

/** The shapes of a scene's objects that are of classes that can be counted, and not tiny. */
export function shapesOf({ width, height, objects }: Scene, countable: (label: number) => boolean): Shape[] {
  return objects
    .filter(({ label }) => countable(label))
    .map(({ label, mask }) => ({ label, mask, share: mask.area / (width * height) }))
    .filter(({ share }) => share >= leastShare)
    .map(shape => ({ ...shape, stamp: fitted(shape.mask, stampSide) }));
}

/** Shapes and those found besides, without any that is about the same as another of its class; by class, the largest first. */
export function gathered(known: readonly Shape[], found: readonly Shape[]): Shape[] {
  const all = [...known];
  for (const shape of found) if (!all.some(other => same(other, shape))) all.push(shape);
  return all.sort(bySize);
}

/** As many of the shapes as are allowed: of each class equally many as far as it has them, its largest. */
export function largest(shapes: readonly Shape[], most: number): Shape[] {
  const before = new Map<number, number>();
  const ranked = [...shapes].sort(bySize).map(shape => {
    const rank = before.get(shape.label) ?? 0;
    before.set(shape.label, rank + 1);
    return { shape, rank };
  });
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, most);
  return chosen.map(({ shape }) => shape).sort(bySize);
}

/** A set of pixels in a square of this side, as large as fits it in proportion, in the middle. */
export function fitted(mask: Mask, side: number): Mask {
  const { bounds } = mask;
  if (bounds === null) return Mask.empty(side, side);
  const scale = side / Math.max(bounds.width, bounds.height);
  const [left, top] = [(side - bounds.width * scale) / 2, (side - bounds.height * scale) / 2];
  return mask.transformed(scaledTo(bounds, scale, left, top), { width: side, height: side });
}

/**
 * Puts a shape into a scene, above all others: of the part of the canvas that it had of its own, or as large as fits, around a
 * point or as near to it as it lies inside.
 * @returns the scene and the id of the object.
 */
export function addShape(scene: Scene, { label, mask }: Shape, centre: Point): { scene: Scene; id: number } {
  return addObject(scene, { label, mask: placed(mask, scene, centre) });
}

function placed(mask: Mask, { width, height }: Canvas, centre: Point): Mask {
  const bounds = mask.bounds!;
  const scale = Math.min(
    Math.sqrt((width * height) / (mask.width * mask.height)),
    width / bounds.width,
    height / bounds.height,
  );
  // Whole pixels: a shape on a canvas of its own size keeps every pixel.
  const start = (middle: number, length: number, side: number) =>
    Math.max(0, Math.min(Math.round(middle - length / 2), Math.floor(side - length)));
  const left = start(centre.x, bounds.width * scale, width);
  const top = start(centre.y, bounds.height * scale, height);
  return mask.transformed(scaledTo(bounds, scale, left, top), { width, height });
}

function scaledTo({ x, y }: Rect, scale: number, left: number, top: number): Matrix {
  return [scale, 0, 0, scale, left - x * scale, top - y * scale];
}

function same(a: Shape, b: Shape): boolean {
  if (a.label !== b.label) return false;
  const either = a.stamp.union(b.stamp).area;
  const both = a.stamp.area + b.stamp.area - either;
  return both >= sameShare * either;
}

function bySize(a: Shape, b: Shape): number {
  return a.label - b.label || b.share - a.share;
}
