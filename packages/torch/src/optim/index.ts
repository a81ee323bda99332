/** Optimisers and learning-rate schedulers. */
export * from './adam.js';
export * from './lr-scheduler.js';
export * from './optimizer.js';
export * from './sgd.js';
