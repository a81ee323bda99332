/**
 * What a forward pass leaves in memory for the backward pass, layer by layer, from the shapes of the networks alone. Depends
 * on config and on the shapes in `networks.ts`. Mirrors the networks module and what the kernels save: a convolution its
 * (padded) input, a norm its input, an activation by itself its input; a norm with its activation saves no more.
 */
import type { TrainConfig } from '../config/schema.js';
import { conditionChannels, usesFeatures } from '../networks/build.js';

/** Images of one size. */
export interface Area {
  readonly images: number;
  readonly width: number;
  readonly height: number;
}

/** A convolution with its padding before, and norm and activation after it. Counts of elements. */
export interface Layer {
  /** Kept for the backward pass. */
  readonly kept: number;
  /** Alive beside that while the layer is differentiated: gradients of its output and of its input. */
  readonly passing: number;
  /** Weights, whose gradients stay until the update. */
  readonly weights: number;
}

/** What gradient checkpointing runs in one piece. */
export interface Segment {
  readonly layers: readonly Layer[];
  /** Elements of the output. */
  readonly output: number;
}

/** Pixels of an area with `pad` more on all sides. */
export function pixels({ images, width, height }: Area, pad = 0): number {
  return images * (width + 2 * pad) * (height + 2 * pad);
}

/** An area at half the resolution, `times` over. */
export function halved({ images, width, height }: Area, times = 1): Area {
  return { images, width: Math.ceil(width / 2 ** times), height: Math.ceil(height / 2 ** times) };
}

function layer(inputs: number, from: number, outputs: number, to: number, kernel: number): Layer {
  const [input, output] = [inputs * from, outputs * to];
  return { kept: input + output, passing: 2 * input + output, weights: inputs * outputs * kernel * kernel };
}

const conv7 = (inputs: number, outputs: number, at: Area) => layer(inputs, pixels(at, 3), outputs, pixels(at), 7);
const down = (width: number, at: Area) => layer(width, pixels(at), width * 2, pixels(halved(at)), 3);
const up = (width: number, to: Area) => layer(width, pixels(halved(to)), width / 2, pixels(to), 3);

function residualBlock(width: number, at: Area): Segment {
  const conv = layer(width, pixels(at, 1), width, pixels(at), 3);
  return { layers: [conv, conv], output: width * pixels(at) };
}

function joined(segments: readonly Segment[], extra: Segment): Segment[] {
  const last = segments.at(-1)!;
  return [...segments.slice(0, -1), { layers: [...last.layers, ...extra.layers], output: extra.output }];
}

/** The global generator's trunk, and the encoder's, which has no residual blocks. */
function trunk(inputs: number, ngf: number, downs: number, blocks: number, at: Area): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < downs; i++) {
    const width = ngf * 2 ** i;
    const layers = [...(i === 0 ? [conv7(inputs, ngf, at)] : []), down(width, halved(at, i))];
    segments.push({ layers, output: width * 2 * pixels(halved(at, i + 1)) });
  }
  for (let i = 0; i < blocks; i++) segments.push(residualBlock(ngf * 2 ** downs, halved(at, downs)));
  for (let i = downs; i > 0; i--) {
    const width = ngf * 2 ** i;
    segments.push({ layers: [up(width, halved(at, i - 1))], output: (width / 2) * pixels(halved(at, i - 1)) });
  }
  return segments;
}

function toImage(width: number, outputs: number, at: Area): Segment {
  return { layers: [conv7(width, outputs, at)], output: outputs * pixels(at) };
}

