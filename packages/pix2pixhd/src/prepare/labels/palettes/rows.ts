/** Classes written one a line, `rrggbb name`, or `rrggbb* name` where objects can be told apart. Depends on palette.ts. */
import { hexColour, type PaletteEntry } from '../palette.js';

/** The classes of such lines, ids counting from 0. */
export function entriesOf(rows: string): PaletteEntry[] {
  return rows.split('\n').map((row, id) => {
    const countable = row[6] === '*';
    return { id, name: row.slice(countable ? 8 : 7), color: hexColour(row.slice(0, 6)), countable };
  });
}
