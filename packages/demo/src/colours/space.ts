/** Colours between sRGB and CIE L*a*b* (D65), where distances are about as large as they look. Depends on nothing. */

/** Three 8-bit values. */
export type Rgb = readonly [r: number, g: number, b: number];

/** L* from 0 to 100, a* and b* about −100 to 100. */
export type Lab = readonly [l: number, a: number, b: number];

/** The white point D65 in CIE XYZ, as in IEC 61966-2-1. */
const white = [0.9505, 1, 1.089] as const;

/** Below this ratio to white the cube root gives way to a straight line (CIE 15). */
const linearBelow = (6 / 29) ** 3;

/** An sRGB colour in L*a*b*. */
export function toLab([r, g, b]: Rgb): Lab {
  const [lr, lg, lb] = [linear(r), linear(g), linear(b)];
  const x = compressed((0.4124 * lr + 0.3576 * lg + 0.1805 * lb) / white[0]);
  const y = compressed((0.2126 * lr + 0.7152 * lg + 0.0722 * lb) / white[1]);
  const z = compressed((0.0193 * lr + 0.1192 * lg + 0.9505 * lb) / white[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The nearest 8-bit sRGB colour to one in L*a*b*. */
export function toRgb([l, a, b]: Lab): Rgb {
  const fy = (l + 16) / 116;
  const x = white[0] * expanded(fy + a / 500);
  const y = white[1] * expanded(fy);
  const z = white[2] * expanded(fy - b / 200);
  return [
    encoded(3.2406 * x - 1.5372 * y - 0.4986 * z),
    encoded(-0.9689 * x + 1.8758 * y + 0.0415 * z),
    encoded(0.0557 * x - 0.204 * y + 1.057 * z),
  ];
}

/** The square of the colour difference ΔE*ab. */
export function labDistance(a: Lab, b: Lab): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

/** `#rrggbb`. */
export function toHex(colour: Rgb): string {
  return `#${colour.map(value => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The colour that {@link toHex} wrote. */
export function fromHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** sRGB's transfer function: 8 bits to light in [0, 1]. */
function linear(value: number): number {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

function encoded(light: number): number {
  const v = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, v)));
}

function compressed(ratio: number): number {
  return ratio > linearBelow ? Math.cbrt(ratio) : ratio / (3 * (6 / 29) ** 2) + 4 / 29;
}

function expanded(value: number): number {
  return value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29);
}
