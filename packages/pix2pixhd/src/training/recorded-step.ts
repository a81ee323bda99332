/**
 * The gradients of a step of fixed shape, recorded once and then replayed, as a CUDA graph. The optimiser stays outside,
 * since a step that is not finite must change nothing. Depends on torch and the step's types.
 */
import { keep, ops, type Recording, type Tensor } from '@pix2pixhd/torch';
import type { DeviceBatch } from './device-batch.js';
import { mapLosses, type StepGradients, tensorsOf } from './step.js';

/** Records work, see `recordCudaGraph` of torch; undefined where that failed and the work is to be computed every time. */
export type Recorder = <T>(work: () => T) => Recording<T> | undefined;

/** Steps of one shape that are computed operator by operator first: in them the libraries choose their algorithms. */
const warmUp = 3;

/** A recorded step of one shape, and the tensors it reads. */
interface Recorded {
  readonly shape: string;
  readonly batch: DeviceBatch;
  readonly recording: Recording<StepGradients>;
}

/** One recording, of the first shape that came often enough; steps of other shapes are computed operator by operator. */
export class RecordedStep {
  readonly #compute: (batch: DeviceBatch) => StepGradients;
  #record: Recorder | undefined;
  #recorded: Recorded | undefined;
  #shape = '';
  #runs = 0;

  /** @param compute returns losses and gradients; the weights must stay where they lie at its first call. */
  constructor(compute: (batch: DeviceBatch) => StepGradients, record: Recorder) {
    this.#compute = compute;
    this.#record = record;
  }

  /** Losses and gradients of a batch. The next run may overwrite them. */
  run(batch: DeviceBatch): StepGradients {
    const shape = shapeOf(batch);
    if (this.#recorded === undefined && this.#record !== undefined) {
      this.#runs = shape === this.#shape ? this.#runs + 1 : 1;
      this.#shape = shape;
      if (this.#runs > warmUp) this.#recorded = this.#begin(this.#record, batch, shape);
    }
    if (this.#recorded?.shape !== shape) return this.#compute(batch);
    const { batch: recorded, recording } = this.#recorded;
    for (const name of inputNames) {
      const [to, from] = [recorded[name], batch[name]];
      if (to !== undefined && from !== undefined) ops.copyInPlace(to, from).dispose();
    }
    recording.replay();
    const { losses, gradients, finite } = recording.result;
    // Handles of their own, which the caller may free.
    return { losses: mapLosses(losses, ops.detach), gradients, finite };
  }

  #begin(record: Recorder, batch: DeviceBatch, shape: string): Recorded | undefined {
    const copy = (tensor: Tensor) => keep(ops.clone(tensor));
    const own: DeviceBatch = {
      condition: copy(batch.condition),
      real: copy(batch.real),
      features: batch.features && copy(batch.features),
    };
    const recording = record(() => this.#compute(own));
    if (recording === undefined) {
      this.#record = undefined;
      for (const name of inputNames) own[name]?.dispose();
      return undefined;
    }
    for (const tensor of tensorsOf(recording.result)) keep(tensor);
    return { shape, batch: own, recording };
  }

  /** Frees the recording and its tensors. */
  dispose(): void {
    if (this.#recorded === undefined) return;
    const { batch, recording } = this.#recorded;
    recording.dispose();
    for (const tensor of tensorsOf(recording.result)) tensor.dispose();
    for (const name of inputNames) batch[name]?.dispose();
    this.#recorded = undefined;
  }
}

/** What the gradients are computed from where there is no encoder. */
const inputNames = ['condition', 'real', 'features'] as const;

function shapeOf(batch: DeviceBatch): string {
  return inputNames.map(name => `${batch[name]?.dtype} ${batch[name]?.shape}`).join('; ');
}
