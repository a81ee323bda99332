/**
 * Regions of a label map: 4-connected pixels of one class. Small ones are merged into a neighbour, the others
 * become instances. Plain arrays: depends on nothing.
 */

/** A label map and an instance map that belong together, (H, W). */
export interface RegionMaps {
  readonly label: Uint8Array;
  /** 0 for the background, class · 1000 + index for the others, as in Cityscapes. */
  readonly instance: Uint16Array;
}

/** The class whose regions are one instance, not objects. */
const BACKGROUND = 0;

/** Instance ids per class. */
const IDS_PER_CLASS = 1000;

/** A region while regions are being merged. */
interface Region {
  readonly id: number;
  readonly label: number;
  area: number;
  /** Neighbour → pairs of pixels that touch. */
  readonly borders: Map<Region, number>;
}

/**
 * Divides a label map into its regions. A region of less than `minArea` pixels takes the class of the neighbour with
 * which it has the longest border, the smallest regions first; regions of one class that touch thereby become one.
 *
 * @param label class ids below 65, (H, W); not changed.
 * @throws RangeError if a class has more than 1000 regions.
 */
export function divide(label: Uint8Array, width: number, height: number, minArea: number): RegionMaps {
  const { ids, regions } = findRegions(label, width, height);
  const merged = mergeSmall(regions, minArea);
  const instanceOf = new Map<Region, number>();
  const counts = new Map<number, number>();
  const cleaned = new Uint8Array(label.length);
  const instance = new Uint16Array(label.length);
  for (let i = 0; i < label.length; i++) {
    const region = merged[ids[i]!]!;
    if (!instanceOf.has(region)) instanceOf.set(region, newInstance(region.label, counts));
    cleaned[i] = region.label;
    instance[i] = instanceOf.get(region)!;
  }
  return { label: cleaned, instance };
}

/** The next free id of a class: regions are numbered in reading order. */
function newInstance(label: number, counts: Map<number, number>): number {
  if (label === BACKGROUND) return 0;
  const index = counts.get(label) ?? 0;
  if (index === IDS_PER_CLASS) throw new RangeError(`more than ${IDS_PER_CLASS} regions of class ${label}`);
  counts.set(label, index + 1);
  return label * IDS_PER_CLASS + index;
}

/** @returns the number of each pixel's region, and the regions with their borders. */
function findRegions(label: Uint8Array, width: number, height: number): { ids: Int32Array; regions: Region[] } {
  const ids = new Int32Array(label.length).fill(-1);
  const regions: Region[] = [];
  for (let start = 0; start < label.length; start++) {
    if (ids[start] !== -1) continue;
    const id = regions.length;
    regions.push({ id, label: label[start]!, area: fill(label, width, start, id, ids), borders: new Map() });
  }
  const touch = (i: number, j: number): void => {
    if (ids[i] === ids[j]) return;
    const [one, other] = [regions[ids[i]!]!, regions[ids[j]!]!];
    lengthen(one, other, 1);
    lengthen(other, one, 1);
  };
  for (let i = 0; i < label.length; i++) {
    if ((i + 1) % width !== 0) touch(i, i + 1);
    if (i + width < width * height) touch(i, i + width);
  }
  return { ids, regions };
}

/** Marks the region around a pixel with `id`. @returns how many pixels it has. */
function fill(label: Uint8Array, width: number, start: number, id: number, ids: Int32Array): number {
  const stack = [start];
  const visit = (i: number): void => {
    if (ids[i] !== -1 || label[i] !== label[start]) return;
    ids[i] = id;
    stack.push(i);
  };
  ids[start] = id;
  let area = 0;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    area++;
    if (i % width !== 0) visit(i - 1);
    if ((i + 1) % width !== 0) visit(i + 1);
    // Outside the first and the last row there is no label, hence no pixel of this region.
    visit(i - width);
    visit(i + width);
  }
  return area;
}

/** Adds to `region`'s record of the border; the neighbour has its own. */
function lengthen(region: Region, neighbour: Region, by: number): void {
  region.borders.set(neighbour, (region.borders.get(neighbour) ?? 0) + by);
}

/** @returns for each region the one that it was merged into, or itself. */
function mergeSmall(regions: readonly Region[], minArea: number): Region[] {
  const into = new Map<Region, Region>();
  const left = new Set(regions);
  const merge = (from: Region, to: Region): void => {
    into.set(from, to);
    left.delete(from);
    to.area += from.area;
    for (const [neighbour, length] of from.borders) {
      neighbour.borders.delete(from);
      if (neighbour === to) continue;
      lengthen(to, neighbour, length);
      lengthen(neighbour, to, length);
    }
  };
  for (let small = smallest(left, minArea); small !== undefined; small = smallest(left, minArea)) {
    const host = longestNeighbour(small);
    merge(small, host);
    for (const neighbour of [...host.borders.keys()]) if (neighbour.label === host.label) merge(neighbour, host);
  }
  return regions.map(region => {
    let last = region;
    for (let next = into.get(last); next !== undefined; next = into.get(last)) last = next;
    return last;
  });
}

/** The smallest region below the minimum that has a neighbour, the first of several. */
function smallest(regions: ReadonlySet<Region>, minArea: number): Region | undefined {
  let found: Region | undefined;
  for (const region of regions) {
    if (region.area < minArea && region.borders.size > 0 && region.area < (found?.area ?? minArea)) found = region;
  }
  return found;
}

/** The neighbour with the longest common border; of several, the one that comes first in reading order. */
function longestNeighbour({ borders }: Region): Region {
  let [best, longest] = [undefined as Region | undefined, 0];
  for (const [neighbour, length] of borders) {
    if (length > longest || (length === longest && neighbour.id < best!.id)) [best, longest] = [neighbour, length];
  }
  return best!;
}
