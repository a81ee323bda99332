/** Paths in commands that an error or a finding suggests. Depends on nothing. */

/** A path quoted as one word of a shell command; a pattern such as `*.png` is quoted too, for the program to expand. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
