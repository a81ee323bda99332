/**
 * How tensors are asked for: type, place and order in memory. Depends on the names of the element types.
 */
import type { DType } from './dtype.js';

/** How the axes of a tensor are ordered in memory: PyTorch's names. */
export type MemoryFormat = 'contiguous' | 'channels_last' | 'preserve';

/** What a function that makes a tensor takes beside its sizes and values. */
export interface TensorOptions<D extends DType = DType> {
  readonly dtype?: D | undefined;
  /** `cpu` (the default), `cuda:0`, … */
  readonly device?: string | undefined;
  /** In memory that a CUDA device copies from while the CPU goes on; on the CPU, and only where there is such a device. */
  readonly pinned?: boolean | undefined;
}

/** Where a tensor is and how it is stored: what `to` changes. What is left out stays as it is. */
export interface TensorFormat<D extends DType = DType> {
  /** `cpu`, `cuda:0`, … */
  readonly device?: string | undefined;
  readonly dtype?: D | undefined;
  readonly memoryFormat?: MemoryFormat | undefined;
}
