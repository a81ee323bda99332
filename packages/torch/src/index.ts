/**
 * libtorch for TypeScript: tensors, operators, autograd, layers, optimisers, files. Knows nothing of images or GANs.
 */
export * from './autograd.js';
export * from './cuda-graph.js';
export * from './dtype.js';
export type { DTypeOfArray } from './elements.js';
export { TorchError, type TorchErrorCode } from './errors.js';
export { fromData, type Given, type NestedNumbers, type TensorValues, tensor } from './from-values.js';
export * from './meta.js';
export { setDebug } from './native-errors.js';
export * as nn from './nn/index.js';
export {
  arange,
  empty,
  eye,
  full,
  linspace,
  ones,
  rand,
  randint,
  randn,
  randperm,
  zeros,
} from './ops/generated.js';
export * as ops from './ops/index.js';
export * as optim from './optim/index.js';
export { physicalCores } from './physical-cores.js';
export * from './profile/index.js';
export type { FloatDType, Floating, NumberKind, OfTensors, Operand, Promotion, Summed } from './promotion.js';
export * from './random.js';
export * from './runtime.js';
export * from './scope.js';
export * from './serialize/index.js';
export { memoryStats, Tensor } from './tensor.js';
export type { MemoryFormat, TensorFormat, TensorOptions } from './tensor-options.js';
