/**
 * A checkpoint: everything that a run needs to go on bit by bit, in one safetensors file. Depends on torch and config.
 *
 * Tensors: `G.<key>` and `D.<key>` are the state dicts, `EMA.<key>` that of the averaged generator and `E.<key>` the
 * encoder's where there are such; `optimG.exp_avg.<key>`, `optimG.exp_avg_sq.<key>` (and `optimD`, `optimE`) Adam's moments; `rng.<device>` the states of the default random generators; `pool.N` the image pool. The header's `state` is {@link CheckpointState}
 * as JSON. Weights are float32 whatever the run computes in. Header and tensors have checksums, which every read checks.
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
import { type AdamSteps, type CheckpointState, formatHeader, parseHeader } from './state.js';
import { unusable } from './unusable.js';

export type { CheckpointState } from './state.js';

/** What is saved and restored. */
export interface TrainedParts {
  readonly networks: {
    readonly generator: nn.Module;
    readonly discriminator: nn.Module;
    readonly encoder?: nn.Module | undefined;
  };
  readonly optimisers: {
    readonly generator: optim.Adam;
    readonly discriminator: optim.Adam;
    readonly encoder?: optim.Adam;
  };
  /** The generator with averaged weights, where they are kept. */
  readonly average: nn.Module | undefined;
}

/** The short names of the networks in tensor names. */
const letters = { generator: 'G', discriminator: 'D', encoder: 'E' } as const;
const networkNames = ['generator', 'discriminator', 'encoder'] as const;

/** State dicts of networks by their short names, as far as a file has them. */
export type NetworkWeights = Partial<Record<'G' | 'D' | 'E', ReadonlyMap<string, Tensor>>>;

/** The random generators that training draws from, by device: `cpu`, and `cuda:0` where that computes. */
export type RandomStates = ReadonlyMap<string, RandomGenerator>;

/** Writes a checkpoint; a crash leaves no half of one. */
export function saveCheckpoint(
  path: string,
  parts: TrainedParts,
  random: RandomStates,
  pool: readonly Tensor[],
  state: CheckpointState,
): void {
  const tensors = new Map<string, TensorData>();
  const steps: AdamSteps = {};
  const addNetwork = (prefix: string, network: nn.Module) => {
    for (const [key, tensor] of network.stateDict()) tensors.set(`${prefix}.${key}`, lazily(tensor));
  };
  for (const name of networkNames) {
    const network = parts.networks[name];
    if (network !== undefined) addNetwork(letters[name], network);
  }
  if (parts.average !== undefined) addNetwork('EMA', parts.average);
  for (const name of networkNames) {
    const prefix = `optim${letters[name]}`;
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
  pool.forEach((image, i) => {
    tensors.set(`pool.${i}`, image.toData());
  });
  writeSafetensors(path, tensors, formatHeader(state, steps));
}

/** Copies the bytes out only when they are written: a checkpoint of the paper's networks has two gigabytes. */
function lazily(tensor: Tensor): TensorData {
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    get bytes() {
      return tensor.toData().bytes;
    },
  };
}

/** Which parts of a checkpoint to read, by the beginnings of their tensors' names: the state is read always. */
const readable = {
  everything: [''],
  networks: ['G.', 'D.', 'E.', 'EMA.'],
  state: [],
} as const;

/** A checkpoint read from its file. */
export class Checkpoint {
  readonly path: string;
  readonly state: CheckpointState;
  /** The options as they are in the checkpoint's stage: what its networks are. */
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
   * @param part what is needed of it: optimiser and discriminator are most of the file.
   * @throws UserError naming the file when it is no checkpoint of this program or damaged, and the one before it.
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
   * Opens a checkpoint for the time of `use`: a tensor is read when it is asked for, so no more than one need be in
   * memory beside the networks that are restored.
   * @throws UserError naming the file when it is no checkpoint of this program or damaged, and the one before it.
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
   * Reads every tensor once, one at a time, for its checksum.
   * @throws FileFormatError naming the tensor that is damaged.
   */
  verify(): void {
    for (const tensor of this.#tensors.values()) tensor.bytes;
  }

  /**
   * Copies the generator's weights, averaged where the run keeps an average, into a network of the same shape.
   * @throws UserError where they do not fit.
   */
  restoreGenerator(network: nn.Module): void {
    this.#restoring(() => this.#restoreNetwork(this.#hasAverage() ? 'EMA' : 'G', network));
  }

  /**
   * Copies the encoder's weights into a network of the same shape.
   * @throws UserError where they do not fit.
   */
  restoreEncoder(network: nn.Module): void {
    this.#restoring(() => this.#restoreNetwork('E', network));
  }

  /** The state dicts of the live networks; the caller owns the tensors. */
  weights(): NetworkWeights {
    const found = Object.values(letters).flatMap(letter => {
      const state = this.#stateDict(letter);
      return state.size === 0 ? [] : [[letter, state] as const];
    });
    return Object.fromEntries(found);
  }

  /** A network's state dict as it lies in the file, `EMA` the averaged generator's; empty where there is none. */
  stateData(network: 'G' | 'D' | 'E' | 'EMA'): Map<string, TensorData> {
    const state = new Map<string, TensorData>();
    for (const [key, data] of this.#tensors)
      if (key.startsWith(`${network}.`)) state.set(key.slice(network.length + 1), data);
    return state;
  }

  /**
   * Copies weights and moments into a trainer's parts, and sets the random generators to their saved states. One whose
   * device the run did not use before keeps its own.
   * @throws UserError where something is missing or does not fit.
   */
  restore(parts: TrainedParts, random: RandomStates): void {
    this.#restoring(() => {
      for (const name of networkNames) {
        const network = parts.networks[name];
        if (network !== undefined) this.#restoreNetwork(letters[name], network);
      }
      // A run that keeps an average only from here on starts it at the weights as they are.
      if (parts.average !== undefined) this.#restoreNetwork(this.#hasAverage() ? 'EMA' : 'G', parts.average);
      for (const name of networkNames) {
        const optimiser = parts.optimisers[name];
        if (optimiser !== undefined) this.#restoreOptimiser(`optim${letters[name]}`, optimiser);
      }
      for (const [device, generator] of random) {
        const state = this.#tensors.get(`rng.${device}`);
        if (state !== undefined) scope(() => generator.setState(fromData(state) as Tensor<'uint8'>));
      }
    });
  }

  /** The image pool; the caller owns the tensors. */
  pool(): Tensor[] {
    return [...this.#tensors].filter(([key]) => key.startsWith('pool.')).map(([, data]) => fromData(data));
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

  #restoreNetwork(prefix: 'G' | 'D' | 'E' | 'EMA', network: nn.Module): void {
    network.loadStateDict(this.stateData(prefix));
  }

  #stateDict(prefix: 'G' | 'D' | 'E' | 'EMA'): Map<string, Tensor> {
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
