/**
 * Checkpoints of pytorch-CycleGAN-and-pix2pix, in and out: PyTorch loads what is exported, strictly, and what it wrote is imported;
 * either way both make the same images. Skipped where no Python with PyTorch is found, but for the refusals.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromData, manualSeed, noGrad, ops, RandomGenerator, readStateDict, scope, writePth } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { directed } from '../../src/config/direction.js';
import { buildGenerator } from '../../src/networks/build.js';
import { refuse, succeed } from '../support/cli.js';
import { assertNear } from '../support/compare.js';
import { findPyTorch } from '../support/python.js';
import { writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const python = findPyTorch();
const needsPython = { skip: python === undefined && 'no Python with PyTorch' };
const script = fileURLToPath(new URL('../../../test/fixtures/baselines.py', import.meta.url));
const root = workFolder();
const place = ['--checkpoints-dir', join(root, 'runs')];
const seed = 5;

const networks = ['--ngf', '2', '--ndf', '2'];
/** Of each model: its smallest network that the public code can build, as options and as Python is told. */
const models = {
  pix2pix: {
    side: 128,
    options: ['--model', 'pix2pix', ...networks, '--fine-size', '128', '--load-size', '128'],
    told: { model: 'pix2pix', norm: 'batch', dropout: true, depth: 7 },
    generators: ['G'],
    files: ['latest_net_D.pth', 'latest_net_G.pth'],
  },
  'cycle-gan': {
    side: 32,
    options: ['--model', 'cycle-gan', ...networks, '--n-blocks-global', '6', '--fine-size', '32', '--load-size', '32'],
    told: { model: 'cycle-gan', blocks: 6 },
    generators: ['G_A', 'G_B'],
    files: ['latest_net_D_A.pth', 'latest_net_D_B.pth', 'latest_net_G_A.pth', 'latest_net_G_B.pth'],
  },
} as const;
type Model = keyof typeof models;

/** What Python is to do in a folder; with weights there it loads them, else it makes some. */
function caseIn(name: string, model: Model) {
  const { side, told } = models[model];
  scope(() => {
    const generator = new RandomGenerator(seed);
    const image = () =>
      ops.uniformInPlace(ops.empty([1, 3, side, side], { dtype: 'float32' }), -1, 1, { generator }).toData();
    mkdirSync(join(root, name), { recursive: true });
    writePth(
      join(root, name, 'batches.pth'),
      new Map([
        ['A', image()],
        ['B', image()],
      ]),
    );
  });
  return { kind: 'generate', name, in: 3, out: 3, ngf: 2, ndf: 2, layers: 3, seed, ...told };
}

before(async () => {
  const cases = [];
  for (const [model, { side, options }] of Object.entries(models)) {
    const data = join(root, `data-${model}`);
    writeImagePairs(data, 'train', 1, side, side);
    const common = ['--device', 'cpu', '--precision', 'fp32', '--threads', '1', '--workers', '1'];
    await succeed('train', data, '--name', model, ...place, ...options, ...common, '--max-steps', '1');
    if (python === undefined) continue;
    await succeed('export', '--name', model, ...place, '--out', join(root, `out-${model}`));
    cases.push(caseIn(`out-${model}`, model as Model), caseIn(`in-${model}`, model as Model));
  }
  if (python === undefined) return;
  writeFileSync(join(root, 'cases.json'), JSON.stringify(cases));
  const { status, stderr } = spawnSync(python, [script, root], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

/** Asserts that the generators of a run make the images that Python made in a folder. */
function assertSameImages(run: string, folder: string, model: Model): void {
  const path = new CheckpointStore(join(root, 'runs', run, 'checkpoints')).find('latest');
  const checkpoint = Checkpoint.read(path, 'networks');
  const images = readStateDict(join(root, folder, 'batches.pth'));
  const fakes = readStateDict(join(root, folder, 'fakes.pth'));
  scope(() =>
    noGrad(() => {
      for (const letter of models[model].generators) {
        const config = directed(checkpoint.stageConfig, letter === 'G_B' ? 'BtoA' : 'AtoB');
        const network = buildGenerator(config);
        checkpoint.restoreGenerator(network, letter);
        manualSeed(seed);
        const image = network.forward(fromData(images.get(letter === 'G_B' ? 'B' : 'A')!));
        assert.ok(ops.max(ops.abs(image)).item() > 0.1, 'an image of one grey, which proves nothing');
        assertNear(image, fromData(fakes.get(letter)!), 1e-4, `${letter} in ${folder}`);
        network.dispose();
      }
    }),
  );
}

for (const model of Object.keys(models) as Model[]) {
  test(`${model}: PyTorch loads what is exported strictly, and makes the same images`, needsPython, () => {
    assertSameImages(model, `out-${model}`, model);
    assert.match(readFileSync(join(root, `out-${model}`, 'train_opt.txt'), 'utf8'), /^ +ngf: 2$/m);
  });

  test(
    `${model}: what PyTorch wrote is imported, makes the same images, and is exported again bit by bit`,
    needsPython,
    async () => {
      const { options, files } = models[model];
      const [from, out] = [join(root, `in-${model}`), join(root, `again-${model}`)];
      await succeed('import', from, '--name', `from-${model}`, ...place, ...options.slice(0, -4), ...deeper(model));
      assertSameImages(`from-${model}`, `in-${model}`, model);
      await succeed('export', '--name', `from-${model}`, ...place, '--out', out);
      for (const file of files) assert.deepEqual(readStateDict(join(out, file)), readStateDict(join(from, file)), file);
      // The options that are written beside the weights say all that importing must know.
      await succeed('import', out, '--name', `twice-${model}`, ...place);
      assertSameImages(`twice-${model}`, `in-${model}`, model);
    },
  );
}

/** Without a crop's size the U-Net has its eight halvings. */
function deeper(model: Model): string[] {
  return model === 'pix2pix' ? ['--n-downsample-unet', '7'] : [];
}

test('weights that do not fit name the options; what the public code cannot build is refused', async () => {
  const folder = join(root, 'odd');
  await succeed('export', '--name', 'pix2pix', ...place, '--out', folder);
  const importing = ['import', folder, ...place, '--name', 'odd'];
  await refuse([...importing, '--ngf', '4'], 1, /--ngf 2 \(it is 4 now\)/);
  await refuse([...importing, '--n-downsample-unet', '8'], 1, /--n-downsample-unet 7 \(it is 8 now\)/);
  writeFileSync(join(folder, 'train_opt.txt'), '----------------- Options ---------------\n   netG: stylegan2\n');
  await refuse(importing, 1, /train_opt.txt, line 2, netG[\s\S]*stylegan2[\s\S]*unet_256/);
  rmSync(join(folder, 'train_opt.txt'));

  const cycle = join(root, 'cycle');
  await succeed('export', '--name', 'cycle-gan', ...place, '--out', cycle);
  await refuse([...['import', cycle, ...place, '--name', 'odd'], '--n-blocks-global', '9'], 1, /--n-blocks-global 6/);
  // As the public pretrained models are: one direction, under the plain name.
  for (const letter of ['G_B', 'D_A', 'D_B']) rmSync(join(cycle, `latest_net_${letter}.pth`));
  renameSync(join(cycle, 'latest_net_G_A.pth'), join(cycle, 'latest_net_G.pth'));
  await succeed('import', cycle, ...place, '--name', 'one-way');
  const safetensors = ['--format', 'safetensors', '--out', join(root, 'shared')];
  await refuse(['export', '--name', 'one-way', ...place, ...safetensors], 1, /two generators/, /--format pth/);
});
