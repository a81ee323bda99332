/**
 * Connected components of a label map: instances where nobody has drawn any. Depends on data/labels and errors.ts.
 */
import { IGNORE_LABEL, WIDE_IGNORE_LABEL } from '../../data/labels/values.js';
import { UserError } from '../../errors.js';
import type { IdMap, Raster } from '../../raster.js';

/** Options of {@link instancesOf}. */
export interface InstanceOptions {
  /** Whether pixels touch by their sides alone (4) or by corners as well (8, the default). */
  readonly connectivity?: 4 | 8;
  /** The least size of an instance in pixels; what is smaller stays 0. Default 1. */
  readonly leastSize?: number;
  /** For `all`: a further class that is no instance; `null` for none. Default 0. */
  readonly background?: number | null;
  /** What errors call the map. */
  readonly name?: string;
}

/** Instances and what became of the pieces. */
export interface Instances {
  /** 16 bits, (H, W): 1 to {@link count}, 0 where there is no instance. */
  readonly instances: Raster<Uint16Array> & IdMap;
  readonly count: number;
  /** Pieces smaller than the least size. */
  readonly small: number;
}

const MOST_INSTANCES = 65535;

/**
 * The connected components of equal labels, numbered by their first pixels from the top left, row by row. Pieces smaller than
 * `leastSize` stay 0: a neighbour has another class, of whose instances they cannot be part. Objects of a class that touch are
 * one instance.
 *
 * @param classes ids, or `all`: all but 255, 65535 and the background.
 * @throws UserError where there are more than 65535 instances.
 */
export function instancesOf(
  label: IdMap,
  classes: readonly number[] | 'all',
  options: InstanceOptions = {},
): Instances {
  const { connectivity = 8, leastSize = 1, background = 0, name } = options;
  const { width, height, data } = label;
  const isOpen = classTest(classes, background);
  const { starts, ends, pieces, count } = components(label, isOpen, connectivity);
  const sizes = new Uint32Array(count + 1);
  for (let run = 0; run < starts.length; run++) sizes[pieces[run]!]! += ends[run]! - starts[run]!;
  const numbers = new Uint16Array(count + 1);
  let kept = 0;
  for (let piece = 1; piece <= count; piece++) {
    if (sizes[piece]! < leastSize) continue;
    if (kept === MOST_INSTANCES) throw tooMany(count, name);
    numbers[piece] = ++kept;
  }
  const instances = new Uint16Array(data.length);
  for (let run = 0; run < starts.length; run++) instances.fill(numbers[pieces[run]!]!, starts[run]!, ends[run]!);
  return { instances: { width, height, channels: 1, data: instances }, count: kept, small: count - kept };
}

/** Whether a label has instances. */
function classTest(classes: readonly number[] | 'all', background: number | null): (id: number) => boolean {
  if (classes === 'all') return id => id !== IGNORE_LABEL && id !== WIDE_IGNORE_LABEL && id !== background;
  const wanted = new Set(classes);
  return id => wanted.has(id);
}

/**
 * The runs of equal labels in the rows, from the index of the first pixel to that after the last, and the piece of each: 1 to
 * `count`, in raster order of their first pixels. By union-find.
 */
function components({ width, height, data }: IdMap, isOpen: (id: number) => boolean, connectivity: 4 | 8) {
  const parents: number[] = [];
  const root = (run: number) => {
    let at = run;
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!;
    return at;
  };
  const starts: number[] = [];
  const ends: number[] = [];
  const reach = connectivity === 8 ? 1 : 0;
  let aboveFrom = 0;
  let aboveTo = 0;
  let lastId = -1;
  let lastOpen = false;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const rowFrom = starts.length;
    let above = aboveFrom;
    for (let x = 0; x < width; ) {
      const id = data[row + x]!;
      const start = x++;
      while (x < width && data[row + x] === id) x++;
      if (id !== lastId) {
        lastId = id;
        lastOpen = isOpen(id);
      }
      if (!lastOpen) continue;
      const run = starts.length;
      starts.push(row + start);
      ends.push(row + x);
      parents.push(run);
      // Runs above that end before this one begins cannot touch later ones either.
      const left = row + start - width - reach;
      const right = row + x - width + reach;
      while (above < aboveTo && ends[above]! <= left) above++;
      for (let other = above; other < aboveTo && starts[other]! < right; other++) {
        if (data[starts[other]!] !== id) continue;
        const a = root(other);
        const b = root(run);
        // The earlier run stays the root: roots are first pixels.
        if (a < b) parents[b] = a;
        else parents[a] = b;
      }
    }
    aboveFrom = rowFrom;
    aboveTo = starts.length;
  }
  const pieces = new Uint32Array(starts.length);
  let count = 0;
  for (let run = 0; run < pieces.length; run++) {
    const first = root(run);
    pieces[run] = first === run ? ++count : pieces[first]!;
  }
  return { starts, ends, pieces, count };
}

function tooMany(pieces: number, name?: string): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'finding the instances of a label map',
    ...(name !== undefined && { where: name }),
    found: `more than ${MOST_INSTANCES} instances in ${pieces} pieces`,
    expected: `at most ${MOST_INSTANCES}, what 16 bits hold`,
    remedy: 'give a larger least size, or fewer classes',
  });
}
