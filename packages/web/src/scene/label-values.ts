/**
 * What the values of label maps stand for: a class, or none. Depends on nothing.
 */

/** The label value that belongs to no class, as in Cityscapes. With more than 255 classes it is one of them. */
const NARROW = 255;

/** The same where there are more than 255 classes: the largest value of 16 bits, which such maps have. */
const WIDE = 65535;

/** The value that belongs to no class, where there are so many. */
export function ignoredLabel(labelNc: number): number {
  return labelNc > NARROW ? WIDE : NARROW;
}

/** Whether a value means "no class" where there are so many classes. */
export function isIgnored(id: number, labelNc: number): boolean {
  return id === ignoredLabel(labelNc) && id >= labelNc;
}

/** Whether a map holds 0 and 255 alone, and both, so that 255 hardly means "no class". Ends at the first other value. */
export function looksLikeMask(data: ArrayLike<number>): boolean {
  let ones = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === NARROW) ones++;
    else if (data[i] !== 0) return false;
  }
  return ones > 0 && ones < data.length;
}
