/**
 * The estimate of memory: a counted step holds what the networks hold on the CPU, and the sum is what a run takes.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cudaAvailable, memoryStats, metaBytes, nn, ops, scope, setThreads, withDevice } from '@pix2pixhd/torch';
import { memoryRows } from '../../bench/memory-rows.js';
import { peakMemory } from '../../bench/peak.js';
import type { Compute } from '../../src/compute/choose-compute.js';
import { trainCommand } from '../../src/config/commands/train.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { estimateMemory, type TrainingImages } from '../../src/memory/estimate.js';
import { countStep } from '../../src/memory/meta-step.js';
import { buildEncoder, buildGenerator, conditionChannels } from '../../src/networks/build.js';
import { buildTrainer } from '../../src/training/build-trainer.js';
import { succeed } from '../support/cli.js';
import { parseCommand } from '../support/parse-command.js';
import { writeLabelPairs } from '../support/runs.js';

setThreads(1);

const size = { width: 64, height: 32 };
const small = {
  ...{ dataroot: 'data', name: 'run', labelNc: 5, ngf: 4, ndf: 4, nef: 4, featNum: 2, batchSize: 2, vggLoss: false },
  ...{ nDownsampleGlobal: 2, nBlocksGlobal: 2, nBlocksLocal: 2, nDownsampleE: 3 },
};

const computes: readonly Compute[] = [
  { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' },
  { device: 'cpu', precision: 'bf16', dtype: 'bfloat16', memory: 'channels_last' },
];

const networks = {
  'the global generator': {},
  'two local enhancers': { netG: 'local', nLocalEnhancers: 2, nDownsampleGlobal: 1 },
  'an encoder': { instanceFeat: true, upsample: 'resize' },
  'the U-Net': { netG: 'unet', nDownsampleUnet: 5, noDropout: true },
  'batch norm': { norm: 'batch' },
};

for (const [name, options] of Object.entries(networks))
  for (const frozen of name === 'two local enhancers' ? [false, true] : [false])
    test(`counts the weights and moments of ${name}${frozen ? ', the coarser one frozen' : ''}`, () => {
      const config = trainSchema.parse({ ...small, ...options });
      for (const compute of computes) {
        const before = memoryStats().bytes;
        const trainer = buildTrainer({ config, frozen }, compute, () => 0);
        const counted = countStep({ config, frozen }, compute, size);
        // A first update with gradients of zeros makes the moments of what is trained.
        scope(() => {
          for (const [network, optimiser] of Object.entries(trainer.optimisers))
            optimiser.step(
              trainer.networks[network as 'generator']!.parameters().map(({ compute, trainable }) =>
                trainable ? ops.zerosLike(ops.detach(compute)) : null,
              ),
            );
        });
        assert.equal(counted.weights, memoryStats().bytes - before);
        const parameters = Object.values(counted.parameters).reduce((sum, count) => sum + count);
        const all = Object.values(trainer.networks).map(network => network?.parameterCount() ?? 0);
        assert.equal(
          parameters,
          all.reduce((sum, count) => sum + count),
        );
        trainer.dispose();
      }
    });

/** Bytes that a network holds after a forward pass with gradient checkpointing, measured by `bytes`. */
function heldBy(build: () => nn.SegmentedModule, channels: number, bytes: () => number): number {
  return scope(() => {
    const network = build();
    const input = ops.zeros([2, channels, size.height, size.width], { dtype: 'float32' });
    const before = bytes();
    network.forwardBy(new nn.GradientCheckpointing(), { tensor: input, lastUse: false });
    const held = bytes() - before;
    network.dispose();
    return held;
  });
}

for (const [name, options] of Object.entries(networks))
  test(`between its segments, ${name} holds on the meta device what it holds on the CPU`, () => {
    const config = trainSchema.parse({ ...small, ...options });
    const inputs = conditionChannels(config) + (config.instanceFeat ? config.featNum : 0);
    const held = (build: () => nn.SegmentedModule, channels: number) => {
      const onCpu = heldBy(build, channels, () => memoryStats().bytes);
      assert.equal(
        withDevice('meta', () => heldBy(build, channels, metaBytes)),
        onCpu,
      );
    };
    held(() => buildGenerator(config), inputs);
    if (config.instanceFeat) held(() => buildEncoder(config)!, config.outputNc);
  });

const images: TrainingImages = { width: 512, height: 256, pairs: 100, pairPixels: 512 * 256 };
const estimate = (config: TrainConfig, compute = computes[0]!, frozen = false, at = images) =>
  estimateMemory({ config, frozen }, compute, at);

