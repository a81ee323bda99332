/** PASCAL VOC's colours for ids. Depends on nothing. */

/**
 * The colour of an id, 0 to 255, by the formula of PASCAL VOC's development kit: its bits spread over the three channels,
 * the lowest first and highest, so that neighbouring ids differ much. 0 is black.
 */
export function vocColour(id: number): readonly [number, number, number] {
  let [r, g, b] = [0, 0, 0];
  for (let bit = 7, rest = id; bit >= 0 && rest > 0; bit--, rest >>= 3) {
    r |= (rest & 1) << bit;
    g |= ((rest >> 1) & 1) << bit;
    b |= ((rest >> 2) & 1) << bit;
  }
  return [r, g, b];
}
