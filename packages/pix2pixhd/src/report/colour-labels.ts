/**
 * Colours for label maps, for people to look at. Depends on nothing.
 */

/** The colours of Cityscapes' 35 classes (ids −1…33 as published), used where there are 35 classes. */
const cityscapes: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [0, 0, 0],
  [0, 0, 0],
  [0, 0, 0],
  [0, 0, 0],
  [111, 74, 0],
  [81, 0, 81],
  [128, 64, 128],
  [244, 35, 232],
  [250, 170, 160],
  [230, 150, 140],
  [70, 70, 70],
  [102, 102, 156],
  [190, 153, 153],
  [180, 165, 180],
  [150, 100, 100],
  [150, 120, 90],
  [153, 153, 153],
  [153, 153, 153],
  [250, 170, 30],
  [220, 220, 0],
  [107, 142, 35],
  [152, 251, 152],
  [70, 130, 180],
  [220, 20, 60],
  [255, 0, 0],
  [0, 0, 142],
  [0, 0, 70],
  [0, 60, 100],
  [0, 0, 90],
  [0, 0, 110],
  [0, 80, 100],
  [0, 0, 230],
  [119, 11, 32],
  [0, 0, 142],
];

/** The bits of an id spread over the three channels, so that neighbouring ids differ much (as in PASCAL VOC). */
function spread(id: number): readonly [number, number, number] {
  let [r, g, b] = [0, 0, 0];
  for (let bit = 7, rest = id; bit >= 0 && rest > 0; bit--, rest >>= 3) {
    r |= (rest & 1) << bit;
    g |= ((rest >> 1) & 1) << bit;
    b |= ((rest >> 2) & 1) << bit;
  }
  return [r, g, b];
}

/** The colour of each of `classes` ids. */
export function labelColours(classes: number): readonly (readonly [number, number, number])[] {
  return classes === 35 ? cityscapes : Array.from({ length: classes }, (_, id) => spread(id + 1));
}

/** Paints a label map. @returns RGB interleaved, 3 bytes per pixel; ids without a class are black. */
export function colourLabels(labels: ArrayLike<number>, classes: number): Uint8Array {
  return paintLabels(labels, labelColours(classes));
}

/** Paints a label map, each id with the colour at that index. As {@link colourLabels}. */
export function paintLabels(
  labels: ArrayLike<number>,
  colours: readonly (readonly [number, number, number])[],
): Uint8Array {
  const pixels = new Uint8Array(labels.length * 3);
  for (let i = 0; i < labels.length; i++) {
    const colour = colours[labels[i]!];
    if (colour !== undefined) pixels.set(colour, i * 3);
  }
  return pixels;
}
