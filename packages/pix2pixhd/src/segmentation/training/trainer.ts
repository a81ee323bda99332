/**
 * One step of a segmenter's training, and what a file keeps of it. Depends on torch, the network and the file.
 */
import { fromData, grad, noGrad, ops, optim, scope, type Tensor, type TensorData } from '@pix2pixhd/torch';
import type { SegmentationUNet } from '../network.js';
import { withoutPrefix } from '../segmenter-file.js';
import type { LabelledTensors } from './labelled-tensors.js';

/** What the loss and its minimisation depend on. */
export interface TrainerSettings {
  /** Learning rate of the first step. */
  readonly lr: number;
  /** By class, in the weights' dtype. */
  readonly classWeights: Tensor;
  /** The label of pixels that have no loss. */
  readonly ignored: number;
}

/**
 * Cross-entropy over the pixels that have a class, weighted by it: Σ w_y (−log softmax(logits)_y) / Σ w_y, as PyTorch's.
 *
 * @param logits (N, classes, H, W).
 * @param label (N, H, W), int64.
 */
export function segmentationLoss(logits: Tensor, label: Tensor, weight: Tensor, ignored: number): Tensor {
  const exact = logits.dtype === 'bfloat16' ? ops.toDtype(logits, 'float32') : logits;
  return ops.crossEntropy(exact, label, { weight, ignoreIndex: ignored });
}

/** Minimises the loss by AdamW (weight decay 1e-4), the learning rate falling to zero as (1 − progress)^0.9. */
export class SegmenterTrainer {
  readonly network: SegmentationUNet;
  readonly #optimiser: optim.AdamW;
  readonly #settings: TrainerSettings;
  #updates = 0;

  constructor(network: SegmentationUNet, settings: TrainerSettings) {
    this.network = network;
    this.#settings = settings;
    this.#optimiser = new optim.AdamW(network.namedParameters(), { lr: settings.lr, weightDecay: 1e-4 });
  }

  /** How often the weights were updated. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * One step.
   *
   * @param progress share of the training that is done, from 0 to 1.
   * @returns the loss; null where no pixel of the batch has a class, and nothing was done. Where it is not finite, the weights are
   *   those of before.
   */
  step({ image, label }: LabelledTensors, progress: number): number | null {
    const { classWeights, ignored, lr } = this.#settings;
    this.#optimiser.lr = lr * (1 - progress) ** 0.9;
    return scope(() => {
      if (ops.any(ops.ne(label, ignored)).item() === 0) return null;
      const loss = segmentationLoss(this.network.forward(image), label, classWeights, ignored);
      const value = loss.item();
      if (!Number.isFinite(value)) return value;
      const weights = this.network.parameters().map(({ compute }) => compute);
      this.#optimiser.step(grad(loss, weights));
      this.#updates++;
      return value;
    });
  }

  /** Weights and moments for a file. */
  toTensors(): Map<string, TensorData> {
    const tensors = weightsOf(this.network, 'last.');
    for (const [key, { exp_avg, exp_avg_sq }] of this.#optimiser.state()) {
      tensors.set(`optim.exp_avg.${key}`, exp_avg.toData());
      tensors.set(`optim.exp_avg_sq.${key}`, exp_avg_sq.toData());
    }
    return tensors;
  }

  /** Goes on from what {@link toTensors} gave after as many updates. */
  restore(tensors: ReadonlyMap<string, TensorData>, updates: number): void {
    this.network.loadStateDict(withoutPrefix(tensors, 'last.'));
    const squares = withoutPrefix(tensors, 'optim.exp_avg_sq.');
    scope(() =>
      noGrad(() =>
        this.#optimiser.loadState(
          new Map(
            [...withoutPrefix(tensors, 'optim.exp_avg.')].map(([key, mean]) => [
              key,
              { step: updates, exp_avg: fromData(mean), exp_avg_sq: fromData(squares.get(key)!) },
            ]),
          ),
        ),
      ),
    );
    this.#updates = updates;
  }

  /** Frees the network and what is kept for it. */
  [Symbol.dispose](): void {
    this.#settings.classWeights.dispose();
    this.#optimiser.dispose();
    this.network.dispose();
  }
}

/** The state dict of a network under names that begin with `prefix`. */
export function weightsOf(network: SegmentationUNet, prefix: string): Map<string, TensorData> {
  return new Map([...network.stateDict()].map(([key, tensor]) => [prefix + key, tensor.toData()]));
}
