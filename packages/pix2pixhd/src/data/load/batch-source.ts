/** What training takes its batches from. Types only. */
import type { Batch } from './batch.js';

/** Images of two domains that do not belong together; each has its own number of images and their size. */
export interface UnpairedBatch {
  /** Of domain A, as `source`. */
  readonly a: Batch;
  /** Of domain B, as `image`. */
  readonly b: Batch;
}

/** What a step is trained on. */
export type TrainingBatch = Batch | UnpairedBatch;

/** Gives out the batches of an epoch in order; what a batch holds depends on its epoch and number alone. */
export interface BatchSource<B extends TrainingBatch = TrainingBatch> {
  /** Number of batches in an epoch. */
  readonly batchesPerEpoch: number;
  /** The batches of one epoch, from `startBatch` on. */
  epoch(epoch: number, startBatch?: number): AsyncGenerator<B, void, void>;
  /** Gives back the memory of a batch, whose arrays are empty afterwards. */
  release(batch: B): void;
  /** Ends its threads. */
  close(): Promise<void>;
}
