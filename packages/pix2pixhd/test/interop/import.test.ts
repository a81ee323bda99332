/**
 * `pix2pixhd import` of official-format folders made from recorded weights: generates the recorded output, and reports
 * everything that does not fit in one error.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noGrad, readStateDict, scope, type TensorData, writePth } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { toFlatDiscriminator } from '../../src/checkpoint/official-keys.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { buildGenerator } from '../../src/networks/build.js';
import { readStyles } from '../../src/styles/files/style-book-file.js';
import { networkCases, vector } from '../parity/vectors.js';
import { refuse, succeed } from '../support/cli.js';
import { assertNear } from '../support/compare.js';
import { optTxt, parityFile, recordedGenerator, runHere, writeOfficial } from '../support/official.js';
import { writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const checkpointsDir = join(root, 'runs');
const place = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];

let folders = 0;
const official = (files: Readonly<Record<string, string>>, options?: Readonly<Record<string, string>>) =>
  writeOfficial(join(root, `official-${folders++}`), files, options);

/** Runs import, which must succeed. @returns the checkpoint, and what was printed. */
async function imported(name: string, from: string, ...options: string[]) {
  const { code, said } = await runHere('import', '--from', from, ...place(name), ...options);
  assert.equal(code, 0, said);
  const path = new CheckpointStore(join(checkpointsDir, name, 'checkpoints')).find('latest');
  return { checkpoint: Checkpoint.read(path), said };
}

/** The recorded case through a network built and loaded as generate does. */
function assertGenerates(checkpoint: Checkpoint, recordedName: string, output: string): void {
  const [, recorded] = networkCases(recordedName).find(([name]) => name === recordedName)!;
  const expected = recorded.outputs[output]!;
  noGrad(() =>
    scope(() => {
      const network = buildGenerator(checkpoint.stageConfig);
      checkpoint.restoreGenerator(network);
      network.eval();
      assertNear(network.forward(vector(recorded.input)), vector(expected), expected.atol_suggested!, recordedName);
      network.dispose();
    }),
  );
}

const instanceG = { 'latest_net_G.pth': 'G_local_e1_in.legacy.pth' };

