/**
 * What a run starts with: earlier weights (`--load-pretrain`), the weights of VGG19, a preset. Through the command line.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TensorData, writePth, writeSafetensors } from '@pix2pixhd/torch';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { Vgg19 } from '../../src/networks/vgg19.js';
import { decidePerceptual } from '../../src/run/perceptual.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { assertSameRun, lossesOf, tensorsOf, tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
writeImagePairs(dataroot, 'train', 3, 32, 32);
const options = ['--dataroot', dataroot, '--label-nc', '0', '--checkpoints-dir', root, ...tiny];
// The tests must not depend on what this machine has in its caches.
process.env.XDG_CACHE_HOME = join(root, 'cache');
delete process.env.TORCH_HOME;

/** Random weights for VGG19: of the right shapes, otherwise meaningless. */
function vggFile(): string {
  const path = join(root, 'vgg.safetensors');
  if (existsSync(path)) return path;
  const vgg = new Vgg19();
  const state = [...vgg.stateDict()].map(([key, tensor]): [string, TensorData] => [
    `features.${key.replace(/^slice\d+\./, '')}`,
    tensor.toData(),
  ]);
  writeSafetensors(path, new Map(state), {});
  vgg.dispose();
  return path;
}

const keysOf = (run: string, prefix: string) =>
  [...tensorsOf(join(root, run))].filter(([key]) => key.startsWith(prefix));

test('--load-pretrain takes what fits, from a run folder, a checkpoint and a folder of .pth files', async () => {
  await succeed('train', '--name', 'first', ...options, '--max-steps', '3');
  const folder = join(root, 'pth');
  mkdirSync(folder);
  const state = new Map(keysOf('first', 'G.').map(([key, data]) => [`module.${key.slice(2)}`, data] as const));
  writePth(join(folder, 'latest_net_G.pth'), state);
  for (const [name, path] of [
    ['from-run', join(root, 'first')],
    ['from-file', join(root, 'first', 'checkpoints', 'step-00000003.safetensors')],
    ['from-pth', folder],
  ] as const) {
    // With a learning rate of zero the weights after a step are those it started with.
    const said = await succeed(
      ...['train', '--name', name, ...options, '--n-blocks-global', '2', '--lr', '1e-12', '--max-steps', '1'],
      ...['--load-pretrain', path],
    );
    assert.match(said, /generator: taken model \(\d+ tensors\); new model \(\d+ tensors\)/);
    assert.equal(/discriminator: taken/.test(said), name !== 'from-pth');
    const begun = tensorsOf(join(root, name));
    const first = tensorsOf(join(root, 'first'));
    const near = (key: string) => {
      const [a, b] = [begun, first].map(all => new Float32Array(all.get(key)!.bytes.slice().buffer));
      return a!.every((value, i) => Math.abs(value - b![i]!) < 1e-9);
    };
    assert.ok(near('G.model.1.weight') && near('G.model.4.weight'));
    assert.equal(near('D.scale0_layer0.0.weight'), name !== 'from-pth');
  }
  await refuse(['train', '--name', 'none', ...options, '--load-pretrain', join(root, 'nowhere')], 1, /nowhere/);
  await refuse(
    ['train', '--name', 'other', ...options, '--ngf', '8', '--load-pretrain', folder, '--max-steps', '1'],
    1,
    /\d tensors that fit the generator, \d+ that do not/,
    /--ngf/,
  );
});

test('--vgg-loss adds G_VGG, and the run resumes bit for bit', async () => {
  const vgg = ['--vgg-loss', '--vgg-weights', vggFile()];
  await succeed('train', '--name', 'vgg', ...options, ...vgg, '--max-steps', '3');
  await succeed('train', '--name', 'vgg-parts', ...options, ...vgg, '--max-steps', '2');
  await succeed('train', '--name', 'vgg-parts', '--checkpoints-dir', root, '--resume', '--max-steps', '3');
  assertSameRun(join(root, 'vgg-parts'), join(root, 'vgg'), 3);
  assert.ok(lossesOf(join(root, 'vgg')).every(losses => typeof losses.G_VGG === 'number' && losses.G_VGG > 0));
  // VGG19's weights do not belong to the run, so its checkpoints do not hold them.
  assert.ok([...tensorsOf(join(root, 'vgg')).keys()].every(key => !key.includes('slice')));
});

test('without weights a run says before it starts that it has no perceptual loss; --no-vgg-loss says nothing', async () => {
  const dry = ['train', '--name', 'dry', ...options, '--dry-run'];
  const { stdout, code } = await pix2pixhd(...dry);
  assert.equal(code, 0);
  assert.match(stdout, /^no perceptual loss: the weights of VGG19 are not on this machine \(--vgg-loss downloads them/);
  assert.doesNotMatch((await pix2pixhd(...dry, '--no-vgg-loss')).stdout, /perceptual|VGG19/);
  await refuse([...dry, '--vgg-weights', join(root, 'missing.pth')], 1, /missing\.pth/);
});

test('the decision is stored: weights that come later do not change a run', async () => {
  const config = trainSchema.parse({ dataroot, name: 'decided' });
  const said: string[] = [];
  const decide = (change: Partial<TrainConfig>) => decidePerceptual({ ...config, ...change }, line => said.push(line));
  const vggLoss = await decide({});
  assert.equal(vggLoss, false);
  assert.equal(said.length, 1);
  assert.equal(await decide({ vggLoss, vggWeights: vggFile() }), false);
  assert.equal(await decide({ vggWeights: vggFile() }), true);
  assert.equal(await decide({ lambdaVgg: 0 }), false);
  assert.equal(await decide({ outputNc: 2 }), false);
  assert.equal(said.length, 1);
});

test('a preset is resolved into the printed options, and options given with it win', async () => {
  const dry = ['train', '--name', 'preset', '--dataroot', dataroot, '--label-nc', '0', '--dry-run', '--no-vgg-loss'];
  const small = await succeed(...dry, '--preset', 'small', '--ndf', '8');
  assert.match(small, /\*stages +64:batch=4,128:batch=2,256/);
  assert.match(small, /\*ndf +8\n/);
  assert.match(small, /stage 5 of 5: global generator and 2 enhancers together, 256 wide, batch 1, 15 epochs/);
  const paper = await succeed(...dry, '--preset', 'paper', '--stages', '64,128:epochs=100');
  assert.match(paper, /stage 3 of 3: global generator and enhancer together, 128 wide, batch 1, 100 epochs/);
  const modern = await succeed(...dry, '--preset', 'modern', '--load-size', '64', '--ema', '0');
  for (const line of [/\*skips +all/, /\*lambda-L1 +1000/, /\*upsample +resize/, /ema +0\n/])
    assert.match(modern, line);
  await refuse([...dry, '--preset', 'big'], 2, /--preset/, /small/);
});
