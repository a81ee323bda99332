/**
 * Adam with PyTorch's arithmetic and state names. Depends on Parameter, ops and the update by lists.
 */
import { noGrad } from '../autograd.js';
import type { Parameter } from '../nn/parameter.js';
import * as ops from '../ops/index.js';
import { keep } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type AdamUpdate, foreachAdamStep } from './foreach-adam.js';

/** Settings of {@link Adam}; PyTorch's defaults. */
export interface AdamOptions {
  readonly lr?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
}

interface Moments {
  step: number;
  readonly expAvg: Tensor;
  readonly expAvgSq: Tensor;
}

/** What a checkpoint holds of one parameter: PyTorch's names. */
export interface AdamState {
  readonly step: number;
  readonly exp_avg: Tensor;
  readonly exp_avg_sq: Tensor;
}

/**
 * Adam (Kingma and Ba, 2015) as `torch.optim.Adam` computes it: on the CPU in one pass over memory per parameter, on
 * other devices all parameters together.
 */
export class Adam {
  lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #moments = new Map<string, Moments>();

  /** @param parameters by name; the names key the state in checkpoints. */
  constructor(parameters: ReadonlyMap<string, Parameter>, options: AdamOptions = {}) {
    this.#parameters = parameters;
    this.lr = options.lr ?? 1e-3;
    this.betas = options.betas ?? [0.9, 0.999];
    this.eps = options.eps ?? 1e-8;
  }

  /**
   * Updates every parameter that has a gradient.
   * @param gradients in the order of the parameters; null leaves a parameter and its moments alone.
   */
  step(gradients: readonly (Tensor | null)[]): void {
    if (gradients.length !== this.#parameters.size)
      throw new RangeError(`Adam.step: ${gradients.length} gradients for ${this.#parameters.size} parameters`);
    const elsewhere: AdamUpdate[] = [];
    let index = 0;
    for (const [name, parameter] of this.#parameters) {
      const gradient = gradients[index++];
      if (gradient === null || gradient === undefined) continue;
      const moments = this.#momentsOf(name, parameter);
      moments.step++;
      if (parameter.value.device !== 'cpu') {
        elsewhere.push({ param: parameter.value, ...moments, gradient, bf16Copy: parameter.bf16Copy });
        continue;
      }
      ops.adamStep(
        parameter.value,
        moments.expAvg,
        moments.expAvgSq,
        gradient,
        parameter.bf16Copy,
        this.lr,
        this.betas[0],
        this.betas[1],
        this.eps,
        moments.step,
      );
    }
    const { lr, eps } = this;
    const [beta1, beta2] = this.betas;
    if (elsewhere.length > 0) foreachAdamStep(elsewhere, { lr, beta1, beta2, eps });
  }

  /** The moments by parameter name; the tensors are the optimiser's own. */
  state(): Map<string, AdamState> {
    return new Map(
      [...this.#moments].map(([name, m]) => [name, { step: m.step, exp_avg: m.expAvg, exp_avg_sq: m.expAvgSq }]),
    );
  }

  /** The shapes of the parameters by name: which moments {@link loadState} takes. */
  shapes(): Map<string, readonly number[]> {
    return new Map([...this.#parameters].map(([name, parameter]) => [name, parameter.value.shape]));
  }

  /**
   * Continues from saved moments (copied).
   * @throws Error for a name this optimiser does not have, or a shape that differs.
   */
  loadState(state: ReadonlyMap<string, AdamState>): void {
    for (const [name, saved] of state) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) throw new Error(`Adam.loadState: no parameter '${name}'`);
      if (String(saved.exp_avg.shape) !== String(parameter.value.shape))
        throw new Error(
          `Adam.loadState: ${name} has shape [${saved.exp_avg.shape}], expected [${parameter.value.shape}]`,
        );
      const moments = this.#momentsOf(name, parameter);
      moments.step = saved.step;
      noGrad(() => {
        ops.copyInPlace(moments.expAvg, saved.exp_avg).dispose();
        ops.copyInPlace(moments.expAvgSq, saved.exp_avg_sq).dispose();
      });
    }
  }

  /** Frees the moments. */
  dispose(): void {
    for (const { expAvg, expAvgSq } of this.#moments.values()) {
      expAvg.dispose();
      expAvgSq.dispose();
    }
    this.#moments.clear();
  }

  #momentsOf(name: string, parameter: Parameter): Moments {
    let moments = this.#moments.get(name);
    if (moments === undefined) {
      const zeros = () => noGrad(() => keep(ops.zerosLike(parameter.value)));
      moments = { step: 0, expAvg: zeros(), expAvgSq: zeros() };
      this.#moments.set(name, moments);
    }
    return moments;
  }
}
