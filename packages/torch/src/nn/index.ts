/** Layers, with PyTorch's semantics and state-dict keys. */
export * from './activation.js';
export * from './convolution.js';
export * from './dropout.js';
export * from './gradient-checkpointing.js';
export { skipInit, skipsInit } from './initial.js';
export * from './linear.js';
export * from './module.js';
export * from './normalization.js';
export * from './parameter.js';
export * from './segmented.js';
export * from './sequential.js';
export * from './spatial.js';
