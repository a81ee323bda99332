/**
 * Adam and AdamW with PyTorch's arithmetic and state names. Depends on Optimizer, ops and the update by lists.
 */
import { noGrad } from '../autograd.js';
import * as ops from '../ops/index.js';
import { scope } from '../scope.js';
import { type AdamUpdate, foreachAdamStep } from './foreach-adam.js';
import { type OptimizedParameters, Optimizer, type OptimizerState, type Turn } from './optimizer.js';

/** Settings of {@link Adam} and {@link AdamW}; PyTorch's defaults. */
export interface AdamOptions {
  /** Learning rate; 1e-3. */
  readonly lr?: number;
  /** Decay of the moments; 0.9 and 0.999. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 1e-8. */
  readonly eps?: number;
  /** 0 for Adam, which adds it to the gradient; 0.01 for AdamW, which shrinks the weight by it. */
  readonly weightDecay?: number;
}

/** Settings of one group of parameters. */
export interface AdamSettings {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

/** Adam's state of a parameter, under PyTorch's names. */
export type Moments = 'exp_avg' | 'exp_avg_sq';

/** What a checkpoint holds of one parameter: PyTorch's names. */
export type AdamState = OptimizerState<Moments>;

/**
 * Adam (Kingma and Ba, 2015) as `torch.optim.Adam` computes it: on the CPU in one pass over memory per parameter, on
 * other devices all parameters together.
 */
export class Adam extends Optimizer<AdamSettings, Moments> {
  constructor(parameters: OptimizedParameters<AdamSettings>, options: AdamOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    super(parameters, { lr, betas, eps, weightDecay }, ['exp_avg', 'exp_avg_sq']);
  }

  protected override update(turns: readonly Turn<AdamSettings, Moments>[]): void {
    scope(() => {
      const elsewhere = new Map<AdamSettings, AdamUpdate[]>();
      for (const turn of turns) {
        const { parameter, step, slots, group } = turn;
        const gradient = this.decay(turn);
        if (parameter.value.device === 'cpu') {
          const { lr, betas, eps } = group;
          const { value, bf16Copy } = parameter;
          ops.adamStep(value, slots.exp_avg, slots.exp_avg_sq, gradient, bf16Copy, lr, ...betas, eps, step);
          continue;
        }
        const updates = elsewhere.get(group) ?? [];
        elsewhere.set(group, updates);
        const { value: param, bf16Copy } = parameter;
        updates.push({ param, expAvg: slots.exp_avg, expAvgSq: slots.exp_avg_sq, gradient, bf16Copy, step });
      }
      for (const [{ lr, betas, eps }, updates] of elsewhere)
        foreachAdamStep(updates, { lr, beta1: betas[0], beta2: betas[1], eps });
    });
  }

  /** Applies the weight decay before the update; the gradient to update by. */
  protected decay({
    parameter,
    gradient,
    group,
  }: Turn<AdamSettings, Moments>): Turn<AdamSettings, Moments>['gradient'] {
    if (group.weightDecay === 0) return gradient;
    return noGrad(() => ops.add(gradient, parameter.value, { alpha: group.weightDecay }));
  }
}

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as `torch.optim.AdamW` computes it. */
export class AdamW extends Adam {
  constructor(parameters: OptimizedParameters<AdamSettings>, options: AdamOptions = {}) {
    super(parameters, { weightDecay: 1e-2, ...options });
  }

  protected override decay({ parameter, gradient, group }: Turn<AdamSettings, Moments>) {
    if (group.weightDecay !== 0)
      noGrad(() => ops.mulInPlace(parameter.value, 1 - group.lr * group.weightDecay).dispose());
    return gradient;
  }
}