/** The segments of a run's generator, first to last. @param frozen only the newest enhancer is trained: it alone keeps anything. */
export function generatorSegments(config: TrainConfig, at: Area, frozen: boolean): Segment[] {
  const { netG, ngf, nDownsampleGlobal: downs, nBlocksGlobal: blocks, outputNc } = config;
  const inputs = conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0);
  if (netG === 'unet') return [unet(config, inputs, at)];
  if (netG === 'global') return joined(trunk(inputs, ngf, downs, blocks, at), toImage(ngf, outputNc, at));
  const levels = config.nLocalEnhancers;
  const segments = frozen ? [] : trunk(inputs, ngf * 2 ** levels, downs, blocks, halved(at, levels));
  for (let n = frozen ? levels : 1; n <= levels; n++) {
    const width = ngf * 2 ** (levels - n);
    const here = halved(at, levels - n);
    const below = halved(here);
    const output = width * 2 * pixels(below);
    segments.push({ layers: [conv7(inputs, width, here), down(width, here)], output });
    for (let i = 0; i < config.nBlocksLocal; i++) segments.push(residualBlock(width * 2, below));
    segments.push({ layers: [up(width * 2, here)], output: width * pixels(here) });
  }
  return joined(segments, toImage(ngf, outputNc, at));
}

/** Norms and activations lie apart here, and every level's input is kept for the skip. */
function unet({ ngf, nDownsampleUnet: levels, outputNc }: TrainConfig, inputs: number, at: Area): Segment {
  const layers: Layer[] = [];
  const widthOf = (level: number) => ngf * Math.min(8, 2 ** level);
  for (let i = 0; i < levels; i++) {
    const to = pixels(halved(at, i + 1));
    const descend = layer(i === 0 ? inputs : widthOf(i - 1), pixels(halved(at, i)), widthOf(i), to, 4);
    layers.push({ ...descend, kept: descend.kept + widthOf(i) * to });
  }
  for (let i = levels - 1; i >= 0; i--) {
    const joinedWidth = widthOf(i) * (i === levels - 1 ? 1 : 2);
    const from = pixels(halved(at, i + 1));
    const ascend = layer(joinedWidth, from, i === 0 ? outputNc : widthOf(i - 1), pixels(halved(at, i)), 4);
    layers.push({ ...ascend, kept: ascend.kept + joinedWidth * from });
  }
  return { layers, output: outputNc * pixels(at) };
}

/** The segments of a run's encoder; none where it has none. */
export function encoderSegments(config: TrainConfig, at: Area): Segment[] {
  if (!usesFeatures(config) || config.loadFeatures) return [];
  const { nef, nDownsampleE, featNum, outputNc } = config;
  return joined(trunk(outputNc, nef, nDownsampleE, 0, at), toImage(nef, featNum, at));
}

/** What the discriminators keep of one pass: elements, the input of every scale included. */
export function discriminatorKept(config: TrainConfig, at: Area): number {
  const inputs = conditionChannels(config) + config.outputNc;
  let kept = 0;
  for (let scale = 0; scale < config.numD; scale++) {
    let { images, width, height } = halved(at, scale);
    kept += inputs * pixels({ images, width, height });
    for (let i = 0; i <= config.nLayersD; i++) {
      // Zeros of two pixels around a kernel of four: a side grows by one where it is not halved evenly.
      const stride = i < config.nLayersD ? 2 : 1;
      width = Math.floor(width / stride) + 1;
      height = Math.floor(height / stride) + 1;
      // Before and after the activation.
      kept += 2 * Math.min(config.ndf * 2 ** i, 512) * pixels({ images, width, height });
    }
  }
  return kept;
}

/**
 * Channels that VGG19 keeps a pixel of the image, its max-pools' indices apart: all 13 convolutions (their ReLU is in
 * place) and the four pools of a generated image, five maps of a real one.
 */
export const vggKept = {
  fake: 64 * 2 + (128 * 2 + 64) / 4 + (256 * 4 + 128) / 16 + (512 * 4 + 256) / 64 + (512 + 512) / 256,
  real: 64 + 128 / 4 + 256 / 16 + 512 / 64 + 512 / 256,
  /** Max-pools keep where the maximum was, in eight bytes. */
  indexBytes: 8 * (64 / 4 + 128 / 16 + 256 / 64 + 512 / 256),
  weights: 12_944_960,
} as const;
