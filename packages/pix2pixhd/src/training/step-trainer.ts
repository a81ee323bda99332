/**
 * StepTrainer: what a session needs of whatever it trains: networks and their optimisers by name, a step on a few batches, the
 * pools of earlier fakes. Knows no files and no loss. Depends on torch.
 */

import { type nn, ops, optim, scope, type Tensor } from '@pix2pixhd/torch';
import type { NetworkName } from '../checkpoint/network-names.js';
import type { DeviceBatch } from './device-batch.js';
import type { ImagePool } from './image-pool.js';
import { mapTensors, type StepGradients, type StepLosses, tensorsOf, toCpu } from './step.js';

/** How the weights are updated. */
export interface AdamOptions {
  readonly lr: number;
  readonly betas: readonly [number, number];
}

/** What a step says: losses before the update, and whether there was one. */
export interface StepOutcome {
  /** To be read and disposed of by the caller. */
  readonly losses: StepLosses;
  readonly applied: boolean;
}

/** Networks, an Adam for each, and a step that updates them all with the gradients of the weights before it. */
export abstract class StepTrainer<Networks extends Partial<Record<NetworkName, nn.Module | undefined>>> {
  readonly networks: Networks;
  /** Under the names of the networks that there are. */
  readonly optimisers: Readonly<Partial<Record<keyof Networks & NetworkName, optim.Adam>>>;
  /** Earlier fakes, by the name that a checkpoint has for each pool. */
  abstract readonly pools: ReadonlyMap<string, ImagePool>;
  #updates = 0;

  constructor(networks: Networks, { lr, betas }: AdamOptions) {
    this.networks = networks;
    const named = Object.entries(networks).filter((entry): entry is [string, nn.Module] => entry[1] !== undefined);
    this.optimisers = Object.fromEntries(
      named.map(([name, network]) => [name, new optim.Adam(network.namedParameters(), { lr, betas })]),
    ) as Partial<Record<keyof Networks & NetworkName, optim.Adam>>;
  }

  /** The losses and gradients of one batch, without the update. */
  abstract gradients(batch: DeviceBatch): StepGradients;

  /** Updates begun so far: one that failed may have changed some of the weights and moments. */
  get updates(): number {
    return this.#updates;
  }

  /** Sets all learning rates. */
  set learningRate(lr: number) {
    for (const [, optimiser] of this.#named()) optimiser.lr = lr;
  }

  /**
   * One step on the mean of the gradients of one or more batches: every network is updated with the gradients of the
   * weights before the step. Where a loss is not finite nothing is updated.
   *
   * @param meanwhile is called once the gradients are queued: what it does is hidden behind a device that computes.
   */
  step(batches: readonly DeviceBatch[], meanwhile?: () => void): StepOutcome {
    return scope(() => {
      const result = this.meanGradients(batches);
      meanwhile?.();
      // The one place where the CPU waits for the device.
      const { losses, finite } = toCpu(result);
      const applied = Number.isFinite(finite.item());
      if (applied) this.update(result.gradients);
      return { losses, applied };
    });
  }

  /** The mean losses and gradients of one or more batches, without the update. */
  meanGradients([first, ...others]: readonly DeviceBatch[]): StepGradients {
    const ofFirst = this.queued(first!);
    if (others.length === 0) return ofFirst;
    // Sums of many small numbers in float32: bfloat16 would lose the last ones.
    const mean = mapTensors(ofFirst, tensor => {
      if (tensor.dtype === 'bfloat16') return ops.toDtype(tensor, 'float32');
      return this.overwritten ? ops.clone(tensor) : tensor;
    });
    const sums = tensorsOf(mean);
    for (const batch of others)
      scope(() => {
        for (const [i, tensor] of tensorsOf(this.queued(batch)).entries()) ops.addInPlace(sums[i]!, tensor);
      });
    for (const sum of sums) ops.mulInPlace(sum, 1 / (1 + others.length));
    return mean;
  }

  /** {@link gradients}, or a faster way to the same. */
  protected queued(batch: DeviceBatch): StepGradients {
    return this.gradients(batch);
  }

  /** Whether the next call of {@link queued} overwrites the tensors of this one. */
  protected get overwritten(): boolean {
    return false;
  }

  /** Gives every network named its gradients. */
  protected update(gradients: StepGradients['gradients']): void {
    this.#updates++;
    for (const [name, optimiser] of this.#named()) {
      const own = gradients[name];
      if (own !== undefined) optimiser.step(own);
    }
  }

  #named(): [string, optim.Adam][] {
    return Object.entries(this.optimisers) as [string, optim.Adam][];
  }

  /** Frees networks and optimisers; the pools are freed with the session. */
  dispose(): void {
    for (const network of Object.values(this.networks)) network?.dispose();
    for (const [, optimiser] of this.#named()) optimiser.dispose();
  }
}

/**
 * The gradients of the trainable weights of some modules, per module in the order of its parameters; null for frozen ones.
 * @param differentiate returns the gradients of leaves.
 */
export function parameterGradients(
  modules: readonly nn.Module[],
  differentiate: (leaves: readonly Tensor[]) => (Tensor | null)[],
): (Tensor | null)[][] {
  const parameters = modules.map(module => module.parameters());
  const trainable = parameters.flat().filter(parameter => parameter.trainable);
  if (trainable.length === 0) return parameters.map(own => own.map(() => null));
  const gradients = differentiate(trainable.map(parameter => parameter.compute));
  const byParameter = new Map(trainable.map((parameter, i) => [parameter, gradients[i]!]));
  return parameters.map(own => own.map(parameter => byParameter.get(parameter) ?? null));
}
