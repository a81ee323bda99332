/** Paths in commands that an error or a finding proposes. Depends on nothing. */

/** A path as a shell takes it for one word; patterns such as `*.png` are left to the program. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
