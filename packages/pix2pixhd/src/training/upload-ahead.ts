/**
 * The input of the step after this one, brought to the device while that computes this one. Depends on torch and the step's
 * types.
 */
import { keep, type Tensor, track } from '@pix2pixhd/torch';
import type { Batch } from '../data/load/batch.js';
import type { StepInput } from './step.js';

/** Holds the inputs of one step ahead. */
export class UploadAhead {
  #held: { readonly batches: readonly Batch[]; readonly inputs: readonly StepInput[] } | undefined;

  /** Makes the inputs of `batches` now. Where that fails nothing is held: the step they are for will say why. */
  hold(batches: readonly Batch[], make: (batch: Batch) => StepInput): void {
    this.dispose();
    try {
      const inputs = batches.map(batch => make(batch));
      for (const tensor of inputs.flatMap(tensorsIn)) keep(tensor);
      this.#held = { batches, inputs };
    } catch {
      // What was made belongs to the scope around.
    }
  }

  /** The inputs of `batches` if they are held, from now on the scope's around; else undefined, and nothing is held. */
  take(batches: readonly Batch[]): readonly StepInput[] | undefined {
    const held = this.#held;
    if (held?.batches !== batches) {
      this.dispose();
      return undefined;
    }
    this.#held = undefined;
    for (const tensor of held.inputs.flatMap(tensorsIn)) track(tensor);
    return held.inputs;
  }

  /** Frees what is held. */
  dispose(): void {
    for (const tensor of this.#held?.inputs.flatMap(tensorsIn) ?? []) tensor.dispose();
    this.#held = undefined;
  }
}

function tensorsIn({ condition, real, instances, features }: StepInput): Tensor[] {
  return [condition, real, instances, features].filter(tensor => tensor !== undefined);
}