test('grows with whatever takes memory, and shrinks with what saves it', () => {
  const total = (options: object, compute?: Compute, frozen?: boolean) =>
    estimate(trainSchema.parse({ ...small, ngf: 16, ndf: 64, nef: 16, batchSize: 1, ...options }), compute, frozen)
      .total;
  const plain = total({});
  const more = [
    ...[{ ema: 0.999 }, { accumulate: 2 }, { vggLoss: true }, { instanceFeat: true }, { norm: 'batch' }],
    ...[{ poolSize: 5 }, { nBlocksGlobal: 3 }, { nLayersD: 4 }, { batchSize: 2 }],
  ];
  for (const options of more) assert.ok(total(options) > plain, JSON.stringify(options));
  assert.ok(total({ checkpointing: true }) < plain);
  assert.ok(total({}, computes[1]) < plain);
  const local = { netG: 'local', nLocalEnhancers: 1 };
  assert.ok(total(local, computes[0], true) < total(local));
  const { program, weights, step, total: sum } = estimate(trainSchema.parse(small));
  assert.equal(program + weights + step, sum);
});

test('leaves nothing behind on the meta device, nor any handle', () => {
  const before = [metaBytes(), memoryStats().tensors];
  estimate(trainSchema.parse({ ...small, vggLoss: true, ema: 0.999, poolSize: 2, instanceFeat: true, accumulate: 3 }));
  assert.deepEqual([metaBytes(), memoryStats().tensors], before);
});

/** Name and measured GiB of the rows of the table in docs/memory.md. */
function measuredRows(): Map<string, number> {
  const page = readFileSync(new URL('../../../../../docs/memory.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| *(.+?) *\| *(\d+\.\d+) *\|/gm)];
  return new Map(rows.map(([, name, measured]) => [name!, Number(measured)]));
}

test('is within a fifth of every peak in docs/memory.md', () => {
  const measured = measuredRows();
  assert.ok(measured.size >= 18, `found ${measured.size} rows`);
  for (const [name, gigabytes] of measured) {
    const row = memoryRows.find(each => each.name === name);
    assert.ok(row, `bench/memory-rows.ts has no row '${name}'`);
    const vgg = row.options.includes('VGG') ? [] : ['--no-vgg-loss'];
    const config = parseCommand(trainCommand, ['--dataroot', 'data', '--name', 'run', ...vgg, ...row.options]);
    const { width, height } = row;
    const compute = computes.find(({ precision }) => precision === config.precision)!;
    const { total } = estimate(config, compute, false, { width, height, pairs: 8, pairPixels: width * height });
    const off = total / 2 ** 30 / gigabytes - 1;
    assert.ok(Math.abs(off) < 0.2, `${name}: ${(off * 100).toFixed(0)} % off`);
  }
});

const linuxOnly = {
  skip:
    (process.platform !== 'linux' && 'calibrated where the C library is that of Linux') ||
    // CUDA's libraries alone take half a gigabyte.
    (cudaAvailable() && 'calibrated for a libtorch without CUDA'),
};

test(
  'what --dry-run says is within a fifth of what a run takes, with checkpointing and without',
  linuxOnly,
  async () => {
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
        const plan = await succeed(...argv, ...more, '--dry-run');
        const said = Number(/^memory: +about ([\d.]+) GiB/m.exec(plan)?.[1]) * 2 ** 30;
        const { peak } = await peakMemory([...argv, ...more, '--max-steps', '2']);
        rmSync(join(folder, 'run'), { recursive: true });
        assert.ok(Math.abs(said / peak - 1) < 0.2, `estimated ${said}, measured ${peak} ${more}`);
        peaks.push(peak);
      }
      const [plain, checkpointed] = peaks as [number, number];
      assert.ok(checkpointed < 0.95 * plain, `checkpointing: ${checkpointed}, without: ${plain}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test('--dry-run takes next to no memory for a run that takes gigabytes', linuxOnly, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-memory-'));
  try {
    writeLabelPairs(folder, 'train', 1, 256, 128);
    const { stdout, peak } = await peakMemory([
      ...['train', '--dataroot', folder, '--name', 'run', '--checkpoints-dir', folder, '--no-vgg-loss', '--dry-run'],
      ...['--netG', 'local', '--ngf', '32', '--load-size', '2048', '--resize-or-crop', 'scale_width', '--num-D', '3'],
    ]);
    const said = Number(/^memory: +about ([\d.]+) GiB/m.exec(stdout)?.[1]);
    assert.ok(said > 4, stdout);
    assert.ok(peak < 2 ** 29, `the dry run took ${Math.round(peak / 2 ** 20)} MiB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
