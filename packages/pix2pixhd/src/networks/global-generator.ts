/**
 * GlobalGenerator, G1 of the paper (section 3.2, after Johnson et al., 2016). Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import {
  added,
  downsample,
  inputLayers,
  type NormKind,
  outputLayers,
  ResidualBlock,
  type SkipKind,
  SkippedOutput,
  type UpsampleKind,
  upsample,
} from './blocks.js';

/** Shape of a {@link GlobalGenerator}. */
export interface GlobalGeneratorOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Channels after the first convolution. */
  readonly ngf: number;
  /** At least 1. */
  readonly downsamplings: number;
  readonly blocks: number;
  readonly norm: NormKind;
  readonly upsample: UpsampleKind;
  /** None when left out. */
  readonly skips?: SkipKind;
}

/**
 * All layers up to the last ReLU, whose output a local enhancer adds to its own. Output: `ngf` channels at the input's size.
 * @returns layers in segments for gradient checkpointing, cut below the full resolution, where the outputs are smallest;
 *   with `skips: 'all'` also between the first layers and the first halving.
 */
export function globalTrunk(options: Omit<GlobalGeneratorOptions, 'outputChannels'>): nn.Module[][] {
  const { inputChannels, ngf, downsamplings, blocks, norm, skips = 'none' } = options;
  const segments: nn.Module[][] = [];
  for (let i = 0; i < downsamplings; i++) segments.push(downsample(norm, ngf * 2 ** i));
  const first = inputLayers(norm, inputChannels, ngf);
  if (skips === 'all') segments.unshift(first);
  else segments[0]!.unshift(...first);
  for (let i = 0; i < blocks; i++) segments.push([new ResidualBlock(norm, ngf * 2 ** downsamplings)]);
  for (let i = downsamplings; i > 0; i--) segments.push(upsample(norm, options.upsample, ngf * 2 ** i));
  return segments;
}

/** Runs a {@link globalTrunk} with `skips: 'all'`: what the first layers and the halvings made is added to the doublings. */
export function runSkippedTrunk(
  trunk: nn.Sequential,
  downsamplings: number,
  runner: nn.SegmentRunner,
  input: nn.SegmentInput,
): Tensor {
  const { segments } = trunk;
  const levels: nn.SegmentInput[] = [];
  let given = input;
  for (const [i, segment] of segments.entries()) {
    if (i < segments.length - downsamplings) {
      const output = runner.run(segment, given);
      // The deepest level has no doubling of its size.
      const kept = i < downsamplings;
      if (kept) levels.push({ tensor: output, lastUse: true });
      given = { tensor: output, lastUse: !kept };
    } else {
      given = { tensor: runner.run(added(segment), given, levels.pop()!), lastUse: true };
    }
  }
  return given.tensor;
}

/**
 * (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]; H and W multiples of 2^downsamplings. Keys `model.N…`; with
 * skips, the last convolution's are `output.…`.
 */
export class GlobalGenerator extends nn.SegmentedModule {
  readonly #model: nn.Sequential;
  readonly #downsamplings: number;
  readonly #skips: SkipKind;
  readonly #output: SkippedOutput | null;

  constructor(options: GlobalGeneratorOptions) {
    super();
    const { inputChannels, outputChannels, ngf, skips = 'none' } = options;
    const segments = globalTrunk(options);
    if (skips === 'none') segments.at(-1)!.push(...outputLayers(ngf, outputChannels));
    this.#model = this.child('model', nn.Sequential.ofSegments(segments));
    this.#output =
      skips === 'none' ? null : this.child('output', new SkippedOutput(ngf, inputChannels, outputChannels));
    this.#downsamplings = options.downsamplings;
    this.#skips = skips;
  }

  override forwardBy(runner: nn.SegmentRunner, input: nn.SegmentInput): Tensor {
    if (this.#output === null) return this.#model.forwardBy(runner, input);
    const kept = { tensor: input.tensor, lastUse: false };
    const features =
      this.#skips === 'all'
        ? runSkippedTrunk(this.#model, this.#downsamplings, runner, kept)
        : this.#model.forwardBy(runner, kept);
    return runner.run(this.#output.segment, { tensor: features, lastUse: true }, input);
  }
}
