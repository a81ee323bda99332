/**
 * A checkpoint: everything that a run needs to resume bit for bit, in one safetensors file. Depends on torch and config.
 *
 * Tensors: `G.<key>` and `D.<key>` are the state dicts, `EMA.<key>` and `E.<key>` those of the generator's EMA and of the
 * encoder if the run has them, `G_A.<key>`, `G_B.…`, `D_A.…`, `D_B.…` those of CycleGAN; `optimG.exp_avg.<key>` and
 * `optimG.exp_avg_sq.<key>` (also `optimD`, …) are Adam's moments, `rng.<device>` the states of the default random generators,
 * `pool.N` the image pool (CycleGAN's two: `poolA.N`, `poolB.N`). The header's `state` is
 * {@link CheckpointState} as JSON. Weights are float32 whatever dtype the run computes in. Header and tensors have checksums,
 * which every read checks.
 */
import {
  FileFormatError,
  fromData,
  type nn,
  type optim,
  type RandomGenerator,
  readSafetensors,
  type SafetensorsContent,
  scope,
  type Tensor,
  type TensorData,
  withSafetensors,
  writeSafetensors,
} from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { stageOf } from '../config/stages.js';
import { letterOf, type NetworkLetter, type NetworkName, networkLetters, networkNames } from './network-names.js';
import { type AdamSteps, type CheckpointState, formatHeader, parseHeader } from './state.js';
import { unusable } from './unusable.js';

export type { CheckpointState, ValidationState } from './state.js';

/** What is saved and restored. */
export interface TrainedParts {
  readonly networks: Readonly<Partial<Record<NetworkName, nn.Module | undefined>>>;
  readonly optimisers: Readonly<Partial<Record<NetworkName, optim.Adam | undefined>>>;
  /** The EMA of the generator, if the run keeps one. */
  readonly average: nn.Module | undefined;
}

/** The state dicts that a file has, by the networks' short names. */
export type NetworkWeights = Partial<Record<NetworkLetter, ReadonlyMap<string, Tensor>>>;

/** The images of each pool, by its name. */
export type PoolImages = ReadonlyMap<string, readonly Tensor[]>;

/** The random generators that training draws from, by device: `cpu`, and `cuda:0` if the run computes there. */
export type RandomStates = ReadonlyMap<string, RandomGenerator>;

/** Writes a checkpoint, atomically: a crash leaves no partial file. */
export function saveCheckpoint(
  path: string,
  parts: TrainedParts,
  random: RandomStates,
  pools: PoolImages,
  state: CheckpointState,
): void {
  const tensors = new Map<string, TensorData>();
  const steps: AdamSteps = {};
  const addNetwork = (prefix: string, network: nn.Module) => {
    for (const [key, tensor] of network.stateDict()) tensors.set(`${prefix}.${key}`, lazily(tensor));
  };
  for (const name of networkNames) {
    const network = parts.networks[name];
    if (network !== undefined) addNetwork(letterOf(name), network);
  }
  if (parts.average !== undefined) addNetwork('EMA', parts.average);
  for (const name of networkNames) {
    const prefix = `optim${letterOf(name)}`;
    const moments = parts.optimisers[name]?.state();
    if (moments === undefined) continue;
    steps[prefix] = {};
    for (const [key, { step, exp_avg, exp_avg_sq }] of moments) {
      steps[prefix][key] = step;
      tensors.set(`${prefix}.exp_avg.${key}`, lazily(exp_avg));
      tensors.set(`${prefix}.exp_avg_sq.${key}`, lazily(exp_avg_sq));
    }
  }
  for (const [device, generator] of random) {
    tensors.set(
      `rng.${device}`,
      scope(() => generator.getState().toData()),
    );
  }
  for (const [name, images] of pools)
    images.forEach((image, i) => {
      tensors.set(`${name}.${i}`, image.toData());
    });
  writeSafetensors(path, tensors, formatHeader(state, steps));
}

/** Copies the bytes out only when they are written: a checkpoint of the paper's networks takes two gigabytes. */
function lazily(tensor: Tensor): TensorData {
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    get bytes() {
      return tensor.toData().bytes;
    },
  };
}

/** The parts of a checkpoint that can be read, by prefixes of tensor names; the state is always read. */
const readable: Readonly<Record<'everything' | 'networks' | 'state', readonly string[]>> = {
  everything: [''],
  networks: [...networkLetters, 'EMA'].map(letter => `${letter}.`),
  state: [],
};

/** A checkpoint read from its file. */
export class Checkpoint {
  readonly path: string;
  readonly state: CheckpointState;
  /** The options of the checkpoint's stage, which describe its networks. */
  readonly stageConfig: TrainConfig;
  readonly #tensors: ReadonlyMap<string, TensorData>;
  readonly #steps: AdamSteps;

  private constructor(
    path: string,
    state: CheckpointState,
    steps: AdamSteps,
    tensors: ReadonlyMap<string, TensorData>,
  ) {
    this.path = path;
    this.state = state;
    this.stageConfig = stageOf(state.config, state.stage).config;
    this.#steps = steps;
    this.#tensors = tensors;
  }

