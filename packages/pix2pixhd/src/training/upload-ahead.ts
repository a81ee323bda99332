/**
 * The next step's batches, copied to the device while it computes this step. Depends on torch and the batch on the device.
 */
import { keep, track } from '@pix2pixhd/torch';
import type { TrainingBatch } from '../data/load/batch-source.js';
import { batchTensors, type DeviceBatch } from './device-batch.js';

/** Holds the batches of one step ahead. */
export class UploadAhead {
  #held: { readonly batches: readonly TrainingBatch[]; readonly uploaded: readonly DeviceBatch[] } | undefined;

  /** Uploads `batches` now. Where that fails nothing is held: the step they are for will report the error. */
  hold(batches: readonly TrainingBatch[], upload: (batch: TrainingBatch) => DeviceBatch): void {
    this.dispose();
    try {
      const uploaded = batches.map(batch => upload(batch));
      for (const tensor of uploaded.flatMap(batchTensors)) keep(tensor);
      this.#held = { batches, uploaded };
    } catch {
      // What was made so far is freed with the scope around.
    }
  }

  /** What was uploaded of `batches`, from now on owned by the surrounding scope; undefined where others, or none, are held. */
  take(batches: readonly TrainingBatch[]): readonly DeviceBatch[] | undefined {
    const held = this.#held;
    if (held?.batches !== batches) {
      this.dispose();
      return undefined;
    }
    this.#held = undefined;
    for (const tensor of held.uploaded.flatMap(batchTensors)) track(tensor);
    return held.uploaded;
  }

  /** Frees what is held. */
  dispose(): void {
    for (const tensor of this.#held?.uploaded.flatMap(batchTensors) ?? []) tensor.dispose();
    this.#held = undefined;
  }
}
