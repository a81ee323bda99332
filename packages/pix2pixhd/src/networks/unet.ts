/**
 * UNetGenerator of pix2pix (Isola et al., CVPR 2017), the baseline. Keys as in the public PyTorch implementation. Depends
 * on blocks.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { type NormKind, norm } from './blocks.js';

/** Shape of a {@link UNetGenerator}. */
export interface UNetOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly ngf: number;
  /** Downsamplings by 2, at least 5: 8 for 256×256, 7 for 128×128. */
  readonly downsamplings: number;
  readonly norm: NormKind;
  /** Dropout of one half in the middle levels, pix2pix's noise. */
  readonly dropout: boolean;
}

/** One level: downsample, inner levels, upsample; its output is concatenated with its input. Keys `model.N…`. */
class UNetLevel extends nn.Module {
  readonly #body: nn.Sequential;
  readonly #outermost: boolean;

  constructor(layers: readonly nn.Module[], outermost: boolean) {
    super();
    this.#body = this.child('model', new nn.Sequential(layers));
    this.#outermost = outermost;
  }

  override forward(input: Tensor): Tensor {
    const output = this.#body.forward(input);
    return this.#outermost ? output : ops.cat([input, output], 1);
  }
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]; sides multiples of 2^downsamplings. Keys `model.model…`. */
export class UNetGenerator extends nn.SegmentedModule {
  readonly #model: nn.Module;

  constructor({ inputChannels, outputChannels, ngf, downsamplings, norm: kind, dropout }: UNetOptions) {
    super();
    if (downsamplings < 5) throw new RangeError(`UNetGenerator: ${downsamplings} downsamplings, at least 5 expected`);
    // A bias before batch norm has no effect, and the public checkpoints do not have one.
    const bias = kind === 'instance';
    const down = (from: number, to: number, withBias: boolean) =>
      new nn.Conv2d(from, to, 4, { stride: 2, padding: 1, bias: withBias });
    const up = (from: number, to: number, withBias: boolean) =>
      new nn.ConvTranspose2d(from, to, 4, { stride: 2, padding: 1, bias: withBias });

    const deepest = ngf * 8;
    let level: nn.Module = new UNetLevel(
      [
        new nn.LeakyReLU(0.2),
        down(deepest, deepest, bias),
        new nn.ReLU(),
        up(deepest, deepest, bias),
        norm(kind, deepest),
      ],
      false,
    );
    const wrap = (outer: number, inner: number, drop: boolean) => {
      const layers = [new nn.LeakyReLU(0.2), down(outer, inner, bias), norm(kind, inner), level];
      layers.push(new nn.ReLU(), up(inner * 2, outer, bias), norm(kind, outer));
      if (drop) layers.push(new nn.Dropout(0.5));
      level = new UNetLevel(layers, false);
    };
    for (let i = 0; i < downsamplings - 5; i++) wrap(deepest, deepest, dropout);
    for (const multiple of [4, 2, 1]) wrap(ngf * multiple, ngf * multiple * 2, false);
    this.#model = this.child(
      'model',
      new UNetLevel(
        [down(inputChannels, ngf, bias), level, new nn.ReLU(), up(ngf * 2, outputChannels, true), new nn.Tanh()],
        true,
      ),
    );
  }

  /** A single segment: between any two, the skip connections would have to be kept. */
  override forwardBy(runner: nn.SegmentRunner, input: nn.SegmentInput): Tensor {
    return runner.run(given => nn.consume(given, tensor => this.#model.forward(tensor)), input);
  }
}
