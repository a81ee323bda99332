/**
 * What is done to objects of a scene together: moving, scaling, turning, taking away, copying, and what lies on what. Depends on
 * the scene, masks and lying.ts.
 */
import { isWithin, liesInNotch } from './lying.js';
import { Mask, type Matrix } from './mask.js';
import {
  addObject,
  isOnPicture,
  known,
  type Paint,
  paint,
  reshaped,
  type Scene,
  type SceneObject,
  seenOf,
} from './scene.js';

/** The objects that lie on another one: above it, and within it or in a notch at its rim, as an eye on a face, a pupil in an eye. */
export function partsOf(scene: Scene, id: number): readonly number[] {
  const object = known(scene, id);
  const parts: number[] = [];
  let ground = object.mask;
  for (const { id: other, mask } of scene.objects.slice(scene.objects.indexOf(object) + 1)) {
    const within = isWithin(mask, object.mask);
    if (!within && !liesInNotch(mask, object.mask, ground)) continue;
    parts.push(other);
    // What lies on a part lies on the object too.
    if (!within) ground = ground.union(mask);
  }
  return parts;
}

/** All pixels of objects. */
export function extentOf(scene: Scene, ids: Iterable<number>): Mask {
  return membersOf(scene, ids).reduce((all, { mask }) => all.union(mask), Mask.empty(scene.width, scene.height));
}

/** Objects from the lowest to the highest. @throws RangeError where there is no such object. */
function membersOf(scene: Scene, ids: Iterable<number>): SceneObject[] {
  const wanted = new Set(ids);
  for (const id of wanted) known(scene, id);
  return scene.objects.filter(({ id }) => wanted.has(id));
}

/**
 * Takes objects away. What is to be seen of them becomes `fill`; without, what is below shows, or what surrounds them takes
 * their place.
 */
export function removeObjects(scene: Scene, ids: Iterable<number>, fill?: Extract<Paint, { kind: 'class' }>): Scene {
  const members = membersOf(scene, ids);
  const rest = { ...scene, objects: scene.objects.filter(object => !members.includes(object)) };
  if (rest.objects.length === 0 && !isOnPicture(scene)) return scene;
  if (fill !== undefined) {
    const seen = seenOf(scene, members);
    return seen.isEmpty ? rest : paint(rest, seen, fill).scene;
  }
  const holes = uncovered(rest, extentOf(scene, ids));
  return holes.isEmpty ? rest : fillFromAround(rest, holes);
}

/**
 * Moves, scales or turns objects; what they covered shows what is below, or belongs to what surrounds it. Those that are nowhere on
 * the canvas afterwards are gone.
 */
export function transformObjects(scene: Scene, ids: Iterable<number>, matrix: Matrix): Scene {
  const members = membersOf(scene, ids);
  const turned = new Map(members.map(object => [object, transformed(object, matrix)]));
  const left = scene.objects.map(object => turned.get(object) ?? object).filter(({ mask }) => !mask.isEmpty);
  if (left.length === 0 && !isOnPicture(scene)) return scene;
  const moved = { ...scene, objects: left };
  const holes = uncovered(moved, extentOf(scene, ids));
  return holes.isEmpty ? moved : fillFromAround(moved, holes, new Set(ids));
}

function transformed(object: SceneObject, matrix: Matrix): SceneObject {
  const before = object.original ?? { mask: object.mask, matrix: identity };
  const original = { mask: before.mask, matrix: product(matrix, before.matrix) };
  return { ...object, mask: original.mask.transformed(original.matrix), original };
}

/** Second objects like some, moved, above all others. @returns the scene and the copies' ids, in the order of those they are of. */
export function duplicateObjects(
  scene: Scene,
  ids: readonly number[],
  dx: number,
  dy: number,
): { readonly scene: Scene; readonly ids: readonly number[] } {
  const copies = new Map<number, number>();
  let all = scene;
  for (const object of membersOf(scene, ids)) {
    const added = addObject(all, { ...object, mask: object.mask.transformed([1, 0, 0, 1, dx, dy]) });
    copies.set(object.id, added.id);
    all = added.scene;
  }
  return { scene: all, ids: ids.map(id => copies.get(id)!) };
}

/** Where objects go among those that they touch. */
export type Order = 'front' | 'forward' | 'backward' | 'back';

/**
 * Changes what objects cover and what covers them.
 * @param isFloor objects that nothing goes below, such as the sky.
 */
export function reorderObjects(
  scene: Scene,
  ids: Iterable<number>,
  to: Order,
  isFloor: (object: SceneObject) => boolean = () => false,
): Scene {
  const members = membersOf(scene, ids);
  const others = scene.objects.filter(other => !members.includes(other));
  const at = scene.objects.indexOf(members[0]!);
  const extent = extentOf(scene, ids);
  const meets = (other: SceneObject) => other.mask.meets(extent);
  // One place further among those they meet: past others nothing is to be seen of the change.
  const next = {
    front: () => others.length,
    back: () => others.findLastIndex((other, i) => i < at && isFloor(other)) + 1,
    forward: () => {
      const above = others.findIndex((other, i) => i >= at && meets(other));
      return above < 0 ? at : above + 1;
    },
    backward: () => {
      const below = others.findLastIndex((other, i) => i < at && meets(other) && !isFloor(other));
      return below < 0 ? at : below;
    },
  }[to]();
  return { ...scene, objects: [...others.slice(0, next), ...members, ...others.slice(next)] };
}

/** The pixels of a set that nothing covers. */
function uncovered(scene: Scene, pixels: Mask): Mask {
  const { width, height, objects } = scene;
  if (isOnPicture(scene)) return Mask.empty(width, height);
  return objects.reduce((rest, { mask }) => (rest.isEmpty ? rest : rest.subtract(mask)), pixels);
}

/**
 * Gives pixels that no object covers to the nearest objects around them, in steps to the four neighbours.
 * @param except the objects that left them: they are to be seen where they went, and not also where they were.
 */
function fillFromAround(scene: Scene, holes: Mask, except: ReadonlySet<number> = new Set()): Scene {
  const { width, height } = scene;
  const owner = new Map<number, number>();
  let front: number[] = [];
  const at = (x: number, y: number) => y * width + x;
  const highest = (x: number, y: number) =>
    scene.objects.findLastIndex(({ id, mask }) => !except.has(id) && mask.has(x, y));
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
  const pixels = new Map<number, number[]>();
  for (const [pixel, index] of owner) {
    const own = pixels.get(index);
    if (own === undefined) pixels.set(index, [pixel]);
    else own.push(pixel);
  }
  const objects = scene.objects.map((object, i) => {
    const own = pixels.get(i);
    return own === undefined ? object : reshaped(object, object.mask.union(maskOf(own, width, height)));
  });
  const filled = { ...scene, objects };
  const rest = except.size === 0 ? holes : uncovered(filled, holes);
  // Nothing but the objects themselves is around: they stay there too.
  return except.size === 0 || rest.isEmpty ? filled : fillFromAround(filled, rest);
}

function maskOf(pixels: readonly number[], width: number, height: number): Mask {
  return Mask.build(width, height, add => {
    for (const pixel of pixels) {
      const x = pixel % width;
      add((pixel - x) / width, x, x + 1);
    }
  });
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
