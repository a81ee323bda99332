/**
 * A map of zeros and ones as text, to look at in the terminal. Depends on nothing.
 */

/** One character shows two pixels, one above the other. */
const blocks = [' ', '▄', '▀', '█'] as const;

/**
 * Draws a map with half-block characters.
 * @param map (H, W), 0 or 1; a character's half is set where any pixel under it is.
 * @param columns width of the drawing; it is narrower where the map is.
 * @returns lines without trailing spaces.
 */
export function textImage(map: Uint8Array, width: number, height: number, columns: number): string[] {
  const cell = Math.max(1, width / columns);
  const across = Math.ceil(width / cell);
  const down = Math.ceil(height / cell);
  const halves = new Uint8Array(across * (down + 1));
  for (let i = 0; i < map.length; i++) {
    if (map[i] === 0) continue;
    const x = Math.floor((i % width) / cell);
    const y = Math.floor(Math.floor(i / width) / cell);
    halves[y * across + x] = 1;
  }
  const lines: string[] = [];
  for (let y = 0; y < down; y += 2) {
    let line = '';
    for (let x = 0; x < across; x++) line += blocks[2 * halves[y * across + x]! + halves[(y + 1) * across + x]!]!;
    lines.push(line.trimEnd());
  }
  return lines;
}
