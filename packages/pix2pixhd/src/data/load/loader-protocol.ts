/**
 * What the loader and its workers say to each other; everything here survives a structured clone. Depends on pairs.ts
 * and sample.ts for types.
 */
import type { Failure } from '../../failure.js';
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

/** The memory of a sample, or of a batch of one, which can be transferred. */
export function buffersOf(arrays: Partial<Pick<SampleArrays, 'label' | 'instance' | 'features' | 'source' | 'image'>>) {
  const { label, instance, features, source, image } = arrays;
  return [label, instance, features, source, image].flatMap(array =>
    array === undefined ? [] : [array.buffer as ArrayBuffer],
  );
}
