/**
 * Stochastic gradient descent with PyTorch's arithmetic and state names. Depends on Optimizer and ops.
 */
import { noGrad } from '../autograd.js';
import { TorchError } from '../errors.js';
import * as ops from '../ops/index.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type OptimizedParameters, Optimizer, type Turn } from './optimizer.js';

/** Settings of {@link SGD}; PyTorch's defaults. */
export interface SGDOptions {
  /** Learning rate; 1e-3. */
  readonly lr?: number;
  /** Share of the last update that goes on; 0. */
  readonly momentum?: number;
  /** Nesterov's momentum; needs a momentum. */
  readonly nesterov?: boolean;
  /** Added to the gradient, times the weight; 0. */
  readonly weightDecay?: number;
}

/** Settings of one group of parameters. */
export interface SGDSettings {
  lr: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

/** `torch.optim.SGD` without dampening: v ← μ v + g, w ← w − lr v; with Nesterov's momentum w ← w − lr (g + μ v). */
export class SGD extends Optimizer<SGDSettings, 'momentum_buffer'> {
  /** @throws TorchError for Nesterov's momentum without a momentum. */
  constructor(parameters: OptimizedParameters<SGDSettings>, options: SGDOptions = {}) {
    const { lr = 1e-3, momentum = 0, nesterov = false, weightDecay = 0 } = options;
    super(parameters, { lr, momentum, nesterov, weightDecay }, ['momentum_buffer']);
    for (const group of this.groups)
      if (group.nesterov && !(group.momentum > 0))
        throw new TorchError('INVALID_ARGUMENT', 'SGD: nesterov needs a momentum above 0');
  }

  protected override update(turns: readonly Turn<SGDSettings, 'momentum_buffer'>[]): void {
    noGrad(() => {
      for (const turn of turns)
        scope(() => {
          const { parameter, group } = turn;
          ops.addInPlace(parameter.value, direction(turn), { alpha: -group.lr });
          parameter.refresh();
        });
    });
  }
}

/** What the learning rate is multiplied with; moves the momentum. */
function direction({ parameter, gradient, slots, group }: Turn<SGDSettings, 'momentum_buffer'>): Tensor {
  const { momentum, nesterov, weightDecay } = group;
  const { value } = parameter;
  const own = ops.toDtype(gradient, value.dtype);
  const decayed = weightDecay === 0 ? own : ops.add(own, value, { alpha: weightDecay });
  if (momentum === 0) return decayed;
  const velocity = ops.addInPlace(ops.mulInPlace(slots.momentum_buffer, momentum), decayed);
  return nesterov ? ops.add(decayed, velocity, { alpha: momentum }) : velocity;
}
