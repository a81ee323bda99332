/** An instance map for a label map that has none. Depends on the scene's types. */
import { firstId, type Maps, noLabel } from './scene.js';

/**
 * Ids for the pixels of a label map: each connected area (by the four neighbours) of a class that can be counted has one of its own,
 * class · 1000 + n, every other class its own number.
 */
export function instancesOf(
  { width, height, labels }: Omit<Maps, 'instances'>,
  countable: (label: number) => boolean,
): Int32Array {
  const taken = new Set(labels);
  const next = new Map<number, number>();
  const freeId = (label: number) => {
    let id = next.get(label) ?? firstId(label);
    while (taken.has(id)) id++;
    taken.add(id);
    next.set(label, id + 1);
    return id;
  };
  const instances = new Int32Array(width * height).fill(-1);
  const open: number[] = [];
  for (let first = 0; first < instances.length; first++) {
    if (instances[first] !== -1) continue;
    const label = labels[first]!;
    if (label === noLabel || !countable(label)) {
      instances[first] = label;
      continue;
    }
    const id = freeId(label);
    const visit = (at: number) => {
      if (labels[at] !== label || instances[at] !== -1) return;
      instances[at] = id;
      open.push(at);
    };
    visit(first);
    while (open.length > 0) {
      const at = open.pop()!;
      const x = at % width;
      if (x > 0) visit(at - 1);
      if (x < width - 1) visit(at + 1);
      if (at >= width) visit(at - width);
      if (at + width < labels.length) visit(at + width);
    }
  }
  return instances;
}
