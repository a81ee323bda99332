/**
 * `pix2pixhd export`: what it writes is what the checkpoint holds, import reads it back, and PyTorch itself loads it into
 * the same layers and computes the same image.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  fromData,
  type nn,
  noGrad,
  ops,
  optim,
  RandomGenerator,
  readNpy,
  readSafetensors,
  readStateDict,
  scope,
  type TensorData,
  writeNpy,
} from '@pix2pixhd/torch';
import { Checkpoint, type CheckpointState, saveCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { Random } from '../../src/data/random.js';
import {
  buildDiscriminator,
  buildEncoder,
  buildGenerator,
  conditionChannels,
  usesFeatures,
} from '../../src/networks/build.js';
import { MultiscaleDiscriminator } from '../../src/networks/index.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { refuse } from '../support/cli.js';
import { largestDifference } from '../support/compare.js';
import { runHere } from '../support/official.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const checkpointsDir = join(root, 'runs');
const place = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];
const outOf = (name: string) => join(root, `out-${name}`);

const small = {
  labelNc: 5,
  ngf: 4,
  ndf: 4,
  nef: 4,
  nDownsampleGlobal: 2,
  nBlocksGlobal: 2,
  nDownsampleE: 2,
} as const;

/** Makes a run with one checkpoint of fresh weights; its EMA, if it keeps one, has different ones. */
function makeRun(name: string, options: Partial<TrainConfig> = {}): Checkpoint {
  const config = trainSchema.parse({ dataroot: 'data', ...small, ...options, name, checkpointsDir });
  const networks = {
    generator: buildGenerator(config),
    discriminator: buildDiscriminator(config),
    encoder: buildEncoder(config),
  };
  settleStatistics(networks.generator, config);
  const average = config.ema > 0 ? buildGenerator({ ...config, seed: 7 }) : undefined;
  const place = { stage: 1, step: 40, stageStep: 40, epoch: 3, batch: 6 };
  const state: CheckpointState = { config, ...place, score: 0.1, poolRandom: new Random(0).state };
  const path = new CheckpointStore(RunFolder.create(config).checkpoints).pathOf(40);
  const idle = () => new optim.Adam(new Map());
  const optimisers = { generator: idle(), discriminator: idle() };
  saveCheckpoint(path, { networks, optimisers, average }, new Map(), new Map(), state);
  for (const network of [...Object.values(networks), average]) network?.dispose();
  return Checkpoint.read(path);
}

/** Runs some batches through batch norm, so that its statistics are not those of a fresh network. */
function settleStatistics(network: nn.Module, config: TrainConfig): void {
  if (config.norm !== 'batch') return;
  const random = new RandomGenerator(6);
  noGrad(() => {
    for (let i = 0; i < 150; i++)
      scope(() => {
        const input = ops.empty([2, inputChannels(config), 16, 16], { dtype: 'float32' });
        network.forward(ops.uniformInPlace(input, -1, 1, { generator: random }));
      });
  });
}

function inputChannels(config: TrainConfig): number {
  return conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0);
}

/** Runs export, which must succeed. @returns the folder. */
async function exported(name: string, ...options: string[]): Promise<string> {
  const { code, said } = await runHere('export', ...place(name), '--out', outOf(name), ...options);
  assert.equal(code, 0, said);
  return outOf(name);
}

const valuesOf = (state: ReadonlyMap<string, TensorData>) => [...state];

test('export, then import: every tensor of G, D and E is equal, so are the options and the position in the schedule', async () => {
  const values = { inputRange: 'full', outputRange: 'full', outputDepth: '8' } as const;
  const options = {
    ...({ netG: 'local', nBlocksLocal: 2, norm: 'batch', instanceFeat: true, batchSize: 2, numD: 3 } as const),
    ...values,
  };
  const before = makeRun('round', options);
  const folder = await exported('round');
  assert.deepEqual(readdirSync(folder).sort(), [
    'iter.txt',
    'latest_net_D.pth',
    'latest_net_E.pth',
    'latest_net_G.pth',
    'opt.txt',
  ]);
  const { code, said } = await runHere('import', '--from', folder, ...place('again'));
  assert.equal(code, 0, said);
  const after = Checkpoint.read(new CheckpointStore(join(checkpointsDir, 'again', 'checkpoints')).find('latest'));
  for (const network of ['G', 'D', 'E'] as const) {
    assert.ok(before.stateData(network).size > 0);
    assert.deepEqual(valuesOf(after.stateData(network)), valuesOf(before.stateData(network)));
  }
  assert.deepEqual(after.state.config, { ...before.state.config, name: 'again' });
  assert.deepEqual([after.state.epoch, after.state.batch], [3, 6]);
});

test('a run with EMA exports the EMA, and with --live the weights as trained', async () => {
  const checkpoint = makeRun('average', { ema: 0.999 });
  const file = join(await exported('average'), 'latest_net_G.pth');
  assert.deepEqual(readStateDict(file), checkpoint.stateData('EMA'));
  await exported('average', '--live', '--force');
  assert.deepEqual(readStateDict(file), checkpoint.stateData('G'));
  assert.notDeepEqual(checkpoint.stateData('G'), checkpoint.stateData('EMA'));
});

test('without feature matching the discriminator has the keys that the public code expects', async () => {
  const checkpoint = makeRun('flat', { noGanFeatLoss: true, nLayersD: 4 });
  const state = readStateDict(join(await exported('flat'), 'latest_net_D.pth'));
  const flat = new MultiscaleDiscriminator({
    inputChannels: 6 + 3,
    ndf: 4,
    layers: 4,
    scales: 2,
    norm: 'instance',
    features: false,
    sigmoid: false,
  });
  assert.deepEqual([...state.keys()], [...flat.stateDict().keys()]);
  flat.dispose();
  assert.deepEqual([...state.values()], [...checkpoint.stateData('D').values()]);
});

