/**
 * A scene: objects on top of each other, each with a class, a shape and a style, and what can be done to them. A scene never
 * changes; every edit returns another one that shares all that it left alone. Depends on mask.ts and rect.ts.
 *
 * What the network sees is the scene flattened: a label map and an instance map. Things that cannot be counted (sky, road) have
 * one object per class, whose id is the class; others have an object each, with the id class · 1000 + n, as in Cityscapes.
 */
import { Mask, type Matrix } from './mask.js';
import type { Rect } from './rect.js';

/** Label of pixels without an object: no class. */
export const noLabel = 255;

/** What a person may give an object to look like; without one it looks as its class does most often, or by the seed. */
export type ObjectStyle =
  | { readonly kind: 'cluster'; readonly cluster: number }
  | { readonly kind: 'features'; readonly features: readonly number[] };

/** A thing in the scene. */
export interface SceneObject {
  /** The value of its pixels in the instance map; no two objects of a scene share it. */
  readonly id: number;
  readonly label: number;
  readonly mask: Mask;
  /** The shape that {@link mask} was made from by {@link matrix}, once it was scaled or rotated: each turn starts from it. */
  readonly original?: { readonly mask: Mask; readonly matrix: Matrix };
  readonly style?: ObjectStyle;
}

/** Objects from the lowest to the highest. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly objects: readonly SceneObject[];
  /** What lies below all objects, for networks whose inputs are images: red, green and blue of each pixel, row by row. */
  readonly picture?: Uint8Array;
}

/** A class as the data set's `classes.json` has it. */
export interface SceneClass {
  readonly id: number;
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  /** Whether there are single objects of it. */
  readonly countable: boolean;
}

/** Label map and instance map, row by row. */
export interface Maps {
  readonly width: number;
  readonly height: number;
  readonly labels: Uint16Array;
  readonly instances: Int32Array;
}

/** A scene that is a picture. */
export function pictureScene(width: number, height: number, picture: Uint8Array): Scene {
  return { width, height, objects: [], picture };
}

/** A scene of one class everywhere. */
export function blankScene(width: number, height: number, label: number): Scene {
  const mask = Mask.build(width, height, add => {
    for (let y = 0; y < height; y++) add(y, 0, width);
  });
  return { width, height, objects: [{ id: label, label, mask }] };
}

/**
 * The scene of a label map and its instance map: one object per pair of label and instance, the largest lowest. Pixels of
 * {@link noLabel} have none. Ids of the map are kept.
 */
export function sceneOf({ width, height, labels, instances }: Maps): Scene {
  const runs = new Map<string, { id: number; label: number; area: number; runs: [number, number, number][] }>();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; ) {
      const at = y * width + x;
      const [label, id] = [labels[at]!, instances[at]!];
      let to = x + 1;
      while (to < width && labels[y * width + to] === label && instances[y * width + to] === id) to++;
      if (label !== noLabel) {
        const key = `${label} ${id}`;
        let entry = runs.get(key);
        if (entry === undefined) runs.set(key, (entry = { id, label, area: 0, runs: [] }));
        entry.runs.push([y, x, to]);
        entry.area += to - x;
      }
      x = to;
    }
  }
  const taken = new Set<number>();
  const objects = [...runs.values()]
    .sort((a, b) => b.area - a.area)
    .map(({ id, label, runs: own }): SceneObject => {
      const mask = Mask.build(width, height, add => {
        for (const run of own) add(...run);
      });
      // Two classes under one id: the smaller one becomes an object of its own.
      const free = taken.has(id) ? freeId(taken, label) : id;
      taken.add(free);
      return { id: free, label, mask };
    });
  return { width, height, objects };
}

/** Maps where what has no class is of the class `ground`. */
export function grounded({ width, height, labels, instances }: Maps, ground: number): Maps {
  return {
    width,
    height,
    labels: labels.map(label => (label === noLabel ? ground : label)),
    instances: instances.map((id, at) => (labels[at] === noLabel ? ground : id)),
  };
}

