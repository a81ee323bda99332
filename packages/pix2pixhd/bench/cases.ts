/**
 * The sizes to measure, and how much arithmetic each one takes. Depends on config only.
 */
import { type TrainConfig, trainSchema } from '../src/config/schema.js';

/** One row of the table. */
export interface BenchCase {
  readonly name: string;
  readonly job: 'train' | 'infer' | 'loader';
  readonly width: number;
  readonly height: number;
  readonly config: TrainConfig;
}

function bench(
  name: string,
  job: BenchCase['job'],
  width: number,
  height: number,
  options: Partial<TrainConfig> = {},
): BenchCase {
  const config = trainSchema.parse({ dataroot: 'bench', name: 'bench', labelNc: 35, ...options });
  return { name, job, width, height, config };
}

const small = { batchSize: 4, ngf: 32, nDownsampleGlobal: 3, nBlocksGlobal: 6, ndf: 32 } as const;

/** All rows, in the order of the table. */
export const benchCases: readonly BenchCase[] = [
  bench('train 512x256', 'train', 512, 256),
  bench('train 1024x512', 'train', 1024, 512),
  bench('train small', 'train', 256, 128, small),
  bench('infer 1024x512', 'infer', 1024, 512),
  bench('infer 2048x1024', 'infer', 2048, 1024, { netG: 'local', ngf: 32 }),
  bench('loader', 'loader', 2048, 1024),
  bench('loader cached', 'loader', 2048, 1024, { cacheDir: 'cache' }),
];

/** Multiplications and additions of one pass over a convolution. */
function conv(inputs: number, outputs: number, kernel: number, outputPixels: number): number {
  return 2 * inputs * outputs * kernel * kernel * outputPixels;
}

/** Floating-point operations of a generator's forward pass, and of its first convolution alone. */
function generatorFlops({ config, width, height }: BenchCase): { all: number; first: number } {
  const inputs = config.labelNc + 1;
  const pixels = width * height * config.batchSize;
  const enhancers = config.netG === 'local' ? config.nLocalEnhancers : 0;
  const at = (level: number) => pixels / 4 ** level;
  const trunk = (ngf: number, level: number) => {
    let sum = conv(inputs, ngf, 7, at(level));
    for (let i = 0; i < config.nDownsampleGlobal; i++)
      // Down and up: the transposed convolution does as much work as the strided one it mirrors.
      sum += 2 * conv(ngf * 2 ** i, ngf * 2 ** (i + 1), 3, at(level + i + 1));
    const deep = ngf * 2 ** config.nDownsampleGlobal;
    return sum + config.nBlocksGlobal * 2 * conv(deep, deep, 3, at(level + config.nDownsampleGlobal));
  };
  const first = conv(inputs, config.ngf, 7, pixels);
  const last = conv(config.ngf, config.outputNc, 7, pixels);
  let all = trunk(config.ngf * 2 ** enhancers, enhancers) + last;
  for (let n = 1; n <= enhancers; n++) {
    const width_ = config.ngf * 2 ** (enhancers - n);
    const level = enhancers - n;
    all += conv(inputs, width_, 7, at(level)) + 2 * conv(width_, width_ * 2, 3, at(level + 1));
    all += config.nBlocksLocal * 2 * conv(width_ * 2, width_ * 2, 3, at(level + 1));
  }
  return { all, first };
}

/** The same for the discriminator; its padding of 2 makes each output one pixel larger than the input divided by the stride. */
function discriminatorFlops({ config, width, height }: BenchCase): { all: number; first: number } {
  let all = 0;
  let first = 0;
  for (let scale = 0; scale < config.numD; scale++) {
    let [w, h] = [width / 2 ** scale, height / 2 ** scale];
    let inputs = config.labelNc + 1 + config.outputNc;
    for (let layer = 0; layer <= config.nLayersD + 1; layer++) {
      const stride = layer < config.nLayersD ? 2 : 1;
      const outputs = layer > config.nLayersD ? 1 : Math.min(config.ndf * 2 ** layer, 512);
      [w, h] = [Math.floor(w / stride) + 1, Math.floor(h / stride) + 1];
      const flops = conv(inputs, outputs, 4, w * h * config.batchSize);
      all += flops;
      if (layer === 0) first += flops;
      inputs = outputs;
    }
  }
  return { all, first };
}

/**
 * GFLOP of the convolutions that the work needs in any implementation: in a step three passes over G (forward, gradients of
 * inputs and of weights); over D two forward, three for gradients of inputs and two of weights; minus the gradients of the
 * first layers' inputs, which are not needed.
 */
export function gflopOf(benchCase: BenchCase): number {
  if (benchCase.job === 'loader') return 0;
  const generator = generatorFlops(benchCase);
  if (benchCase.job === 'infer') return generator.all / 1e9;
  const discriminator = discriminatorFlops(benchCase);
  return (3 * generator.all - generator.first + 7 * discriminator.all - 2 * discriminator.first) / 1e9;
}
