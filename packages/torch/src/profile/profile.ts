/**
 * What a stretch of work did: every operator and autograd node that ran, and the memory its tensors held. Depends on the
 * binding.
 */

import { binding, type OperatorCall } from '../binding.js';
import { TorchError } from '../errors.js';

export type { CallInput, OperatorCall, TensorShape } from '../binding.js';

/** What {@link profile} saw. */
export interface Profile<T> {
  /** What the body returned. */
  readonly result: T;
  readonly calls: readonly OperatorCall[];
  /** The whole body, JavaScript included. */
  readonly milliseconds: number;
  /**
   * The most that tensors made by the body held at one time, workspaces that libtorch takes from its own allocators
   * included. Exact and repeatable, unlike the process' resident memory. Tensors that were there before do not count,
   * whether they are freed or not.
   */
  readonly peakBytes: number;
  /** What is left of it at the end: 0 for work that keeps nothing. */
  readonly keptBytes: number;
}

/**
 * Runs `body` and tells what it did. Costs a few microseconds a call while it runs, and nothing at any other time.
 * @throws Error inside another profile, and whatever the body throws.
 * @throws TypeError when the body returns a promise: other work would be taken for its own.
 */
export function profile<T>(body: () => T): Profile<T> {
  binding.startProfile();
  const before = performance.now();
  let result: T;
  let milliseconds: number;
  let recorded: ReturnType<typeof binding.stopProfile>;
  try {
    result = body();
  } finally {
    milliseconds = performance.now() - before;
    recorded = binding.stopProfile();
  }
  if (result instanceof Promise)
    throw new TorchError('SCOPE_IS_ASYNC', 'profile: the body returned a promise; it must be synchronous');
  return { result, milliseconds, ...recorded };
}