/** The label and instance map of a rectangle of the scene, written over what `into` has there. */
export function flatten({ width, height, objects }: Scene, into: Maps, rect?: Rect): void {
  const { labels, instances } = into;
  const part = rect ?? { x: 0, y: 0, width, height };
  for (let y = part.y; y < part.y + part.height; y++) {
    labels.fill(noLabel, y * width + part.x, y * width + part.x + part.width);
    instances.fill(noLabel, y * width + part.x, y * width + part.x + part.width);
  }
  for (const { id, label, mask } of objects)
    for (const [y, from, to] of mask.runs(part)) {
      labels.fill(label, y * width + from, y * width + to);
      instances.fill(id, y * width + from, y * width + to);
    }
}

/** Empty maps of a scene's size. */
export function mapsOf({ width, height }: Scene): Maps {
  return { width, height, labels: new Uint16Array(width * height), instances: new Int32Array(width * height) };
}

/** The object with an id. */
export function objectOf(scene: Scene, id: number): SceneObject | undefined {
  return scene.objects.find(object => object.id === id);
}

/** The highest object at a pixel. */
export function objectAt({ objects }: Scene, x: number, y: number): SceneObject | undefined {
  return objects.findLast(({ mask }) => mask.has(x, y));
}

/** What new paint becomes: more of an object, or an object of its own. */
export type Paint =
  | { readonly kind: 'object'; readonly id: number }
  | { readonly kind: 'class'; readonly label: number; readonly countable: boolean };

/**
 * Paints a set of pixels: they belong to the object that grows or is new, and to nothing above it any more. What lies below
 * keeps them, hidden.
 * @returns the scene, and the object that has the paint.
 */
export function paint(scene: Scene, pixels: Mask, by: Paint): { scene: Scene; id: number } {
  const known = by.kind === 'object' ? by.id : by.countable ? undefined : by.label;
  const grown = known === undefined ? undefined : objectOf(scene, known);
  if (by.kind === 'object' && grown === undefined) throw new RangeError(`paint: the scene has no object ${by.id}`);
  // A new object of something countable is above all others, any other new one below them.
  const level =
    grown !== undefined ? scene.objects.indexOf(grown) : by.kind === 'class' && by.countable ? Infinity : -1;
  const cut = scene.objects
    .map((object, i) => {
      if (object === grown) return reshaped(object, object.mask.union(pixels));
      return i > level ? without(object, pixels) : object;
    })
    .filter(({ mask }) => !mask.isEmpty);
  if (grown !== undefined) return { scene: { ...scene, objects: cut }, id: grown.id };
  const { label, countable } = by as Extract<Paint, { kind: 'class' }>;
  const id = countable ? freeId(new Set(scene.objects.map(({ id }) => id)), label) : label;
  const object = { id, label, mask: pixels };
  if (pixels.isEmpty) return { scene: { ...scene, objects: cut }, id };
  return { scene: { ...scene, objects: countable ? [...cut, object] : [object, ...cut] }, id };
}

/** Takes paint away: what is below shows, which is the picture, or `ground` where there is none. */
export function erase(scene: Scene, pixels: Mask, ground: Extract<Paint, { kind: 'class' }>): Scene {
  if (scene.picture === undefined) return paint(scene, pixels, ground).scene;
  const objects = scene.objects.map(object => without(object, pixels)).filter(({ mask }) => !mask.isEmpty);
  return { ...scene, objects };
}

/** Takes an object away. What is to be seen of it becomes `fill`; without, what is below shows, or what surrounds it takes its place. */
export function removeObject(scene: Scene, id: number, fill?: Extract<Paint, { kind: 'class' }>): Scene {
  const object = known(scene, id);
  const rest = { ...scene, objects: scene.objects.filter(other => other !== object) };
  if (rest.objects.length === 0 && scene.picture === undefined) return scene;
  if (fill !== undefined) {
    const above = scene.objects.slice(scene.objects.indexOf(object) + 1);
    const seen = above.reduce((pixels, { mask }) => pixels.subtract(mask), object.mask);
    return seen.isEmpty ? rest : paint(rest, seen, fill).scene;
  }
  const holes = uncovered(rest, object.mask);
  return holes.isEmpty ? rest : fillFromAround(rest, holes);
}

