/** Optimisers. */
export * from './adam.js';
