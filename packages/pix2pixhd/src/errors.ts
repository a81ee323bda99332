/**
 * The one error a user meets. Depends on nothing; any room may throw it, the command line prints it.
 */

/** The parts of a message that lets a user help himself. */
export interface UserErrorParts {
  /** What was being done: "reading the label map". */
  readonly doing: string;
  /** Which file, folder or option: a path or `--label-nc`. */
  readonly where?: string;
  /** What was found there. */
  readonly found: string;
  /** What was expected instead. */
  readonly expected?: string;
  /** What to do about it: a command, an option, a change to the data. */
  readonly remedy: string;
}

/**
 * Bad input or a bad environment, said once and clearly. Exit code 1, or 2 where the command line itself was wrong
 * ({@link UsageError}). Programming errors stay ordinary `Error`s.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: number = 1;
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    super(formatParts(parts), options);
    this.parts = parts;
  }
}

/** The command line was wrong: unknown option, bad value, missing argument. Exit code 2. */
export class UsageError extends UserError {
  override readonly name: string = 'UsageError';
  override readonly exitCode: number = 2;
}

function formatParts({ doing, where, found, expected, remedy }: UserErrorParts): string {
  const lines = [`Error while ${doing}${where === undefined ? '' : `: ${where}`}`, `  found:    ${found}`];
  if (expected !== undefined) lines.push(`  expected: ${expected}`);
  lines.push(`  remedy:   ${remedy}`);
  return lines.join('\n');
}
