/**
 * libtorch for TypeScript: tensors, operators, autograd, layers, optimisers, files. Knows nothing of images or GANs.
 */
export * from './autograd.js';
export * from './cuda-graph.js';
export * from './dtype.js';
export type { DTypeOfArray } from './elements.js';
export * as nn from './nn/index.js';
export * as ops from './ops/index.js';
export * as optim from './optim/index.js';
export { physicalCores } from './processors.js';
export * from './profile/index.js';
export * from './random.js';
export * from './runtime.js';
export * from './scope.js';
export * from './serialize/index.js';
export { fromData, memoryStats, Tensor, tensor } from './tensor.js';
export * from './upload.js';
