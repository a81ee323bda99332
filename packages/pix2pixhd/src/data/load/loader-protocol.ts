/**
 * What the loader and its workers say to each other; everything here survives a structured clone. Depends on pairs.ts
 * and sample.ts for types.
 */
import type { Failure } from '../../failure.js';
import type { Sample } from '../find/pairs.js';
import type { SampleArrays, SampleSpec } from './sample.js';

/** What a worker is to do for one loader. */
export interface WorkerSetup {
  readonly samples: readonly Sample[];
  readonly spec: SampleSpec;
  readonly seed: number;
  /** How many bytes of decoded images this worker may keep. */
  readonly cacheBytes: number;
  /** Folder of the cache on disk, if there is to be one. */
  readonly cacheFolder: string | undefined;
}

/** To a worker: serve a loader, prepare a sample, use memory again, forget the loader, or end. */
export type WorkerRequest =
  | { readonly kind: 'open'; readonly setup: WorkerSetup }
  | { readonly kind: 'load'; readonly id: number; readonly index: number; readonly epoch: number }
  | { readonly kind: 'recycle'; readonly buffers: readonly ArrayBuffer[] }
  | { readonly kind: 'close' }
  | { readonly kind: 'end' };

/** From a worker: the sample of request `id`, why there is none, or that nothing more will come for this loader. */
export type WorkerReply = SampleReply | { readonly closed: true };

/** The answer to a request for a sample. */
export type SampleReply =
  | { readonly id: number; readonly index: number; readonly arrays: SampleArrays; readonly cached: boolean }
  | { readonly id: number; readonly failure: Failure };

/** The memory of a sample, or of a batch of one, which can be transferred. */
export function buffersOf(arrays: Partial<Pick<SampleArrays, 'label' | 'instance' | 'features' | 'source' | 'image'>>) {
  const { label, instance, features, source, image } = arrays;
  return [label, instance, features, source, image].flatMap(array =>
    array === undefined ? [] : [array.buffer as ArrayBuffer],
  );
}
