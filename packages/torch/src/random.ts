/**
 * Random numbers with a state that can be saved: PyTorch's Mersenne Twister on the CPU. Depends on the binding and Tensor.
 */
import { binding, type Handle } from './binding.js';
import { Tensor } from './tensor.js';

/** A random generator; pass it to `ops.normalInPlace`, `ops.uniformInPlace`, … */
export class RandomGenerator {
  /** @internal */
  readonly handle: Handle;

  /** A CPU generator of its own, seeded. */
  constructor(seed: number);
  /** @internal one that libtorch owns. */
  constructor(existing: Handle);
  constructor(seedOrExisting: number | Handle) {
    if (typeof seedOrExisting !== 'number') {
      this.handle = seedOrExisting;
      return;
    }
    this.handle = binding.createGenerator();
    this.seed(seedOrExisting);
  }

  /** The generator that operators on a device use when none is given. */
  static default(device = 'cpu'): RandomGenerator {
    return new RandomGenerator(binding.defaultGenerator(device));
  }

  /** Starts the sequence of `seed`, a non-negative integer. */
  seed(seed: number): void {
    binding.seedGenerator(this.handle, seed);
  }

  /** The whole state, as bytes (uint8). */
  getState(): Tensor<'uint8'> {
    return new Tensor<'uint8'>(binding.getGeneratorState(this.handle));
  }

  /** Continues exactly where {@link getState} was taken. */
  setState(state: Tensor<'uint8'>): void {
    binding.setGeneratorState(this.handle, state.handle);
  }
}

/** Seeds the generator that operators use when none is given. */
export function manualSeed(seed: number, device = 'cpu'): void {
  RandomGenerator.default(device).seed(seed);
}
