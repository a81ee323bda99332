/**
 * What the loader and its workers say to each other; everything here survives a structured clone. Depends on pairs.ts
 * and sample.ts for types.
 */
import { UserError, type UserErrorParts } from '../../errors.js';
import type { Sample } from '../find/pairs.js';
import type { SampleArrays, SampleSpec } from './sample.js';

/** Given to a worker when it starts. */
export interface WorkerSetup {
  readonly samples: readonly Sample[];
  readonly spec: SampleSpec;
  readonly seed: number;
  /** How many bytes of decoded images this worker may keep. */
  readonly cacheBytes: number;
  /** Folder of the cache on disk, if there is to be one. */
  readonly cacheFolder: string | undefined;
}

/** To a worker: prepare a sample, use memory again, or finish. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly id: number; readonly index: number; readonly epoch: number }
  | { readonly kind: 'recycle'; readonly buffers: readonly ArrayBuffer[] }
  | { readonly kind: 'close' };

/** From a worker: the sample of request `id`, or why there is none. */
export type WorkerReply =
  | { readonly id: number; readonly index: number; readonly arrays: SampleArrays; readonly cached: boolean }
  | { readonly id: number; readonly failure: Failure };

/** An error in a form that crosses threads, as classes do not. */
export type Failure =
  | { readonly kind: 'user'; readonly parts: UserErrorParts }
  | { readonly kind: 'other'; readonly message: string; readonly stack: string };

/** The memory of a sample, or of a batch of one, which can be transferred. */
export function buffersOf(arrays: Partial<Pick<SampleArrays, 'label' | 'instance' | 'features' | 'source' | 'image'>>) {
  const { label, instance, features, source, image } = arrays;
  return [label, instance, features, source, image].flatMap(array =>
    array === undefined ? [] : [array.buffer as ArrayBuffer],
  );
}

/** An error in a form that can be sent to the main thread. */
export function toFailure(error: unknown): Failure {
  if (error instanceof UserError) return { kind: 'user', parts: error.parts };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'other', message, stack: stack ?? '' };
}

/** The error again, with its class. */
export function fromFailure(failure: Failure): Error {
  if (failure.kind === 'user') return new UserError(failure.parts);
  return new Error(`${failure.message}\n  in the loader: ${failure.stack}`);
}
