/**
 * The estimate of memory: its arithmetic mirrors the networks, and its sum is what a run takes.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryStats, nn, ops, scope, setThreads } from '@pix2pixhd/torch';
import { peakMemory } from '../../bench/peak.js';
import { trainSchema } from '../../src/config/schema.js';
import { estimateMemory, type TrainingSize } from '../../src/memory/estimate.js';
import { discriminatorKept, encoderSegments, generatorSegments } from '../../src/memory/footprint.js';
import { buildDiscriminator, buildEncoder, buildGenerator, conditionChannels } from '../../src/networks/build.js';
import type { LocalEnhancer } from '../../src/networks/local-enhancer.js';
import { writeLabelPairs } from '../support/runs.js';

setThreads(1);

const at = { images: 2, width: 64, height: 32 };
const small = {
  ...{ dataroot: 'data', name: 'run', labelNc: 5, ngf: 4, ndf: 4, nef: 4, featNum: 2 },
  ...{ nDownsampleGlobal: 2, nBlocksGlobal: 2, nBlocksLocal: 2, nDownsampleE: 3 },
};

const kernels = (network: nn.Module, trained = false) =>
  network
    .parameters()
    .filter(({ value, trainable }) => value.shape.length === 4 && (trainable || !trained))
    .reduce((sum, { value }) => sum + value.numel, 0);

const networks = {
  'the global generator': {},
  'two local enhancers': { netG: 'local', nLocalEnhancers: 2, nDownsampleGlobal: 1 },
  'a generator that takes features': { instanceFeat: true, upsample: 'resize' },
  'the U-Net': { netG: 'unet', nDownsampleUnet: 5 },
};

for (const [name, options] of Object.entries(networks))
  test(`has the weights of ${name}, and the tensors between its segments`, () => {
    const config = trainSchema.parse({ ...small, ...options });
    const segments = generatorSegments(config, at, false);
    const generator = buildGenerator(config);
    const weights = segments.flatMap(({ layers }) => layers).reduce((sum, layer) => sum + layer.weights, 0);
    assert.equal(weights, kernels(generator));
    const inputs = conditionChannels(config) + (config.instanceFeat ? config.featNum : 0);
    const outputs = segments.reduce((sum, { output }) => sum + output, 0);
    // The pyramid of the inputs, which enhancers need besides: a quarter, and a quarter of that.
    const pyramid = config.netG === 'local' ? inputs * at.images * at.width * at.height * (1 / 4 + 1 / 16) : 0;
    assert.equal(heldBy(generator, inputs), (outputs + pyramid) * 4);
    generator.dispose();
  });

test('has the weights of the encoder, and the tensors between its segments', () => {
  const config = trainSchema.parse({ ...small, instanceFeat: true });
  const segments = encoderSegments(config, at);
  const encoder = buildEncoder(config)!;
  const weights = segments.flatMap(({ layers }) => layers).reduce((sum, layer) => sum + layer.weights, 0);
  assert.equal(weights, kernels(encoder));
  const outputs = segments.reduce((sum, { output }) => sum + output, 0);
  assert.equal(heldBy(encoder, config.outputNc), outputs * 4);
  encoder.dispose();
});

/** Bytes that a checkpointed network holds after the forward pass. */
function heldBy(network: nn.SegmentedModule, channels: number): number {
  return scope(() => {
    const input = ops.zeros([at.images, channels, at.height, at.width], { dtype: 'float32' });
    const before = memoryStats().bytes;
    network.forwardBy(new nn.GradientCheckpointing(), { tensor: input, lastUse: false });
    return memoryStats().bytes - before;
  });
}

test('while coarser parts are frozen it has the weights that are trained', () => {
  const config = trainSchema.parse({ ...small, ...networks['two local enhancers'] });
  const generator = buildGenerator(config) as LocalEnhancer;
  generator.freezeCoarser();
  const layers = generatorSegments(config, at, true).flatMap(segment => segment.layers);
  assert.equal(
    layers.reduce((sum, layer) => sum + layer.weights, 0),
    kernels(generator, true),
  );
  generator.dispose();
});

test('has the maps of the discriminators, before and after their activations', () => {
  scope(() => {
    const config = trainSchema.parse({ ...small, numD: 2 });
    const channels = conditionChannels(config) + config.outputNc;
    const discriminator = buildDiscriminator(config);
    const predictions = discriminator.predict(
      ops.zeros([at.images, channels, at.height, at.width], { dtype: 'float32' }),
    );
    const maps = predictions.flatMap(layers => layers.slice(0, -1)).reduce((sum, map) => sum + map.numel, 0);
    const levels = channels * at.images * at.width * at.height * (1 + 1 / 4);
    assert.equal(discriminatorKept(config, at), 2 * maps + levels);
    discriminator.dispose();
  });
});

test('grows with whatever takes memory, and shrinks with what saves it', () => {
  const size: TrainingSize = {
    ...{ width: 512, height: 256, pairs: 100, pairPixels: 512 * 256, lowered: false, frozen: false },
    ...{ weights: { generator: 3e6, discriminator: 1e6, encoder: 0 }, trained: 3e6 },
  };
  const total = (options: object, change: Partial<TrainingSize> = {}) =>
    estimateMemory(trainSchema.parse({ ...small, ngf: 16, ndf: 64, nef: 16, ...options }), { ...size, ...change })
      .total;
  const plain = total({});
  for (const more of [{ ema: 0.999 }, { accumulate: 2 }, { vggLoss: true }, { instanceFeat: true }, { norm: 'batch' }])
    assert.ok(total(more) > plain, JSON.stringify(more));
  assert.ok(total({ checkpointing: true }) < plain);
  assert.ok(total({}, { lowered: true }) < plain);
  assert.ok(total({}, { trained: 1e6 }) < plain);
  const { program, weights, step } = estimateMemory(trainSchema.parse(small), size);
  assert.equal(program + weights + step, estimateMemory(trainSchema.parse(small), size).total);
});

test('what --dry-run says is within a fifth of what a run takes, with checkpointing and without', {
  skip: process.platform !== 'linux' && 'calibrated where the C library is that of Linux',
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-memory-'));
  try {
    writeLabelPairs(folder, 'train', 4, 256, 128);
    const argv = [
      ...['train', '--dataroot', folder, '--name', 'run', '--checkpoints-dir', folder, '--no-vgg-loss'],
      ...['--resize-or-crop', 'none', '--precision', 'fp32', '--threads', '1', '--batch-size', '4'],
      ...['--ngf', '32', '--n-downsample-global', '3', '--n-blocks-global', '6', '--ndf', '32'],
    ];
    const peaks: number[] = [];
    for (const more of [[], ['--checkpointing']]) {
      const { stdout } = await peakMemory([...argv, ...more, '--dry-run']);
      const said = Number(/^memory: +about ([\d.]+) GiB/m.exec(stdout)?.[1]) * 2 ** 30;
      const { peak } = await peakMemory([...argv, ...more, '--max-steps', '3']);
      rmSync(join(folder, 'run'), { recursive: true });
      assert.ok(Math.abs(said / peak - 1) < 0.2, `estimated ${said}, measured ${peak} ${more}`);
      peaks.push(peak);
    }
    const [plain, checkpointed] = peaks as [number, number];
    assert.ok(checkpointed < 0.95 * plain, `checkpointing: ${checkpointed}, without: ${plain}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