test('opt.txt lists the options by the public names', async () => {
  makeRun('options', { netG: 'local', ganMode: 'vanilla', vggLoss: false });
  const lines = readFileSync(join(await exported('options'), 'opt.txt'), 'utf8').split('\n');
  for (const line of ['label_nc: 5', 'netG: local', 'ngf: 4', 'no_lsgan: True', 'no_vgg_loss: True', 'name: options'])
    assert.ok(lines.includes(line), line);
  assert.equal(lines[0], '------------ Options -------------');
});

test('safetensors: the generator alone, with the options that rebuild it and without paths', async () => {
  const checkpoint = makeRun('alone', { netG: 'unet', nDownsampleUnet: 5 });
  const { tensors, metadata } = readSafetensors(
    join(await exported('alone', '--format', 'safetensors'), 'generator.safetensors'),
  );
  assert.deepEqual(tensors, checkpoint.stateData('G'));
  assert.equal(metadata.step, '40');
  assert.equal(metadata.format, 'pt');
  const config = JSON.parse(metadata.config!);
  assert.ok(!('dataroot' in config) && !('checkpointsDir' in config));
  const network = buildGenerator(config);
  scope(() => network.loadStateDict(new Map([...tensors].map(([key, data]) => [key, fromData(data)]))));
  network.dispose();
});

test('safetensors of a staged run: the options are those of the networks in the file', async () => {
  makeRun('stages', { stages: '32,64', loadSize: 32 });
  const file = join(await exported('stages', '--format', 'safetensors'), 'generator.safetensors');
  const { netG, ngf, stages } = JSON.parse(readSafetensors(file).metadata.config!);
  assert.deepEqual({ netG, ngf, stages }, { netG: 'global', ngf: 4, stages: null });
});

test('networks that the public code lacks are refused, and so is overwriting', async () => {
  makeRun('unet', { netG: 'unet', nDownsampleUnet: 5 });
  const to = (name: string) => ['export', ...place(name), '--out', join(root, 'refused')];
  await refuse(to('unet'), 1, /a U-Net/, /--format safetensors/);
  makeRun('resize', { upsample: 'resize' });
  await refuse(to('resize'), 1, /upsampling by resize/, /--upsample transpose/);
  makeRun('skips', { skips: 'all' });
  await refuse(to('skips'), 1, /--skips all/, /--skips none/);
  makeRun('ranged', { outputRange: '27000,32000', outputDepth: '16' });
  await refuse(to('ranged'), 1, /a range of values \(27000,32000\)/, /--format safetensors/);
  makeRun('twice');
  const folder = await exported('twice');
  const first = readFileSync(join(folder, 'latest_net_G.pth'));
  await refuse(
    ['export', ...place('twice'), '--out', folder],
    1,
    /latest_net_G\.pth, .*would be overwritten/,
    /--force/,
  );
  await exported('twice', '--force');
  assert.deepEqual(readFileSync(join(folder, 'latest_net_G.pth')), first);
  await refuse(['export', ...place('nobody'), '--out', folder], 1, /no such folder/);
  await refuse(['export', ...place('twice'), '--out', folder, '--which-epoch', '7'], 1, /checkpoints of steps 40/);
});

const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter(name => name !== undefined);
const python = candidates.find(name => spawnSync(name, ['-c', 'import torch, numpy']).status === 0);
const script = fileURLToPath(new URL('../../../test/fixtures/official_generator.py', import.meta.url));

/** Our network's image and PyTorch's from one checkpoint: the largest difference of any value. */
function differenceToPython(checkpoint: Checkpoint, folder: string): number {
  const { stageConfig: config } = checkpoint;
  const inputs = inputChannels(config);
  const [source, target] = [join(folder, 'input.npy'), join(folder, 'output.npy')];
  const options = {
    inputs,
    outputs: config.outputNc,
    ngf: config.ngf,
    downsamplings: config.nDownsampleGlobal,
    blocks: config.nBlocksGlobal,
    norm: config.norm,
    ...(config.netG === 'local' && { enhancers: config.nLocalEnhancers, local_blocks: config.nBlocksLocal }),
  };
  return noGrad(() =>
    scope(() => {
      const input = ops.uniformInPlace(ops.empty([1, inputs, 32, 48], { dtype: 'float32' }), -1, 1, {
        generator: new RandomGenerator(5),
      });
      writeNpy(source, input.toData());
      const network = buildGenerator(config);
      checkpoint.restoreGenerator(network);
      const image = network.eval().forward(input);
      assert.ok(ops.max(ops.abs(image)).item() > 0.2, 'an image of one grey, which proves nothing');
      const args = [script, join(folder, 'latest_net_G.pth'), source, target, JSON.stringify(options)];
      const { status, stdout, stderr } = spawnSync(python!, args, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.equal(Number(stdout), network.stateDict().size);
      network.dispose();
      return largestDifference(image, fromData(readNpy(target)));
    }),
  );
}

for (const [name, options] of [
  ['global', {}],
  ['batch norm', { norm: 'batch', labelFeat: true }],
  ['enhancers', { netG: 'local', nLocalEnhancers: 2, nBlocksLocal: 1 }],
] as const)
  test(`PyTorch loads exported weights strictly and makes the same image: ${name}`, {
    skip: python === undefined && 'no Python with PyTorch and NumPy',
  }, async t => {
    const checkpoint = makeRun(`python-${name.replace(' ', '-')}`, options);
    const difference = differenceToPython(checkpoint, await exported(`python-${name.replace(' ', '-')}`));
    t.diagnostic(`largest difference ${difference}`);
    assert.ok(difference < 1e-4, `off by ${difference}`);
  });
