/**
 * The gradients of a step of a fixed shape, recorded once and then replayed: what a CUDA graph is for. The optimiser stays
 * outside, since a step that is not finite must change nothing. Depends on torch and the step's types.
 */
import { keep, ops, type Recording, type Tensor } from '@pix2pixhd/torch';
import { mapTensors, type StepGradients, type StepInput, tensorsOf } from './step.js';

/** Records work; see `recordCudaGraph` of torch. */
export type Recorder = <T>(work: () => T) => Recording<T>;

/** Steps of one shape that are computed operator by operator first: in them the libraries choose their algorithms. */
const warmUp = 3;

/** One recording, of the first shape that has come often enough; steps of other shapes are computed as ever. */
export class RecordedStep {
  readonly #compute: (input: StepInput) => StepGradients;
  readonly #record: Recorder;
  #recorded: { shape: string; input: StepInput; recording: Recording<StepGradients> } | undefined;
  #shape = '';
  #runs = 0;

  /** @param compute gives losses and gradients, from the weights where they lie at its first call. */
  constructor(compute: (input: StepInput) => StepGradients, record: Recorder) {
    this.#compute = compute;
    this.#record = record;
  }

  /** Losses and gradients of a batch. The next run may overwrite them. */
  run(input: StepInput): StepGradients {
    const shape = shapeOf(input);
    if (this.#recorded === undefined) {
      this.#runs = shape === this.#shape ? this.#runs + 1 : 1;
      this.#shape = shape;
      if (this.#runs > warmUp) this.#recorded = this.#begin(input, shape);
    }
    if (this.#recorded?.shape !== shape) return this.#compute(input);
    const { input: own, recording } = this.#recorded;
    for (const name of inputNames) {
      const [to, from] = [own[name], input[name]];
      if (to !== undefined && from !== undefined) ops.copyInPlace(to, from).dispose();
    }
    recording.replay();
    // Handles of their own, which the caller may free.
    return mapTensors(recording.result, ops.detach);
  }

  #begin(input: StepInput, shape: string) {
    const copy = (tensor: Tensor) => keep(ops.clone(tensor));
    const { condition, real, features } = input;
    const own: StepInput = {
      condition: copy(condition),
      real: copy(real),
      features: features && copy(features),
    };
    const recording = this.#record(() => this.#compute(own));
    for (const tensor of tensorsOf(recording.result)) keep(tensor);
    return { shape, input: own, recording };
  }

  /** Frees the recording and its tensors. */
  dispose(): void {
    if (this.#recorded === undefined) return;
    const { input, recording } = this.#recorded;
    recording.dispose();
    for (const tensor of tensorsOf(recording.result)) tensor.dispose();
    for (const name of inputNames) input[name]?.dispose();
    this.#recorded = undefined;
  }
}

/** What the gradients are computed from where there is no encoder. */
const inputNames = ['condition', 'real', 'features'] as const;

function shapeOf(input: StepInput): string {
  return inputNames.map(name => `${input[name]?.dtype} ${input[name]?.shape}`).join('; ');
}
