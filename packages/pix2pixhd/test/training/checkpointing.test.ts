/**
 * Gradient checkpointing: a step with it is the step without it, bit by bit, for every generator that can be divided.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, type nn, ops, RandomGenerator, scope, setThreads, type Tensor, tensor } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import { buildDiscriminator, buildEncoder, buildGenerator } from '../../src/networks/build.js';
import type { LocalEnhancer } from '../../src/networks/local-enhancer.js';
import type { DeviceBatch } from '../../src/training/device-batch.js';
import { ImagePool } from '../../src/training/image-pool.js';
import type { StepGradients } from '../../src/training/step.js';
import { Trainer } from '../../src/training/trainer.js';
import { lossValues, paperOptions } from '../support/training.js';

setThreads(1);

const classes = 5;
const [width, height] = [32, 16];

interface Options {
  readonly options: object;
  readonly bf16?: boolean;
  readonly frozen?: boolean;
}

function trainerOf({ options, bf16 = false, frozen = false }: Options, checkpointing: boolean): Trainer {
  const config = trainSchema.parse({
    ...{ dataroot: 'data', name: 'run', labelNc: classes, ngf: 4, ndf: 4, nef: 4, featNum: 2 },
    ...{ nDownsampleGlobal: 2, nBlocksGlobal: 2, nBlocksLocal: 2, nDownsampleE: 2, numD: 1 },
    ...options,
  });
  const generator = buildGenerator(config);
  if (frozen) (generator as LocalEnhancer).freezeCoarser();
  const networks = { generator, discriminator: buildDiscriminator(config), encoder: buildEncoder(config) };
  if (bf16) for (const network of Object.values(networks)) network?.toMixedPrecision();
  const separatePasses = config.norm === 'batch';
  return new Trainer(networks, new ImagePool(0, Math.random), { ...paperOptions, separatePasses, checkpointing });
}

function batch(bf16: boolean): DeviceBatch {
  const draws = new RandomGenerator(81);
  const uniform = (channels: number) =>
    ops.uniformInPlace(ops.empty([2, channels, height, width], { dtype: 'float32' }), -1, 1, { generator: draws });
  const order = bf16 ? 'channels_last' : 'contiguous';
  const condition = ops.contiguous(ops.toDtype(uniform(classes + 1), bf16 ? 'bfloat16' : 'float32'), {
    memoryFormat: order,
  });
  const ids = Int32Array.from({ length: 2 * width * height }, (_, i) => Math.floor((i % width) / 7));
  return { condition, real: uniform(3), instances: tensor(ids, [2, 1, height, width]) };
}

const bytes = (tensors: readonly (Tensor | null)[]) => tensors.map(each => each?.toData().bytes ?? null);
const states = ({ networks }: Trainer) =>
  Object.values<nn.Module | undefined>({ ...networks }).flatMap(network =>
    bytes([...(network?.stateDict().values() ?? [])]),
  );

/** Losses, gradients and what the step makes of weights and running statistics, as bytes. */
function stepOf(made: Options, checkpointing: boolean) {
  return scope(() => {
    const trainer = trainerOf(made, checkpointing);
    const input = batch(made.bf16 ?? false);
    const { losses, gradients, finite }: StepGradients = trainer.gradients(input);
    const found = {
      gradients: Object.values(gradients).map(bytes),
      finite: finite.item(),
      losses: lossValues(losses),
      afterPasses: states(trainer),
      afterSteps: [] as unknown[],
    };
    for (let i = 0; i < 2; i++) lossValues(trainer.step([input]).losses);
    found.afterSteps = states(trainer);
    trainer.dispose();
    return found;
  });
}

const variants: readonly (Options & { readonly name: string })[] = [
  { name: 'global generator', options: {} },
  { name: 'global generator, skips', options: { skips: 'all' } },
  { name: 'local enhancer, skips', options: { netG: 'local', skips: 'all' } },
  { name: 'local enhancer, input skip', options: { netG: 'local', skips: 'input' } },
  { name: 'global generator in bfloat16', options: {}, bf16: true },
  { name: 'nearest resize, no residual blocks', options: { upsample: 'resize', nBlocksGlobal: 0 } },
  { name: 'batch norm', options: { norm: 'batch' } },
  { name: 'encoder', options: { instanceFeat: true } },
  { name: 'encoder in bfloat16', options: { instanceFeat: true }, bf16: true },
  { name: 'two enhancers', options: { netG: 'local', nLocalEnhancers: 2, nDownsampleGlobal: 1 } },
  {
    name: 'two enhancers and an encoder, in bfloat16',
    options: { netG: 'local', nLocalEnhancers: 2, nDownsampleGlobal: 1, instanceFeat: true },
    bf16: true,
  },
  {
    name: 'two enhancers, the coarser frozen, batch norm, an encoder',
    options: { netG: 'local', nLocalEnhancers: 2, nDownsampleGlobal: 1, instanceFeat: true, norm: 'batch' },
    frozen: true,
  },
];

for (const { name, ...made } of variants)
  test(`checkpointing changes no bit of losses, gradients and weights: ${name}`, () => {
    const [plain, checkpointed] = [stepOf(made, false), stepOf(made, true)];
    const some = plain.gradients.flat();
    assert.ok(some.some(gradient => gradient?.some(byte => byte !== 0)));
    assert.equal(some.includes(null), made.frozen ?? false);
    assert.deepEqual(checkpointed, plain);
  });

test('200 steps with checkpointing leave no tensor behind', () => {
  scope(() => {
    const trainer = trainerOf({ options: { netG: 'local', nDownsampleGlobal: 1, instanceFeat: true } }, true);
    const input = batch(false);
    lossValues(trainer.step([input]).losses);
    const before = memoryStats();
    for (let step = 0; step < 200; step++) lossValues(trainer.step([input]).losses);
    assert.deepEqual(memoryStats(), before);
    trainer.dispose();
  });
});
