/**
 * Errors that cross threads, as classes do not. Depends on `errors.ts`.
 */
import { UsageError, UserError, type UserErrorParts } from './errors.js';

/** An error in a form that survives a structured clone. */
export type Failure =
  | { readonly kind: 'user' | 'usage'; readonly parts: UserErrorParts }
  | { readonly kind: 'other'; readonly name: string; readonly message: string; readonly stack: string };

/** An error in a form that can be sent to another thread. */
export function toFailure(error: unknown): Failure {
  if (error instanceof UserError) return { kind: error instanceof UsageError ? 'usage' : 'user', parts: error.parts };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'other', name, message, stack: stack ?? '' };
}

const ordinary: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError };

/** The error again, with its class. */
export function fromFailure(failure: Failure): Error {
  if (failure.kind !== 'other') return new (failure.kind === 'usage' ? UsageError : UserError)(failure.parts);
  const { name, message, stack } = failure;
  return new (ordinary[name] ?? Error)(`${message}\n  in a thread: ${stack}`);
}
