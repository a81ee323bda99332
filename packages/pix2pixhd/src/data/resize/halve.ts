/**
 * Halving, the commonest resize (2048×1024 files trained on at 1024×512), in a quarter of the multiplications. Depends on
 * nothing.
 *
 * At half size the taps of the cubic kernel lie 1/4, 3/4, 5/4 and 7/4 from the centre, on either side: the weights are
 * symmetric, the same for every output, and exactly 111, 29, -9 and -3 of 256. So (Σ weight·pixel + 128) >> 8 is, bit for
 * bit, what the same weights with 22 fractional bits give. At the ends, where taps are missing, other weights hold.
 */

/**
 * Outputs `first` to `end` (exclusive) of a row, which begins at `from` and goes to `to`. None may be among the two at
 * either end.
 */
export function halveRow(
  source: Uint8Array,
  from: number,
  channels: number,
  first: number,
  end: number,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let c = 0; c < channels; c++) {
    // A window of eight pixels moves on by two an output: six of them are already in registers.
    let p = from + c + (2 * first - 3) * channels;
    let a = source[p]!;
    let b = source[p + channels]!;
    let d = source[p + 2 * channels]!;
    let e = source[p + 3 * channels]!;
    let f = source[p + 4 * channels]!;
    let g = source[p + 5 * channels]!;
    p += 6 * channels;
    const stop = to + end * channels;
    for (let o = to + c + first * channels; o < stop; o += channels, p += 2 * channels) {
      const h = source[p]!;
      const i = source[p + channels]!;
      out[o] = (111 * (e + f) + 29 * (d + g) - 9 * (b + h) - 3 * (a + i) + 128) >> 8;
      a = d;
      b = e;
      d = f;
      e = g;
      f = h;
      g = i;
    }
  }
}

/** Output row `y`, not among the two at either end, from the eight rows around it; a row has `row` values. */
export function halveColumns(source: Uint8Array, row: number, y: number, out: Uint8ClampedArray): void {
  const end = (y + 1) * row;
  for (let o = y * row, p = (2 * y - 3) * row; o < end; o++, p++) {
    const near = source[p + 3 * row]! + source[p + 4 * row]!;
    const middle = source[p + 2 * row]! + source[p + 5 * row]!;
    const far = source[p + row]! + source[p + 6 * row]!;
    const farthest = source[p]! + source[p + 7 * row]!;
    out[o] = (111 * near + 29 * middle - 9 * far - 3 * farthest + 128) >> 8;
  }
}
