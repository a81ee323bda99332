/** The operators: typed wrappers of the allow-list, the native kernels, and any other by name. */
export * from './generated.js';
export * from './kernels.js';
export { operator } from './operator.js';