/** Moves, scales or rotates an object; what it covered belongs to what surrounds it. */
export function transformObject(scene: Scene, id: number, matrix: Matrix): Scene {
  const object = known(scene, id);
  const before = object.original ?? { mask: object.mask, matrix: identity };
  const original = { mask: before.mask, matrix: product(matrix, before.matrix) };
  const mask = original.mask.transformed(original.matrix);
  if (mask.isEmpty) return removeObject(scene, id);
  const moved = {
    ...scene,
    objects: scene.objects.map(other => (other === object ? { ...object, mask, original } : other)),
  };
  const holes = uncovered(moved, object.mask);
  return holes.isEmpty ? moved : fillFromAround(moved, holes, id);
}

/** A second object like one, moved, above all others. */
export function duplicateObject(scene: Scene, id: number, dx: number, dy: number): { scene: Scene; id: number } {
  const object = known(scene, id);
  return addObject(scene, { ...object, mask: object.mask.transformed([1, 0, 0, 1, dx, dy]) });
}

/** A new object above all others. @returns the scene and the id it got. */
export function addObject(
  scene: Scene,
  { label, mask, style }: Pick<SceneObject, 'label' | 'mask' | 'style'>,
): { scene: Scene; id: number } {
  const id = freeId(new Set(scene.objects.map(other => other.id)), label);
  const object = { id, label, mask, ...(style && { style }) };
  return { scene: mask.isEmpty ? scene : { ...scene, objects: [...scene.objects, object] }, id };
}

/** Where an object goes among those that it touches. */
export type Order = 'front' | 'forward' | 'backward' | 'back';

/** Changes what an object covers and what covers it. */
export function reorderObject(scene: Scene, id: number, to: Order): Scene {
  const object = known(scene, id);
  const at = scene.objects.indexOf(object);
  const others = scene.objects.filter(other => other !== object);
  const meets = (other: SceneObject) => other.mask.meets(object.mask);
  // One place further among those it meets: past others nothing is to be seen of the change.
  const next = {
    front: () => others.length,
    back: () => 0,
    forward: () => {
      const above = others.findIndex((other, i) => i >= at && meets(other));
      return above < 0 ? at : above + 1;
    },
    backward: () => {
      const below = others.findLastIndex((other, i) => i < at && meets(other));
      return below < 0 ? at : below;
    },
  }[to]();
  return { ...scene, objects: [...others.slice(0, next), object, ...others.slice(next)] };
}

/** Makes an object one of another class. @returns the scene and the id that the object has now. */
export function relabelObject(
  scene: Scene,
  id: number,
  { label, countable }: { readonly label: number; readonly countable: boolean },
): { scene: Scene; id: number } {
  const object = known(scene, id);
  if (object.label === label) return { scene, id };
  if (!countable) return paint(scene, object.mask, { kind: 'class', label, countable });
  const next = freeId(new Set(scene.objects.map(other => other.id)), label);
  // Its clusters and features were those of the other class.
  const { style: _, ...rest } = object;
  const changed = { ...rest, id: next, label };
  return { scene: { ...scene, objects: scene.objects.map(other => (other === object ? changed : other)) }, id: next };
}

/** Makes every object of a class one of another class. */
export function replaceClass(
  scene: Scene,
  from: number,
  to: { readonly label: number; readonly countable: boolean },
): Scene {
  return (
    scene.objects
      .filter(({ label }) => label === from)
      // One that lay under another of them is gone with it.
      .reduce((all, { id }) => (objectOf(all, id) === undefined ? all : relabelObject(all, id, to).scene), scene)
  );
}

