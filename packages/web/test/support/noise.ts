/** Values 0…255 that look random and repeat from run to run. */
export function noise(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1 + salt * 65537, 0x9e3779b1) >>> 24);
}
