/**
 * The baselines against plain PyTorch (fixtures/baselines.py), which has networks and steps of its own: 20 steps in float64 from
 * the same weights on the same images, all losses and all weights afterwards. Skipped where no Python with PyTorch is found.
 *
 * A bias before instance norm has no effect and the gradient zero, found as rounding, whose sign Adam follows a little way.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  fromData,
  manualSeed,
  ops,
  RandomGenerator,
  readStateDict,
  scope,
  type Tensor,
  writePth,
} from '@pix2pixhd/torch';
import { letterOf, type NetworkName } from '../../src/checkpoint/network-names.js';
import { chooseCompute } from '../../src/compute/choose-compute.js';
import { withModel } from '../../src/config/baselines.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { Random } from '../../src/data/random.js';
import { buildTrainer, type SessionTrainer } from '../../src/training/build-trainer.js';
import { largestDifference } from '../support/compare.js';
import { findPyTorch } from '../support/python.js';
import { lossValues } from '../support/training.js';
import { workFolder } from '../support/work-folder.js';

const python = findPyTorch();
const script = fileURLToPath(new URL('../../../test/fixtures/baselines.py', import.meta.url));
const root = workFolder();
const steps = 20;
const seed = 7;

/** Small networks of each kind; the U-Net has a level with dropout. */
const cases: Readonly<Record<string, { readonly side: number; readonly options: Partial<TrainConfig> }>> = {
  'pix2pix with batch norm': { side: 64, options: { model: 'pix2pix', nDownsampleUnet: 6, ngf: 2 } },
  'pix2pix with instance norm, a pool and least squares': {
    side: 64,
    options: { model: 'pix2pix', nDownsampleUnet: 6, ngf: 2, norm: 'instance', poolSize: 2, ganMode: 'lsgan' },
  },
  'CycleGAN with six blocks and a pool': {
    side: 32,
    options: { model: 'cycle-gan', nBlocksGlobal: 6, ngf: 2, poolSize: 3 },
  },
  'CycleGAN without identity loss': {
    side: 32,
    options: { model: 'cycle-gan', nBlocksGlobal: 9, ngf: 2, lambdaIdentity: 0, inputNc: 1, lambdaA: 5 },
  },
};

/** A case ready to train: what Python is told, and our trainer with its images. */
interface Ready {
  readonly told: Readonly<Record<string, unknown>>;
  readonly trainer: SessionTrainer;
  readonly batches: Readonly<Record<'A' | 'B', Tensor>>;
}

function setUp(name: string, folder: string): Ready {
  const { side, options } = cases[name]!;
  const config = trainSchema.parse(withModel({ dataroot: 'd', name: 'n', ndf: 4, ...options }));
  const compute = chooseCompute({ device: 'cpu', precision: 'fp32' });
  const random = new Random(seed);
  const draws = Array.from({ length: 200 }, () => random.uniform());
  const ours = [...draws];
  const trainer = buildTrainer({ config, frozen: false }, compute, () => ours.shift()!);
  for (const [network, module] of networksOf(trainer)) {
    module.to({ dtype: 'float64' });
    writePth(
      join(folder, `${network}.pth`),
      new Map([...module.stateDict()].map(([key, value]) => [key, value.toData()])),
    );
  }
  const generator = new RandomGenerator(seed);
  // Batch norm sees two images.
  const images = config.norm === 'batch' ? 2 : 1;
  const draw = (channels: number) =>
    ops.uniformInPlace(ops.empty([3, images, channels, side, side], { dtype: 'float64' }), -1, 1, { generator });
  const batches = { A: draw(config.inputNc), B: draw(config.outputNc) };
  writePth(join(folder, 'batches.pth'), new Map(Object.entries(batches).map(([key, value]) => [key, value.toData()])));
  const told = {
    ...{
      kind: 'train',
      name: folder.slice(root.length + 1),
      model: config.model,
      in: config.inputNc,
      out: config.outputNc,
    },
    ...{ ngf: config.ngf, ndf: config.ndf, depth: config.nDownsampleUnet, blocks: config.nBlocksGlobal },
    ...{ norm: config.norm, dropout: !config.noDropout, layers: config.nLayersD, gan: config.ganMode, lr: config.lr },
    ...{ lambda: config.lambdaL1, lambda_A: config.lambdaA, lambda_B: config.lambdaB, identity: config.lambdaIdentity },
    ...{ pool: config.poolSize, draws, steps, seed },
  };
  return { told, trainer, batches };
}

function networksOf({ networks }: SessionTrainer) {
  return Object.entries(networks).flatMap(([name, network]) =>
    network === undefined ? [] : [[letterOf(name as NetworkName), network] as const],
  );
}

const ready = new Map<string, Ready & { readonly folder: string }>();

before(() => {
  if (python === undefined) return;
  for (const [i, name] of Object.keys(cases).entries()) {
    const folder = join(root, String(i));
    mkdirSync(folder);
    ready.set(name, { folder, ...setUp(name, folder) });
  }
  writeFileSync(join(root, 'cases.json'), JSON.stringify([...ready.values()].map(({ told }) => told)));
  const { status, stderr } = spawnSync(python, [script, root], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

for (const name of Object.keys(cases))
  test(`${name}: ${steps} steps as in PyTorch, to 1e-9`, {
    skip: python === undefined && 'no Python with PyTorch',
  }, t => {
    const { trainer, batches, folder } = ready.get(name)!;
    const expected = JSON.parse(readFileSync(join(folder, 'losses.json'), 'utf8')) as Record<string, number>[];
    assert.equal(expected.length, steps);
    manualSeed(seed);
    const off = { losses: 0, weights: 0, biases: 0 };
    for (const [i, theirs] of expected.entries())
      scope(() => {
        const pick = (images: Tensor) => ops.select(images, 0, i % 3);
        const { losses, applied } = trainer.step([{ condition: pick(batches.A), real: pick(batches.B) }]);
        assert.ok(applied);
        const ours = lossValues(losses);
        assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
        for (const [loss, value] of Object.entries(ours))
          off.losses = Math.max(off.losses, Math.abs(value - theirs[loss]!));
      });
    scope(() => {
      for (const [network, module] of networksOf(trainer)) {
        const after = readStateDict(join(folder, 'after', `${network}.pth`));
        assert.deepEqual([...after.keys()].sort(), [...module.stateDict().keys()].sort());
        for (const [key, value] of module.stateDict()) {
          const kind = key.endsWith('.bias') ? 'biases' : 'weights';
          off[kind] = Math.max(off[kind], largestDifference(value, fromData(after.get(key)!)));
        }
      }
    });
    t.diagnostic(`largest differences: ${JSON.stringify(off)}`);
    assert.ok(off.losses <= 1e-12, `losses differ by ${off.losses}`);
    assert.ok(off.weights <= 1e-12, `weights differ by ${off.weights}`);
    assert.ok(off.biases <= 1e-8, `biases differ by ${off.biases}`);
    trainer.dispose();
  });