/** Gives an object a style, or the mean of its class. */
export function styleObject(scene: Scene, id: number, style: ObjectStyle | undefined): Scene {
  const object = known(scene, id);
  const { style: _, ...rest } = object;
  const styled: SceneObject = style === undefined ? rest : { ...rest, style };
  return { ...scene, objects: scene.objects.map(other => (other === object ? styled : other)) };
}

/** The pixels of a set that nothing covers. */
function uncovered({ width, height, objects, picture }: Scene, pixels: Mask): Mask {
  if (picture !== undefined) return Mask.empty(width, height);
  return objects.reduce((rest, { mask }) => (rest.isEmpty ? rest : rest.subtract(mask)), pixels);
}

/**
 * Gives pixels that no object covers to the nearest objects around them, in steps to the four neighbours.
 * @param except the object that left them: it is to be seen where it went, and not also where it was.
 */
function fillFromAround(scene: Scene, holes: Mask, except?: number): Scene {
  const { width, height } = scene;
  const bounds = holes.bounds!;
  const owner = new Map<number, number>();
  let front: number[] = [];
  const at = (x: number, y: number) => y * width + x;
  const highest = (x: number, y: number) =>
    scene.objects.findLastIndex(({ id, mask }) => id !== except && mask.has(x, y));
  const neighbours = (pixel: number) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return [
      [x - 1, y],
      [x + 1, y],
      [x, y - 1],
      [x, y + 1],
    ].filter(([u, v]) => u! >= 0 && v! >= 0 && u! < width && v! < height) as [number, number][];
  };
  for (const [y, from, to] of holes.runs())
    for (let x = from; x < to; x++) {
      const beside = neighbours(at(x, y)).find(([u, v]) => !holes.has(u, v) && highest(u, v) >= 0);
      if (beside === undefined) continue;
      owner.set(at(x, y), highest(...beside));
      front.push(at(x, y));
    }
  while (front.length > 0) {
    const next: number[] = [];
    for (const pixel of front)
      for (const [x, y] of neighbours(pixel)) {
        if (owner.has(at(x, y)) || !holes.has(x, y)) continue;
        owner.set(at(x, y), owner.get(pixel)!);
        next.push(at(x, y));
      }
    front = next;
  }
  const objects = scene.objects.map((object, i) => {
    const own = Mask.where(width, height, bounds, (x, y) => owner.get(at(x, y)) === i);
    return own.isEmpty ? object : reshaped(object, object.mask.union(own));
  });
  const filled = { ...scene, objects };
  const rest = except === undefined ? holes : uncovered(filled, holes);
  // Nothing but the object itself is around: it stays there too.
  return except === undefined || rest.isEmpty ? filled : fillFromAround(filled, rest);
}

function without(object: SceneObject, pixels: Mask): SceneObject {
  return object.mask.meets(pixels) ? reshaped(object, object.mask.subtract(pixels)) : object;
}

/** An object whose shape was painted: what it was scaled and rotated from is no longer its shape. */
function reshaped({ original: _, ...object }: SceneObject, mask: Mask): SceneObject {
  return { ...object, mask };
}

function known(scene: Scene, id: number): SceneObject {
  const object = objectOf(scene, id);
  if (object === undefined) throw new RangeError(`the scene has no object ${id}`);
  return object;
}

function freeId(taken: ReadonlySet<number>, label: number): number {
  let id = label * 1000 + 1;
  while (taken.has(id)) id++;
  return id;
}

const identity: Matrix = [1, 0, 0, 1, 0, 0];

/** First `b`, then `a`. */
function product(a: Matrix, b: Matrix): Matrix {
  return [
    a[0] * b[0] + a[2] * b[1],
    a[1] * b[0] + a[3] * b[1],
    a[0] * b[2] + a[2] * b[3],
    a[1] * b[2] + a[3] * b[3],
    a[0] * b[4] + a[2] * b[5] + a[4],
    a[1] * b[4] + a[3] * b[5] + a[5],
  ];
}
