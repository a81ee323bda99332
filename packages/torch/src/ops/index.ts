/** The operators: typed wrappers of the allow-list, the native kernels, and any other by name. */

export type { MemoryFormat } from '../tensor-options.js';
export * from './convert.js';
export * from './generated.js';
export * from './kernels.js';
export { type OperatorCall, operator, recordOperators } from './operator.js';
export type { Reduction } from './reduction.js';
