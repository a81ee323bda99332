/** sRGB to CIELAB under D65. Depends on nothing. */

/** A colour in CIELAB: L* from 0 to 100, a* and b*. */
export type Lab = readonly [l: number, a: number, b: number];

/** Linear RGB of ITU-R BT.709 to CIE XYZ, rows X, Y, Z. */
const XYZ_OF_RGB = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;
/** The white of D65 for the observer of 2°. */
const WHITE = [0.95047, 1, 1.08883] as const;

/** The linear value of a coded one in [0, 1], IEC 61966-2-1. */
function linear(value: number): number {
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
}

/** The linear values of the 256 codes of 8 bits. */
const LINEAR8 = Float64Array.from({ length: 256 }, (_, code) => linear(code / 255));

/** CIE 15: the cube root, and its tangent near black. */
function curve(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

/**
 * CIELAB of a colour in sRGB, as scikit-image's `rgb2lab`.
 * @param r red, and so on, from 0 to 255, not necessarily whole.
 */
export function labOf(r: number, g: number, b: number): Lab {
  const rgb = [r, g, b].map(value => LINEAR8[value] ?? linear(value / 255)) as [number, number, number];
  const [x, y, z] = XYZ_OF_RGB.map((row, i) =>
    curve((row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]) / WHITE[i]!),
  ) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