  /**
   * @param part what to read: optimisers and discriminator are most of the file.
   * @throws UserError naming the file if it is damaged or not a checkpoint of this program, and an older one to use.
   */
  static read(path: string, part: keyof typeof readable = 'everything'): Checkpoint {
    try {
      const wanted = (name: string) => readable[part].some(start => name.startsWith(start));
      return Checkpoint.#of(path, readSafetensors(path, wanted));
    } catch (cause) {
      throw unusable(path, cause);
    }
  }

  /**
   * Opens a checkpoint for the duration of `use`. Tensors are read on access, so no more than one at a time need be in
   * memory beside the networks being restored.
   * @throws UserError naming the file if it is damaged or not a checkpoint of this program, and an older one to use.
   */
  static using<T>(path: string, use: (checkpoint: Checkpoint) => T): T {
    let opened = false;
    try {
      return withSafetensors(path, content => {
        const checkpoint = Checkpoint.#of(path, content);
        opened = true;
        return use(checkpoint);
      });
    } catch (cause) {
      throw opened && !(cause instanceof FileFormatError) ? cause : unusable(path, cause);
    }
  }

  static #of(path: string, content: SafetensorsContent): Checkpoint {
    const { state, steps } = parseHeader(path, content);
    return new Checkpoint(path, state, steps, content.tensors);
  }

  /**
   * Reads every tensor once, one at a time, to check its checksum.
   * @throws FileFormatError naming the damaged tensor.
   */
  verify(): void {
    for (const tensor of this.#tensors.values()) tensor.bytes;
  }

  /**
   * Copies the generator's weights (their EMA if the run keeps one) into a network of the same shape.
   * @param letter which generator, where there are two.
   * @param live the weights as trained, even if there is an EMA of them.
   * @throws UserError if they do not fit.
   */
  restoreGenerator(network: nn.Module, letter: 'G' | 'G_A' | 'G_B' = 'G', live = false): void {
    this.#restoring(() => this.#restoreNetwork(this.#hasAverage() && !live ? 'EMA' : letter, network));
  }

  /**
   * Copies the encoder's weights into a network of the same shape.
   * @throws UserError if they do not fit.
   */
  restoreEncoder(network: nn.Module): void {
    this.#restoring(() => this.#restoreNetwork('E', network));
  }

  /** The state dicts of the networks as trained, not averaged; the caller owns the tensors. */
  weights(): NetworkWeights {
    const found = networkLetters.flatMap(letter => {
      const state = this.#stateDict(letter);
      return state.size === 0 ? [] : [[letter, state] as const];
    });
    return Object.fromEntries(found);
  }

  /** A network's state dict as stored, `EMA` being the averaged generator; empty if the file has none. */
  stateData(network: NetworkLetter | 'EMA'): Map<string, TensorData> {
    const state = new Map<string, TensorData>();
    for (const [key, data] of this.#tensors)
      if (key.startsWith(`${network}.`)) state.set(key.slice(network.length + 1), data);
    return state;
  }

  /**
   * Copies weights and moments into a trainer's parts, and sets the random generators to their saved states. A generator
   * whose device the run did not use before keeps its state.
   * @throws UserError if something is missing or does not fit.
   */
  restore(parts: TrainedParts, random: RandomStates): void {
    this.#restoring(() => {
      for (const name of networkNames) {
        const network = parts.networks[name];
        if (network !== undefined) this.#restoreNetwork(letterOf(name), network);
      }
      // A run that keeps an EMA only from here on starts it at the current weights.
      if (parts.average !== undefined) this.#restoreNetwork(this.#hasAverage() ? 'EMA' : 'G', parts.average);
      for (const name of networkNames) {
        const optimiser = parts.optimisers[name];
        if (optimiser !== undefined) this.#restoreOptimiser(`optim${letterOf(name)}`, optimiser);
      }
      for (const [device, generator] of random) {
        const state = this.#tensors.get(`rng.${device}`);
        if (state !== undefined) scope(() => generator.setState(fromData(state) as Tensor<'uint8'>));
      }
    });
  }

  /** The images of the pool of a name; the caller owns the tensors. */
  pool(name: string): Tensor[] {
    return [...this.#tensors].filter(([key]) => key.startsWith(`${name}.`)).map(([, data]) => fromData(data));
  }

  #hasAverage(): boolean {
    return this.state.config.ema > 0;
  }

  #restoring(copy: () => void): void {
    try {
      copy();
    } catch (cause) {
      throw unusable(this.path, cause);
    }
  }

  #tensor(key: string): TensorData {
    const data = this.#tensors.get(key);
    if (data === undefined) throw new Error(`no tensor ${key}`);
    return data;
  }

  #restoreNetwork(prefix: NetworkLetter | 'EMA', network: nn.Module): void {
    network.loadStateDict(this.stateData(prefix));
  }

  #stateDict(prefix: NetworkLetter | 'EMA'): Map<string, Tensor> {
    return new Map([...this.stateData(prefix)].map(([key, data]) => [key, fromData(data)]));
  }

  #restoreOptimiser(prefix: string, optimiser: optim.Adam): void {
    for (const [key, step] of Object.entries(this.#steps[prefix] ?? {})) {
      scope(() => {
        const exp_avg = fromData(this.#tensor(`${prefix}.exp_avg.${key}`));
        const exp_avg_sq = fromData(this.#tensor(`${prefix}.exp_avg_sq.${key}`));
        optimiser.loadState(new Map([[key, { step, exp_avg, exp_avg_sq }]]));
      });
    }
  }
}