test('a legacy file with opt.txt generates the recorded output; missing files are reported', async () => {
  const { checkpoint, said } = await imported('legacy', official(instanceG, recordedGenerator));
  assertGenerates(checkpoint, 'G_local_e1_in', 'train');
  assert.match(said, /no .*latest_net_D\.pth: the discriminator starts with fresh weights/);
  assert.match(said, /Adam's moments start at zero/);
  const { step, epoch, batch } = checkpoint.state;
  assert.deepEqual([step, epoch, batch], [0, 1, 0]);
  assert.equal(checkpoint.state.config.labelNc, 7);
  assert.equal(checkpoint.state.config.name, 'legacy');
});

test('a zip file, and the keys of DataParallel, generate the same', async () => {
  const folder = official({}, recordedGenerator);
  const state = readStateDict(parityFile('G_local_e1_in.legacy.pth'));
  writePth(join(folder, 'latest_net_G.pth'), new Map([...state].map(([key, data]) => [`module.${key}`, data])));
  const { checkpoint } = await imported('zip', folder);
  assertGenerates(checkpoint, 'G_local_e1_in', 'train');
});

test('options on the command line replace a missing opt.txt, and override an existing one', async () => {
  const options = [
    ...['--label_nc', '7', '--netG', 'local', '--ngf', '4', '--n_downsample_global', '2'],
    ...['--n_blocks_global', '2', '--n_blocks_local', '1'],
  ];
  const { checkpoint, said } = await imported('options', official(instanceG), ...options);
  assertGenerates(checkpoint, 'G_local_e1_in', 'train');
  assert.match(said, /has no opt\.txt/);
  const wrong = official(instanceG, { ...recordedGenerator, ngf: '64', norm: 'spectral' });
  const { checkpoint: corrected } = await imported('overridden', wrong, '--ngf', '4', '--norm', 'instance');
  assertGenerates(corrected, 'G_local_e1_in', 'train');
});

test('batch norm with its discriminator: every tensor is loaded, and eval mode gives the recorded output', async () => {
  const files = { 'latest_net_G.pth': 'G_local_e1_bn.legacy.pth', 'latest_net_D.pth': 'D_bn.pth' };
  const folder = official(files, { ...recordedGenerator, norm: 'batch', ndf: '8' });
  writeFileSync(join(folder, 'iter.txt'), '12\n340\n');
  const { checkpoint } = await imported('batch', folder);
  assertGenerates(checkpoint, 'G_local_e1_bn', 'eval');
  assert.deepEqual(checkpoint.stateData('D'), readStateDict(parityFile('D_bn.pth')));
  assert.deepEqual([checkpoint.state.epoch, checkpoint.state.batch], [12, 340]);
});

test('a discriminator without feature matching has other keys, and the same weights', async () => {
  const folder = official({
    ...instanceG,
    '20_net_G.pth': instanceG['latest_net_G.pth'],
    '20_net_D.pth': 'D_sigmoid.pth',
  });
  writeFileSync(
    join(folder, 'opt.txt'),
    optTxt({ ...recordedGenerator, ndf: '8', n_layers_D: '2', no_lsgan: 'True', no_ganFeat_loss: 'True' }),
  );
  const { checkpoint } = await imported('flat', folder, '--which-epoch', '20');
  assert.deepEqual(toFlatDiscriminator(checkpoint.stateData('D')), readStateDict(parityFile('D_sigmoid.pth')));
  assert.deepEqual([checkpoint.state.config.ganMode, checkpoint.state.config.noGanFeatLoss], ['vanilla', true]);
  assert.equal(checkpoint.state.epoch, 21);
});

const encoderOptions = { ...recordedGenerator, label_nc: '4', instance_feat: 'True', nef: '4', n_downsample_E: '3' };

test('an encoder is imported too', async () => {
  const folder = official({ ...instanceG, 'latest_net_E.pth': 'E_in.legacy.pth' }, encoderOptions);
  const { checkpoint } = await imported('encoder', folder);
  assertGenerates(checkpoint, 'G_local_e1_in', 'train');
  assert.deepEqual(checkpoint.stateData('E'), readStateDict(parityFile('E_in.legacy.pth')));
  const { said } = await imported('without-encoder', folder, '--no-instance-feat', '--label-nc', '7');
  assert.match(said, /latest_net_E\.pth is not used/);
});

test('clustered features become the styles that generate chooses from', async () => {
  const folder = official({ ...instanceG, 'latest_net_E.pth': 'E_in.legacy.pth' }, encoderOptions);
  copyFileSync(
    fileURLToPath(new URL('../../../../torch/test/fixtures/clusters.npy', import.meta.url)),
    join(folder, 'features_clustered_010.npy'),
  );
  const { checkpoint, said } = await imported('styles', folder);
  assert.match(said, /features_clustered_010\.npy: the styles of 2 classes/);
  const styles = readStyles(checkpoint.path)!;
  assert.deepEqual([...styles.classes.keys()], [7, 26]);
  assert.deepEqual([...styles.classes.get(7)!.clusters[2]!.centre], [0.25, 0.375, 0.5]);
  assert.deepEqual([...styles.classes.get(7)!.mean], [0.0625, 0.1875, 0.3125]);
  // Every other tensor is unchanged.
  assert.deepEqual(checkpoint.stateData('E'), readStateDict(parityFile('E_in.legacy.pth')));
  await refuse(
    ['import', '--from', folder, ...place('other-number'), '--feat-num', '4', '--label-nc', '3'],
    1,
    /3 features a style|--feat-num|shape/,
  );
});

test('clustered features that cannot be read are refused before a run is created, so that import can be repeated', async () => {
  const folder = official({ ...instanceG, 'latest_net_E.pth': 'E_in.legacy.pth' }, encoderOptions);
  writeFileSync(join(folder, 'features_clustered_010.npy'), 'no array');
  await refuse(['import', '--from', folder, ...place('no-styles')], 1, /features_clustered_010\.npy/);
  assert.ok(!existsSync(join(checkpointsDir, 'no-styles')));
});

const zeros = (shape: readonly number[]): TensorData => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});

test('running statistics of instance norm from before PyTorch 0.4 are left out and counted', async () => {
  const folder = official({}, recordedGenerator);
  const state = readStateDict(parityFile('G_local_e1_in.legacy.pth'));
  const path = join(folder, 'latest_net_G.pth');
  writePth(
    path,
    new Map([
      ...state,
      ['model.2.running_mean', zeros([8])],
      ['model.2.running_var', zeros([8])],
      ['model1_1.2.running_mean', zeros([4])],
      ['model1_1.2.running_var', zeros([4])],
    ]),
  );
  const { checkpoint, said } = await imported('statistics', folder);
  assert.match(said, /latest_net_G\.pth: 4 running statistics are left out/);
  assertGenerates(checkpoint, 'G_local_e1_in', 'train');
});

test('batch norm from before PyTorch 0.4 lacks only num_batches_tracked, which starts at 0', async () => {
  const folder = official({}, { ...recordedGenerator, norm: 'batch' });
  const state = readStateDict(parityFile('G_local_e1_bn.legacy.pth'));
  const old = [...state].filter(([key]) => !key.endsWith('num_batches_tracked'));
  assert.ok(old.length < state.size);
  writePth(join(folder, 'latest_net_G.pth'), new Map(old));
  const { checkpoint } = await imported('uncounted', folder);
  assertGenerates(checkpoint, 'G_local_e1_bn', 'eval');
});

