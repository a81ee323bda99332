/** From a label map and an instance map to objects on top of each other. Depends on the scene, masks and rectangles. */
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

/**
 * The scene of a label map and its instance map: one object per pair of label and instance. An object that another one encloses lies
 * on it, and the other one is whole below it: a pupil can be moved without a hole in the eye. Pixels of {@link noLabel} have no
 * object. Ids of the map are kept.
 */
export function sceneOf({ width, height, labels, instances }: Maps): Scene {
  const { owners, regions } = regionsOf({ width, height, labels, instances });
  const wholes = regions.map((_, owner) => wholeOf(owner, regions, owners, width));
  const order = regions.map((_, owner) => owner).sort((a, b) => wholes[b]!.area - wholes[a]!.area);
  const taken = new Set<number>();
  const objects = order.map((owner): SceneObject => {
    const { id, label, bounds } = regions[owner]!;
    const { has } = wholes[owner]!;
    // Two classes under one id: the smaller one becomes an object of its own.
    const free = taken.has(id) ? freeId(taken, label) : id;
    taken.add(free);
    return { id: free, label, mask: Mask.where(width, height, bounds, has) };
  });
  return { width, height, objects };
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
function wholeOf(
  owner: number,
  regions: readonly Region[],
  owners: Int32Array,
  width: number,
): { readonly area: number; readonly has: (x: number, y: number) => boolean } {
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
    has: (x, y) => {
      const other = owners[y * width + x]!;
      return other === owner || enclosed.has(other);
    },
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
