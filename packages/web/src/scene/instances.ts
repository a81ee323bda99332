/**
 * The objects of a scene: the instances of an instance map, and the class of each. Depends on nothing.
 */

/** One instance: the pixels of one id in one image. */
export interface Instance {
  readonly id: number;
  /** The class of most of its pixels, the lower class in a tie; 0 where there are no label maps. */
  readonly class: number;
  readonly pixels: number;
  /** Index of its first pixel in row-major order: pooled style features can be read there. */
  readonly first: number;
  /** The smallest box around it, in pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** An instance while its pixels are being counted. */
interface Tally {
  readonly id: number;
  readonly first: number;
  readonly classes: Map<number, number>;
  left: number;
  right: number;
  readonly top: number;
  bottom: number;
}

/**
 * Lists the instances of one image in the order of their first pixels, in one pass over it.
 *
 * @param instances ids, (H, W), any 32-bit integers. For styles per class rather than per object, the label map itself.
 * @param label class ids, the same size; undefined where the condition is an image.
 * @throws RangeError where a map does not have width × height pixels.
 */
export function findInstances(
  instances: Int32Array,
  label: Int32Array | undefined,
  width: number,
  height: number,
): Instance[] {
  const pixels = width * height;
  if (instances.length !== pixels || (label !== undefined && label.length !== pixels))
    throw new RangeError(`findInstances: maps of ${instances.length} and ${label?.length} pixels, not ${pixels}`);
  const tallies = new Map<number, Tally>();
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * width;
    // Run by run: a map has far fewer runs of one id and one class than pixels, and only runs look anything up.
    for (let start = y * width; start < end; ) {
      const id = instances[start]!;
      const of = label?.[start] ?? 0;
      let next = start + 1;
      while (next < end && instances[next] === id && (label === undefined || label[next] === of)) next++;
      count(tallies, id, of, start, next - start, start - y * width, y);
      start = next;
    }
  }
  return Array.from(tallies.values(), finish);
}

function count(
  tallies: Map<number, Tally>,
  id: number,
  of: number,
  first: number,
  length: number,
  x: number,
  y: number,
): void {
  const known = tallies.get(id);
  if (known === undefined) {
    const classes = new Map([[of, length]]);
    tallies.set(id, { id, first, classes, left: x, right: x + length, top: y, bottom: y + 1 });
    return;
  }
  known.classes.set(of, (known.classes.get(of) ?? 0) + length);
  known.left = Math.min(known.left, x);
  known.right = Math.max(known.right, x + length);
  known.bottom = y + 1;
}

function finish({ id, first, classes, left, right, top, bottom }: Tally): Instance {
  let [most, of, pixels] = [0, 0, 0];
  for (const [candidate, length] of classes) {
    pixels += length;
    if (length < most || (length === most && candidate > of)) continue;
    [most, of] = [length, candidate];
  }
  return { id, class: of, pixels, first, box: { x: left, y: top, width: right - left, height: bottom - top } };
}
