/**
 * A scene: objects on top of each other, each with a class, a shape and a style; painting it; its maps. A scene never
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
  /** The same where pixels are values of their own: one for each pixel, row by row. No scene has both. */
  readonly values?: Float32Array;
  /** How objects look that were given no look: 0 or none as their class does most often, else as this draws. */
  readonly seed?: number;
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

/** A scene of values. */
export function valueScene(width: number, height: number, values: Float32Array): Scene {
  return { width, height, objects: [], values };
}

/** Whether there is a picture, of colours or of values, below all objects. */
export function isOnPicture({ picture, values }: Pick<Scene, 'picture' | 'values'>): boolean {
  return picture !== undefined || values !== undefined;
}

/** A scene of one class everywhere. */
export function blankScene(width: number, height: number, label: number): Scene {
  const mask = Mask.build(width, height, add => {
    for (let y = 0; y < height; y++) add(y, 0, width);
  });
  return { width, height, objects: [{ id: label, label, mask }] };
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
  const grown = by.kind === 'object' ? objectOf(scene, by.id) : by.countable ? undefined : wholeClass(scene, by.label);
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
  const taken = new Set(scene.objects.map(({ id }) => id));
  const id = countable || taken.has(label) ? freeId(taken, label) : label;
  const object = { id, label, mask: pixels };
  if (pixels.isEmpty) return { scene: { ...scene, objects: cut }, id };
  return { scene: { ...scene, objects: countable ? [...cut, object] : [object, ...cut] }, id };
}

/** The object of a class that has only one: the one with the class's id, or any that a map has under another. */
function wholeClass({ objects }: Scene, label: number): SceneObject | undefined {
  const ofClass = objects.filter(object => object.label === label);
  return ofClass.find(({ id }) => id === label) ?? ofClass[0];
}

/** What is to be seen of some objects. */
export function seenOf({ width, height, objects }: Scene, some: readonly SceneObject[]): Mask {
  let [seen, above] = [Mask.empty(width, height), Mask.empty(width, height)];
  for (const object of [...objects].reverse()) {
    if (some.includes(object)) seen = seen.union(object.mask.subtract(above));
    else above = above.union(object.mask);
  }
  return seen;
}

/** Takes paint away: what is below shows, which is the picture, or `ground` where there is none. */
export function erase(scene: Scene, pixels: Mask, ground: Extract<Paint, { kind: 'class' }>): Scene {
  if (!isOnPicture(scene)) return paint(scene, pixels, ground).scene;
  const objects = scene.objects.map(object => without(object, pixels)).filter(({ mask }) => !mask.isEmpty);
  return { ...scene, objects };
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

/** Makes an object one of another class. @returns the scene and the id that the object has now. */
export function relabelObject(
  scene: Scene,
  id: number,
  { label, countable }: { readonly label: number; readonly countable: boolean },
): { scene: Scene; id: number } {
  const object = known(scene, id);
  if (object.label === label) return { scene, id };
  if (!countable) {
    const rest = { ...scene, objects: scene.objects.filter(other => other !== object) };
    return paint(rest, seenOf(scene, [object]), { kind: 'class', label, countable });
  }
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

function without(object: SceneObject, pixels: Mask): SceneObject {
  return object.mask.meets(pixels) ? reshaped(object, object.mask.subtract(pixels)) : object;
}

/** An object whose shape was painted: what it was scaled and rotated from is no longer its shape. */
export function reshaped({ original: _, ...object }: SceneObject, mask: Mask): SceneObject {
  return { ...object, mask };
}

/** The object with an id. @throws RangeError where there is none. */
export function known(scene: Scene, id: number): SceneObject {
  const object = objectOf(scene, id);
  if (object === undefined) throw new RangeError(`the scene has no object ${id}`);
  return object;
}

/** The first id of a class's objects. Below are those of classes that have one object. */
export function firstId(label: number): number {
  return Math.max(label * 1000, 999) + 1;
}

/** An id of a class that no object has. */
export function freeId(taken: ReadonlySet<number>, label: number): number {
  let id = firstId(label);
  while (taken.has(id)) id++;
  return id;
}