test('a mismatch is one error with keys, shapes and the options to change; no run is created', async () => {
  const folder = official(instanceG, recordedGenerator);
  const refuses = (options: string[], ...parts: RegExp[]) =>
    refuse(['import', '--from', folder, ...place('refused'), ...options], 1, /latest_net_G\.pth/, ...parts);
  await refuses(
    ['--ngf', '8'],
    /of a different shape:\n {6}model\.1\.weight is \[8,8,7,7\], not \[16,8,7,7\]\n/,
    /… and \d+ more/,
    /trained with --ngf 4 \(it is 8 now\)$/m,
  );
  await refuses(
    ['--netG', 'global', '--ngf', '8'],
    /unexpected:\n {6}model1_1\.1\.weight/,
    /--netG local \(it is global now\)/,
  );
  await refuses(['--n-blocks-global', '3'], /missing:\n {6}model\.\d+/, /--n-blocks-global 2 \(it is 3 now\)$/m);
  await refuses(['--n-downsample-global', '3'], /--n-downsample-global 2 \(it is 3 now\)$/m);
  await refuses(['--n-blocks-local', '2', '--output-nc', '1'], /--n-blocks-local 1/, /--output-nc 3 \(it is 1 now\)/);
  await refuses(['--n-local-enhancers', '2'], /--n-local-enhancers 1 \(it is 2 now\)/);
  await refuses(['--norm', 'batch'], /missing:\n {6}model\.2\.weight \[8\]/, /--norm instance \(it is batch now\)$/m);
  await refuses(['--label-nc', '35'], /it takes 8 input channels, but the options give 36: change --label-nc/);
  await refuses(['--label-nc', '0', '--input-nc', '7'], /images with instance maps/);
  assert.ok(!existsSync(join(checkpointsDir, 'refused')));
});

test('a discriminator or an encoder that does not fit is named with its options', async () => {
  const withD = official(
    { 'latest_net_G.pth': 'G_local_e1_bn.legacy.pth', 'latest_net_D.pth': 'D_bn.pth' },
    { ...recordedGenerator, norm: 'batch', num_D: '3', n_layers_D: '2' },
  );
  await refuse(
    ['import', '--from', withD, ...place('refused')],
    1,
    /latest_net_D\.pth/,
    /--num-D 2 \(it is 3 now\), --n-layers-D 3 \(it is 2 now\), --ndf 8 \(it is 64 now\)/,
  );
  const withE = official(
    { ...instanceG, 'latest_net_E.pth': 'E_in.legacy.pth' },
    { ...encoderOptions, nef: '16', n_downsample_E: '4' },
  );
  await refuse(
    ['import', '--from', withE, ...place('refused')],
    1,
    /latest_net_E\.pth/,
    /--nef 4 \(it is 16 now\), --n-downsample-E 3 \(it is 4 now\)$/m,
  );
});

test('missing, hostile and unrelated files, and existing runs, are refused', async () => {
  await refuse(['import', '--from', join(root, 'nowhere'), ...place('x')], 1, /found: {4}no folder .*nowhere/);
  const empty = official({}, recordedGenerator);
  await refuse(['import', '--from', empty, ...place('x')], 1, /latest_net_G\.pth\n {2}found: {4}no such file/);
  writeFileSync(
    join(empty, 'latest_net_G.pth'),
    readFileSync(new URL('../../../../torch/test/fixtures/exploits/in-state-dict.pth', import.meta.url)),
  );
  await refuse(['import', '--from', empty, ...place('x')], 1, /global "posix\.system"; refused/);
  assert.ok(!readdirSync('.').includes('exploited-canary'));
  writeFileSync(join(empty, 'latest_net_G.pth'), readFileSync(fileURLToPath(import.meta.url)));
  await refuse(['import', '--from', empty, ...place('x')], 1, /is not a PyTorch checkpoint/);
  assert.ok(!existsSync(join(checkpointsDir, 'x')));
  await imported('taken', official(instanceG, recordedGenerator));
  await refuse(
    ['import', '--from', official(instanceG, recordedGenerator), ...place('taken')],
    1,
    /a run of that name, which would be overwritten/,
  );
  await refuse(['import', '--from', empty, ...place('x'), '--which-epoch', 'best'], 2, /latest, or the number/);
});

test('an imported run generates and can be trained further', async () => {
  const data = join(root, 'data');
  writeLabelPairs(data, 'train', 2, 32, 32);
  const files = { 'latest_net_G.pth': 'G_local_e1_bn.legacy.pth', 'latest_net_D.pth': 'D_bn.pth' };
  const folder = official(files, { ...recordedGenerator, norm: 'batch', ndf: '8', no_vgg_loss: 'True' });
  const { checkpoint: before } = await imported('whole', folder);
  const exactly = ['--precision', 'fp32', '--threads', '1'];
  const input = ['--dataroot', data, '--phase', 'train', '--out', join(root, 'out')];
  await succeed('generate', ...place('whole'), ...input, ...exactly);
  assert.deepEqual(readdirSync(join(root, 'out')).sort(), ['0.png', '1.png']);
  await succeed('train', ...place('whole'), '--resume', '--dataroot', data, '--max-steps', '2', ...exactly);
  const after = Checkpoint.read(new CheckpointStore(join(checkpointsDir, 'whole', 'checkpoints')).find('latest'));
  assert.deepEqual([after.state.step, after.state.batch], [2, 0]);
  for (const network of ['G', 'D'] as const) {
    const key = network === 'G' ? 'model.1.weight' : 'scale0_layer0.0.weight';
    assert.notDeepEqual(after.stateData(network).get(key), before.stateData(network).get(key));
  }
});
