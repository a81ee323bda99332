/** An error as text for people and as fields for programs. Depends on `errors.ts`. */
import { UserError } from '../errors.js';
import type { Fields } from './terminal.js';

/** What to print for an error: a user's error as it stands, any other with the way to its stack. */
export function describeError(error: unknown, debug: boolean): string {
  if (debug) return stackOf(error);
  if (error instanceof UserError) return error.message;
  return `${textOf(error)}\n  (run again with --debug for the stack)`;
}

/** The code and the parts of an error; one that is not the user's has the code `INTERNAL`. */
export function errorFields(error: unknown, debug: boolean): Fields {
  const stack = debug ? { stack: stackOf(error) } : {};
  if (!(error instanceof UserError)) {
    const remedy = 'run again with --debug for the stack, and report it';
    return { code: 'INTERNAL', doing: 'running the command', found: textOf(error), remedy, ...stack };
  }
  const { code, doing, where, found, expected, remedy } = error.parts;
  return { code, doing, where, found, expected, remedy, ...stack };
}

function textOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).trim();
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // libtorch's own frames, where the addon has added them.
  const own = 'backtrace' in error ? `${error.stack}\n${error.backtrace}` : (error.stack ?? String(error));
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}
