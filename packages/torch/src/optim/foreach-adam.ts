/**
 * Adam's update of many parameters by operators that each take a list: on a GPU a few launches in all instead of
 * a dozen per parameter. CUDA has one operator for all of it, which reads and writes everything once; other devices
 * have one for each term. Depends on ops.
 */

import { noGrad } from '../autograd.js';
import { TorchError } from '../errors.js';
import * as ops from '../ops/index.js';
import { hasOperator, operator } from '../ops/operator.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** One parameter's update. */
export interface AdamUpdate {
  readonly param: Tensor;
  readonly expAvg: Tensor;
  readonly expAvgSq: Tensor;
  readonly gradient: Tensor;
  /** Receives the new weights in bfloat16 when given. */
  readonly bf16Copy: Tensor | null;
  /** 1 for the first update. */
  readonly step: number;
}

/** What is the same for all parameters. */
export interface AdamFactors {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** Elements whose gradients in float32, and denominators where they are tensors, are held at a time: 2 · 128 MiB. */
const mostElements = 2 ** 25;

const addList = operator('aten::_foreach_add_', 'List');
const addScalar = operator('aten::_foreach_add_', 'Scalar');
const mulScalar = operator('aten::_foreach_mul_', 'Scalar');
const divScalars = operator('aten::_foreach_div_', 'ScalarList');
const addcmul = operator('aten::_foreach_addcmul_', 'Scalar');
const addcdivScalars = operator('aten::_foreach_addcdiv_', 'ScalarList');
const sqrt = operator('aten::_foreach_sqrt');
const fusedAdam = operator('aten::_fused_adam_');
const copyList = operator('aten::_foreach_copy_');

/**
 * The arithmetic of {@link ops.adamStep}, on any device; except on CUDA rounded after every operator.
 * @throws RangeError before anything is changed where a tensor has another shape than its parameter.
 */
export function foreachAdamStep(updates: readonly AdamUpdate[], factors: AdamFactors): void {
  for (const { param, expAvg, expAvgSq, gradient, bf16Copy } of updates)
    for (const other of [expAvg, expAvgSq, gradient, ...(bf16Copy ? [bf16Copy] : [])])
      if (String(other.shape) !== String(param.shape))
        throw new TorchError(
          'SHAPE_MISMATCH',
          `Adam: a gradient, moment or bf16Copy has shape [${other.shape}], expected [${param.shape}]`,
        );
  const cuda = updates.every(({ param }) => param.device.startsWith('cuda'));
  const update = cuda ? updateFused : updateByTerms;
  noGrad(() => {
    for (const some of inParts(updates)) scope(() => update(some, factors));
  });
}

/** In one kernel for many tensors, whose lists must agree in dtype and in order of memory. */
function updateFused(updates: readonly AdamUpdate[], { lr, beta1, beta2, eps }: AdamFactors): void {
  const params = updates.map(({ param }) => param);
  const gradients = gradientsLike(updates);
  const averages = updates.map(({ expAvg }) => expAvg);
  const squares = updates.map(({ expAvgSq }) => expAvgSq);
  const { device } = params[0]!;
  const counts = new Map<number, Tensor>();
  const steps = updates.map(({ step }) => {
    const count = counts.get(step) ?? ops.full([], step, { device, dtype: 'float32' });
    counts.set(step, count);
    return count;
  });
  // No squares' maxima (AMSGrad), no weight decay, no ascent.
  fusedAdam([params, gradients, averages, squares, [], steps, lr, beta1, beta2, 0, eps, false, false]);
  const lowered = updates.filter(({ bf16Copy }) => bf16Copy !== null);
  copyEach(
    lowered.map(({ bf16Copy }) => bf16Copy!),
    lowered.map(({ param }) => param),
  );
}

/** Gradients in the dtype and the order of memory of their parameters. */
function gradientsLike(updates: readonly AdamUpdate[]): Tensor[] {
  const gradients = updates.map(({ gradient, param }) =>
    gradient.dtype === param.dtype && String(gradient.strides) === String(param.strides)
      ? gradient
      : ops.emptyLike(param),
  );
  const changed = updates.map((_, i) => i).filter(i => gradients[i] !== updates[i]!.gradient);
  copyEach(
    changed.map(i => gradients[i]!),
    changed.map(i => updates[i]!.gradient),
  );
  return gradients;
}

/** Copies each tensor into another, in few launches where libtorch can (from 2.2 on). */
function copyEach(to: readonly Tensor[], from: readonly Tensor[]): void {
  if (to.length === 0) return;
  if (hasOperator('aten::_foreach_copy_')) copyList([to, from]);
  else for (const [i, tensor] of to.entries()) ops.copyInPlace(tensor, from[i]!);
}

function updateByTerms(updates: readonly AdamUpdate[], { lr, beta1, beta2, eps }: AdamFactors): void {
  const params = updates.map(({ param }) => param);
  const averages = updates.map(({ expAvg }) => expAvg);
  const squares = updates.map(({ expAvgSq }) => expAvgSq);
  const gradients = updates.map(({ gradient, param }) => ops.toDtype(gradient, param.dtype));
  mulScalar([averages, beta1]);
  addList([averages, gradients, 1 - beta1]);
  mulScalar([squares, beta2]);
  addcmul([squares, gradients, gradients, 1 - beta2]);
  const denominators = sqrt([squares]);
  divScalars([denominators, updates.map(({ step }) => Math.sqrt(1 - beta2 ** step))]);
  addScalar([denominators, eps]);
  addcdivScalars([params, averages, denominators, updates.map(({ step }) => -lr / (1 - beta1 ** step))]);
  for (const { param, bf16Copy } of updates) if (bf16Copy !== null) ops.copyInPlace(bf16Copy, param);
}

/** In order, each part of at most {@link mostElements} elements or one parameter. */
function* inParts(updates: readonly AdamUpdate[]): Generator<AdamUpdate[]> {
  let part: AdamUpdate[] = [];
  let elements = 0;
  for (const one of updates) {
    if (part.length > 0 && elements + one.param.numel > mostElements) {
      yield part;
      part = [];
      elements = 0;
    }
    part.push(one);
    elements += one.param.numel;
  }
  if (part.length > 0) yield part;
}
