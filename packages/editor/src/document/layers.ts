/** From a label map and an instance map to objects on top of each other. Depends on the scene, masks, rectangles and lying.ts. */
import { hullOf, isWithin, liesInNotch } from './lying.js';
import { Mask } from './mask.js';
import { around, type Rect } from './rect.js';
import { freeId, type Maps, noLabel, type Scene, type SceneObject } from './scene.js';

/** What is known of an object before it has a mask. */
interface Region {
  readonly id: number;
  readonly label: number;
  area: number;
  bounds: Rect;
}

/** An object with what it encloses. */
interface Whole {
  readonly area: number;
  readonly mask: Mask;
}

/**
 * The scene of a label map and its instance map: one object per pair of label and instance. An object that another one encloses, or
 * that lies in a notch at its rim, lies on it, and the other one is whole below it: a pupil can be moved without a hole in the eye.
 * Pixels of {@link noLabel} have no object. Ids of the map are kept.
 */
export function sceneOf({ width, height, labels, instances }: Maps): Scene {
  const { owners, regions } = regionsOf({ width, height, labels, instances });
  const wholes = regions.map((_, owner) => wholeOf(owner, regions, owners, width, height));
  const shapes = withoutNotches(wholes, owners, width);
  const order = regions.map((_, owner) => owner).sort((a, b) => wholes[b]!.area - wholes[a]!.area);
  const taken = new Set<number>();
  const objects = order.map((owner): SceneObject => {
    const { id, label } = regions[owner]!;
    // Two classes under one id: the smaller one becomes an object of its own.
    const free = taken.has(id) ? freeId(taken, label) : id;
    taken.add(free);
    return { id: free, label, mask: shapes[owner]! };
  });
  return { width, height, objects };
}

/**
 * The shapes of objects, closed below what lies in their notches. All that covers a shape here has a smaller whole, and so is above
 * it: what is enclosed by its nature, what lies in a notch as it is much smaller.
 */
function withoutNotches(wholes: readonly Whole[], owners: Int32Array, width: number): Mask[] {
  const beside = neighboursOf(owners, width);
  return wholes.map(({ mask }, owner) => {
    let closed = mask;
    for (const other of beside.get(owner) ?? []) {
      const part = wholes[other]!.mask;
      if (!isWithin(part, mask) && liesInNotch(part, mask))
        closed = closed.union(part.subtract(part.subtract(hullOf(mask))));
    }
    return closed;
  });
}

/** Which objects touch which. */
function neighboursOf(owners: Int32Array, width: number): Map<number, Set<number>> {
  const beside = new Map<number, Set<number>>();
  const touch = (a: number, b: number) => {
    if (a === b || a < 0 || b < 0) return;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = beside.get(one);
      if (known === undefined) beside.set(one, new Set([other]));
      else known.add(other);
    }
  };
  for (let at = 0; at < owners.length; at++) {
    if ((at + 1) % width !== 0) touch(owners[at]!, owners[at + 1]!);
    if (at + width < owners.length) touch(owners[at]!, owners[at + width]!);
  }
  return beside;
}

/** Whose each pixel is, as an index into the regions; −1 without a class. */
function regionsOf({ width, height, labels, instances }: Maps): { owners: Int32Array; regions: Region[] } {
  const owners = new Int32Array(width * height).fill(-1);
  const regions: Region[] = [];
  const known = new Map<string, number>();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; ) {
      const at = y * width + x;
      const [label, id] = [labels[at]!, instances[at]!];
      let to = x + 1;
      while (to < width && labels[y * width + to] === label && instances[y * width + to] === id) to++;
      if (label !== noLabel) {
        const run = { x, y, width: to - x, height: 1 };
        const key = `${label} ${id}`;
        const owner = known.get(key) ?? regions.push({ id, label, area: 0, bounds: run }) - 1;
        known.set(key, owner);
        const region = regions[owner]!;
        region.area += to - x;
        region.bounds = around(region.bounds, run)!;
        owners.fill(owner, at, y * width + to);
      }
      x = to;
    }
  return { owners, regions };
}

/** An object with what it encloses wholly: objects of which no pixel lies outside its holes. */
function wholeOf(owner: number, regions: readonly Region[], owners: Int32Array, width: number, height: number): Whole {
  const { bounds, area } = regions[owner]!;
  const outside = outsideOf(owner, bounds, owners, width);
  const inside = new Map<number, number>();
  forEachIn(bounds, (x, y, i) => {
    const other = owners[y * width + x]!;
    if (other >= 0 && other !== owner && outside[i] === 0) inside.set(other, (inside.get(other) ?? 0) + 1);
  });
  const enclosed = new Set(
    [...inside].filter(([other, count]) => count === regions[other]!.area).map(([other]) => other),
  );
  return {
    area: [...enclosed].reduce((sum, other) => sum + regions[other]!.area, area),
    mask: Mask.where(width, height, bounds, (x, y) => {
      const other = owners[y * width + x]!;
      return other === owner || enclosed.has(other);
    }),
  };
}

/** 1 for the pixels of a rectangle from which a way of steps to the four neighbours leads out of it, and not through the object. */
function outsideOf(owner: number, bounds: Rect, owners: Int32Array, width: number): Uint8Array {
  const outside = new Uint8Array(bounds.width * bounds.height);
  const open: number[] = [];
  const visit = (x: number, y: number) => {
    const i = y * bounds.width + x;
    if (outside[i] === 1 || owners[(bounds.y + y) * width + bounds.x + x] === owner) return;
    outside[i] = 1;
    open.push(i);
  };
  for (let x = 0; x < bounds.width; x++) {
    visit(x, 0);
    visit(x, bounds.height - 1);
  }
  for (let y = 0; y < bounds.height; y++) {
    visit(0, y);
    visit(bounds.width - 1, y);
  }
  while (open.length > 0) {
    const i = open.pop()!;
    const [x, y] = [i % bounds.width, Math.floor(i / bounds.width)];
    if (x > 0) visit(x - 1, y);
    if (x < bounds.width - 1) visit(x + 1, y);
    if (y > 0) visit(x, y - 1);
    if (y < bounds.height - 1) visit(x, y + 1);
  }
  return outside;
}

function forEachIn(rect: Rect, visit: (x: number, y: number, i: number) => void): void {
  for (let y = 0, i = 0; y < rect.height; y++) for (let x = 0; x < rect.width; x++) visit(rect.x + x, rect.y + y, i++);
}
