/** Files in a data folder that are not read: which, why, and how messages list them. Depends on nothing. */

/** Something in a data folder that is not read. */
export interface LeftOut {
  readonly file: string;
  /** What it is: "BMP", "a link to /x, which does not exist". */
  readonly found: string;
  /** How it could be read. */
  readonly remedy: string;
  /** `error` where data is missing that should be there. */
  readonly severity: 'error' | 'warning';
}

const SHOWN = 3;

/**
 * One line that counts what is left out and names the first; `undefined` where there is nothing.
 *
 * @param seeAll the command that lists all of them.
 */
export function leftOutLine(leftOut: readonly LeftOut[], seeAll?: string): string | undefined {
  const first = leftOut[0];
  if (first === undefined) return undefined;
  const more = leftOut.length - SHOWN;
  const rest = more > 0 ? ` and ${more} more` : '';
  const advice = more > 0 && seeAll !== undefined ? `${seeAll} lists all` : first.remedy;
  return `left out: ${leftOut.length} ${leftOut.length === 1 ? 'file' : 'files'}: ${namedFew(leftOut)}${rest}; ${advice}`;
}

/** The first few with what they are. */
export function namedFew(leftOut: readonly LeftOut[]): string {
  return leftOut
    .slice(0, SHOWN)
    .map(({ file, found }) => `${file} (${found})`)
    .join(', ');
}
