/** How a generator is loaded. Types only. */
import type { WhichCheckpoint } from './find-generator.js';

/** How a generator is loaded. */
export interface LoadOptions {
  /** Which checkpoint of a run; default `latest`. */
  readonly checkpoint?: WhichCheckpoint | undefined;
  /** Of a run of CycleGAN: from domain A to domain B, the default, or back. */
  readonly direction?: 'AtoB' | 'BtoA' | undefined;
  /** Where to compute; default `auto`: the first GPU where there is one that libtorch can use, else the CPU. */
  readonly device?: 'auto' | 'cpu' | 'cuda' | `cuda:${number}` | undefined;
  /** What to compute in; default `auto`: `bf16` where the hardware multiplies it, else `fp32`. */
  readonly precision?: 'auto' | 'fp32' | 'bf16' | undefined;
  /**
   * Computes in a thread of its own: the program stays responsive while an image is made. The networks are in the memory of the
   * process either way. Default: false.
   */
  readonly worker?: boolean | undefined;
  /**
   * CPU threads inside one operator, of a generator with `worker`; default: one per physical core. Without `worker` the number
   * is that of the calling thread: {@link configureProcess}.
   */
  readonly threads?: number | undefined;
  /** Called with what was done to inputs that their owner may not expect, once for each kind. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}
