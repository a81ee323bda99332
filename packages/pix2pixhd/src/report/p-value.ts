/** A p-value in words, the same on all pages and terminals. Depends on nothing. */

/** Three digits, and a limit where it is too small for them: `0.031`, `< 0.001`. */
export function pInWords(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
