/**
 * Seeded random numbers: what is drawn depends on the seeds alone. Depends on nothing.
 *
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded
 * through MurmurHash3's 32-bit finaliser.
 */

/** The complete state of a {@link Random}: four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** A small, fast generator whose state can be saved and restored. Not for secrets. */
export class Random {
  readonly #s: Uint32Array;

  /** Seed from any number of integers; each counts, and so does their order. */
  constructor(...seeds: readonly number[]) {
    this.#s = expand(seeds);
  }

  /** The state, to be given to {@link Random.fromState}. */
  get state(): RandomState {
    const [a, b, c, d] = this.#s;
    return [a!, b!, c!, d!];
  }

  /** A generator that goes on where the one that gave the state stood. */
  static fromState(state: RandomState): Random {
    const random = new Random();
    random.#s.set(state);
    return random;
  }

  /** The next 32 bits, as an unsigned integer. */
  uint32(): number {
    const s = this.#s;
    const s1 = s[1]!;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = s[2]! ^ s[0]!;
    s[3] = s[3]! ^ s1;
    s[1] = s1 ^ s[2]!;
    s[0] = s[0]! ^ s[3]!;
    s[2] = s[2]! ^ (s1 << 9);
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** A uniform real in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** A uniform integer in [0, bound), for a bound of 1…2³²; without bias, by rejection. */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x100000000) {
      throw new RangeError(`Random.integer: the bound must be an integer from 1 to 2^32, not ${bound}`);
    }
    const usable = 0x100000000 - (0x100000000 % bound);
    let value = this.uint32();
    while (value >= usable) value = this.uint32();
    return value % bound;
  }
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** Absorb the seeds, both halves of each, into one word and expand it to a state. */
function expand(seeds: readonly number[]): Uint32Array {
  const state = new Uint32Array(4);
  let lane = 0;
  for (const seed of seeds) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`a random seed must be a whole number, not ${seed}`);
    for (const word of [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0]) {
      for (let k = 0; k < 4; k++) {
        lane = (lane + 0x9e3779b9) >>> 0;
        state[k] = mix((state[k]! ^ word) + lane);
      }
    }
  }
  for (let k = 0; k < 4; k++) state[k] = mix(state[k]! + Math.imul(k + 1, 0x9e3779b9));
  // All zeros is the one state the generator cannot leave.
  if (state.every(word => word === 0)) state[0] = 1;
  return state;
}

/** MurmurHash3's finaliser: a bijection of 32-bit words in which every input bit reaches every output bit. */
function mix(value: number): number {
  let z = value >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
