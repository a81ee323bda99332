/**
 * The weights in the folder of an official training. Depends on torch's file reader, the keys and the shapes' facts.
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError, fromData, type nn, readStateDict, scope, type TensorData } from '@pix2pixhd/torch';
import type { NetworkLetter } from '../checkpoint/network-names.js';
import { isRunningStatistic, toGroupedDiscriminator, withoutDataParallel } from '../checkpoint/official-keys.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';
import { checkFit } from './fit.js';
import {
  discriminatorFacts,
  encoderFacts,
  generatorFacts,
  patchFacts,
  type ShapeFacts,
  type Shapes,
  unetFacts,
} from './shape-facts.js';

/** What the shapes of a network's weights reveal. */
function factsOf(letter: NetworkLetter, { model }: TrainConfig, shapes: Shapes): ShapeFacts {
  if (letter === 'E') return encoderFacts(shapes);
  if (letter.startsWith('D')) return model === 'pix2pixHD' ? discriminatorFacts(shapes) : patchFacts(shapes);
  if (model === 'pix2pix') return unetFacts(shapes);
  const facts = generatorFacts(shapes);
  if (letter !== 'G_B') return facts;
  // What it makes is what the other one takes.
  const { outputNc, ...options } = facts.options;
  return { ...facts, options: { ...options, ...(outputNc !== undefined && { inputNc: outputNc }) } };
}

/** `num_batches_tracked` of a fresh batch norm. */
const noBatches: TensorData = { dtype: 'int64', shape: [], bytes: new Uint8Array(8) };

/** The weights in an official folder. */
export class OfficialFiles {
  readonly #folder: string;
  readonly #whichEpoch: string;
  readonly #config: TrainConfig;
  readonly #notices: string[];

  constructor(folder: string, whichEpoch: string, config: TrainConfig, notices: string[]) {
    this.#folder = folder;
    this.#whichEpoch = whichEpoch;
    this.#config = config;
    this.#notices = notices;
  }

  pathOf(letter: NetworkLetter): string {
    return join(this.#folder, `${this.#whichEpoch}_net_${letter}.pth`);
  }

  /**
   * Copies a file's weights into a network; without a file, all but the generator keep their fresh weights. The public pretrained
   * models of CycleGAN have the generator of one direction alone, under the name `G`.
   * @throws UserError if the file does not fit the network, or the generator has none.
   */
  fill(network: nn.Module, letter: NetworkLetter, what: string, inputChannels: number): void {
    const alone = letter === 'G_A' && !existsSync(this.pathOf('G_A')) && existsSync(this.pathOf('G'));
    if (alone) this.#notices.push(`${this.pathOf('G')} is taken as the generator from A to B`);
    const file = this.pathOf(alone ? 'G' : letter);
    if (!existsSync(file)) {
      if (letter === 'G' || letter === 'G_A') throw this.#noGenerator(file);
      this.#notices.push(`there is no ${file}: the ${what} starts with fresh weights (seed ${this.#config.seed})`);
      return;
    }
    const state = this.#asOurs(readOfficial(file), letter, network, file);
    const own = network.stateDict();
    const found = shapesOf(state);
    const facts = factsOf(letter, this.#config, found);
    checkFit({ file, what, found, expected: shapesOf(own), facts, inputChannels, config: this.#config });
    scope(() => network.loadStateDict(new Map([...state].map(([key, data]) => [key, fromData(data)]))));
  }

  /** The state dict with our keys: running statistics that our network does not use are dropped, missing counts added. */
  #asOurs(
    official: ReadonlyMap<string, TensorData>,
    letter: NetworkLetter,
    network: nn.Module,
    file: string,
  ): Map<string, TensorData> {
    const plain = withoutDataParallel(official);
    const state = letter === 'D' ? toGroupedDiscriminator(plain) : plain;
    const statistics = [...state.keys()].filter(isRunningStatistic);
    if (this.#config.norm === 'instance' && statistics.length > 0) {
      for (const key of statistics) state.delete(key);
      this.#notices.push(
        `${file}: ${statistics.length} running statistics are left out: PyTorch before 0.4 stored them for instance norm, which does not use them`,
      );
    }
    // Batch norm counts its batches since PyTorch 0.4; with a momentum the count is not used.
    for (const key of network.stateDict().keys()) {
      const mean = key.replace(/num_batches_tracked$/, 'running_mean');
      if (mean !== key && !state.has(key) && state.has(mean)) state.set(key, noBatches);
    }
    return state;
  }

  #noGenerator(file: string): UserError {
    if (isOnnx(this.#folder))
      return new UserError({
        code: 'CHECKPOINT_UNSUITABLE',
        doing: 'importing an official checkpoint',
        where: this.#folder,
        found:
          'an ONNX file: a graph to generate with, whose weights may be rounded, and which lacks the discriminator that training needs',
        expected: 'a folder with latest_net_G.pth',
        remedy: 'import the .pth files that it was made of, or generate with it by ONNX Runtime (docs/onnx.md)',
      });
    return new UserError({
      code: 'FILE_NOT_FOUND',
      doing: 'importing an official checkpoint',
      where: file,
      found: existsSync(this.#folder) ? 'no such file' : `no folder ${this.#folder}`,
      expected: "the generator's weights",
      remedy: 'check --from, and give the epoch of the file with --which-epoch',
    });
  }
}

/** Whether a path is an ONNX file, or a folder with one. */
function isOnnx(path: string): boolean {
  const named = (name: string) => /\.onnx$/i.test(name);
  if (named(path)) return true;
  return existsSync(path) && statSync(path).isDirectory() && readdirSync(path).some(named);
}

function shapesOf(state: ReadonlyMap<string, { readonly shape: readonly number[] }>): Shapes {
  return new Map([...state].map(([key, { shape }]) => [key, shape]));
}

function readOfficial(file: string): Map<string, TensorData> {
  try {
    return readStateDict(file);
  } catch (cause) {
    if (!(cause instanceof FileFormatError)) throw cause;
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading the weights of an official checkpoint',
        where: file,
        found: cause.problem,
        expected: 'the state dict of a network, as written by torch.save; nothing in the file is executed',
        remedy: 'download or copy the file again; do not trust it if it holds more than tensors',
      },
      { cause },
    );
  }
}
