/**
 * Remedies name only options that the command has: commands that train, and that work with trained runs. Errors come from modules that
 * do not know which command was run, so each is provoked through the command line.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { writeNpy } from '@pix2pixhd/torch';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, succeed } from '../support/cli.js';
import { strangeOptions } from '../support/named-options.js';
import {
  at,
  below,
  checkpointsDir,
  expectAllCommands,
  expectOwnOptions,
  of,
  type Provocations,
  spoilt,
  writeFolders,
} from '../support/remedies.js';
import { labelNc, tiny } from '../support/runs.js';
import { withoutFfmpeg } from '../support/video.js';

const styled = ['--instance-feat', '--nef', '4', '--n-downsample-E', '2'];

let runs = 0;
const train = (dataroot: string, ...options: string[]) => [
  ...['train', ...of(`new-${runs++}`), '--dataroot', dataroot, '--label-nc', String(labelNc), ...tiny],
  ...['--max-steps', '1', '--display-freq', '0', ...options],
];
const generate = (name: string, ...options: string[]) => ['generate', ...of(name), '--out', at('out'), ...options];
const encode = (name: string, ...options: string[]) => ['encode', ...of(name), ...options];

before(async () => {
  writeFolders();
  for (const side of ['A', 'B']) {
    mkdirSync(at('grey'), { recursive: true });
    for (const phase of ['train', 'test']) writePng(at('grey', `${phase}_${side}`, '0.png'), 32, 1, noise(32 * 32));
  }
  const labels = ['--dataroot', at('labels'), '--label-nc', String(labelNc), ...tiny, '--max-steps', '1'];
  const images = ['--label-nc', '0', ...tiny, '--max-steps', '1', '--display-freq', '0'];
  await succeed('train', ...of('labels'), ...labels, '--display-freq', '0');
  await succeed('train', ...of('styled'), ...labels, ...styled, '--display-freq', '0');
  await succeed('train', ...of('images'), '--dataroot', at('images'), ...images);
  await succeed('train', ...of('grey'), '--dataroot', at('grey'), ...images, '--input-nc', '1', '--output-nc', '1');
  await succeed(
    'train',
    ...of('unet'),
    '--dataroot',
    at('images'),
    ...images,
    '--netG',
    'unet',
    '--n-downsample-unet',
    '5',
  );
  // A run trained on features from files.
  cpSync(at('labels'), at('fed'), { recursive: true });
  await succeed(...encode('styled', '--write-features', at('fed', 'train_feat'), '--page-classes', '0'));
  await succeed(
    ...['train', ...of('fed'), ...labels, ...styled, '--load-features', '--display-freq', '0', '--dataroot', at('fed')],
  );
  spoilt('fed', 'feature-shape', folder =>
    writeNpy(join(folder, 'train_feat', '0.npy'), { dtype: 'float32', shape: [9, 1, 1], bytes: new Uint8Array(36) }),
  );
  spoilt('fed', 'feature-size', folder =>
    writeNpy(join(folder, 'train_feat', '0.npy'), { dtype: 'float32', shape: [3, 1, 1], bytes: new Uint8Array(12) }),
  );
  for (const name of ['damaged', 'damaged-styled']) {
    cpSync(join(checkpointsDir, name === 'damaged' ? 'labels' : 'styled'), join(checkpointsDir, name), {
      recursive: true,
    });
    const folder = join(checkpointsDir, name, 'checkpoints');
    for (const file of readdirSync(folder)) truncateSync(join(folder, file), 300);
  }
  cpSync(join(checkpointsDir, 'labels'), join(checkpointsDir, 'bare'), { recursive: true });
  rmSync(join(checkpointsDir, 'bare', 'checkpoints'), { recursive: true });
  await succeed('export', at('exported'), ...of('labels'));
  const small = ['--epochs', '1', '--channels', '4', '--levels', '1', '--label-nc', String(labelNc), '--threads', '1'];
  await succeed('train-segmenter', at('labels'), '--out', at('segmenter.safetensors'), ...small);
  cpSync(join(checkpointsDir, 'styled'), join(checkpointsDir, 'styled-without'), { recursive: true });
  // encode has stored styles in the other run's checkpoint.
  await succeed(...['train', ...of('styled-without'), '--resume', '--max-steps', '2']);
});

const provocations: Provocations = {
  train: () => [
    ...['ids', 'colours', 'orphan', 'no-instances', 'sizes', 'misnamed', 'nothing', 'nowhere', 'a-file', 'empty'].map(
      name => train(at(name)),
    ),
    train(at('images')),
    train(at('images'), '--label-nc', '0', '--inputs', 'A,depth'),
    train(at('images'), '--label-nc', '0', '--inputs', 'A,A'),
    train(at('images'), '--label-nc', '0', '--inputs', 'A,label'),
    train(at('images'), '--label-nc', '0', '--inputs', 'A,B'),
    train(at('images'), '--label-nc', '0', '--input-range', '9'),
    train(at('labels'), '--label-nc', '0'),
    train(at('labels'), '--phase', 'val'),
    train(at('labels'), ...styled, '--load-features'),
    train(at('feature-shape'), ...styled, '--load-features'),
    train(at('feature-size'), ...styled, '--load-features'),
    train(at('images'), '--label-nc', '0', '--input-nc', '1'),
    train(at('images'), '--label-nc', '0', '--output-nc', '1'),
    train(at('crops'), '--label-nc', '0', '--resize-or-crop', 'crop', '--fine-size', '64'),
    train(at('mixed'), '--label-nc', '0', '--batch-size', '2'),
    train(at('images'), '--label-nc', '0', '--num-D', '7'),
    train(at('images'), '--label-nc', '0', '--lr', '1e30', '--max-steps', '9'),
    train(at('images'), '--label-nc', '0', '--load-pretrain', at('nowhere')),
    train(at('images'), '--label-nc', '0', '--load-pretrain', join(checkpointsDir, 'grey'), '--ngf', '8'),
    train(at('images'), '--label-nc', '0', '--vgg-weights', at('nowhere')),
    train(at('images'), '--label-nc', '0', '--vgg-loss', '--vgg-weights', at('a-file')),
    train(at('images'), '--label-nc', '0', '--cache-dir', below()),
    train(at('images'), '--label-nc', '0', '--checkpoints-dir', below()),
    train(at('images'), '--label-nc', '0', '--checkpoints-dir', at('images', 'train_A')),
    train(at('images'), '--label-nc', '0', '--name', 'labels'),
    train(at('images'), '--label-nc', '0', '--checkpoints-dir', at(), '--name', 'foreign'),
    train(at('images'), '--device', 'cuda:99'),
    train(at('images'), '--cuda-graphs'),
    train(at('images'), '--cuda-graphs', '--device', 'cpu'),
    train(at('labels'), '--instance-feat', '--label-feat'),
    train(at('labels'), '--stages', '64,100'),
    train(at('labels'), '--stages', '64,128', '--netG', 'local'),
    train(at('images'), '--model', 'pix2pix'),
    train(at('images'), '--model', 'pix2pix', '--num-D', '1', '--ndf', '4', '--accumulate', '2'),
    train(at('images'), '--label-nc', '0', '--model', 'cycle-gan', '--num-D', '1', '--n-layers-D', '5'),
    train(at('images'), '--label-nc', '0', '--model', 'cycle-gan', '--num-D', '1', '--phase', 'val'),
    train(at('labels'), '--which_epoch', '7'),
    train(at('labels'), '--engine', 'x'),
    train(at('labels'), '--ngff', '3'),
    ['train', '--resume'],
    ['train', '--dataroot', at('labels')],
    ['train', ...of('absent'), '--resume'],
    ['train', ...of('damaged'), '--resume', '--max-steps', '9'],
    ['train', ...of('labels'), '--resume', '--ngf', '99'],
  ],
  generate: () => [
    ...['ids', 'colours', 'orphan', 'no-instances', 'sizes', 'misnamed', 'nothing', 'nowhere', 'a-file'].map(name =>
      generate('labels', '--dataroot', at(name)),
    ),
    generate('labels', '--dataroot', at('images')),
    generate('images', '--dataroot', at('labels')),
    generate('images', '--dataroot', at('images'), '--phase', 'val'),
    generate('grey', '--dataroot', at('images')),
    generate('images'),
    generate('images', at('images', 'test_A'), '--dataroot', at('images')),
    generate('images', at('nowhere')),
    generate('images', at('nothing')),
    generate('images', at('twice')),
    generate('images', at('images', 'test_A'), at('images', 'train_A')),
    generate('labels', at('labels', 'test_label')),
    generate('labels', at('labels', 'test_label'), '--input-inst', at('nothing')),
    ['generate', ...of('images'), at('images', 'test_A'), '--out', at('images', 'test_A')],
    ['generate', ...of('images'), at('images', 'test_A'), '--out', at('foreign')],
    ['generate', ...of('images'), at('images', 'test_A'), '--out', below()],
    generate('absent', at('images', 'test_A')),
    generate('bare', at('images', 'test_A')),
    generate('images', at('images', 'test_A'), '--which-epoch', '77'),
    generate('damaged', '--dataroot', at('labels')),
    ['generate', '--checkpoint', at('a-file'), at('images', 'test_A')],
    ['generate', '--checkpoint', at('nowhere'), at('images', 'test_A')],
    ['generate', at('images', 'test_A')],
    generate('images', at('images', 'test_A'), '--direction', 'BtoA'),
    generate('images', at('images', 'test_A'), '--noise-seed', '1'),
    generate('images', at('clip.mp4'), '--noise-seed', '1'),
    generate('images', at('images', 'test_A'), '--style', 'mean'),
    generate('images', at('images', 'test_A'), '--ngf', '64'),
    generate('images', at('images', 'test_A'), '--device', 'cuda:99'),
    generate('images', at('images', 'test_A'), '--aspect_ratio', '2'),
    generate('images', at('images', 'test_A'), '--max-steps', '2'),
    ...[
      ['--style', 'gothic'],
      ['--style', 'cluster:first'],
      ['--style', 'random'],
      ['--style', 'mean', '--style-seeds', '3'],
      ['--style', `file:${at('nowhere')}`],
      ['--style', `image:${at('nowhere')}`],
      ['--style', `image:${at('nothing')}`],
    ].map(style => generate('styled-without', '--dataroot', at('labels'), ...style)),
    generate('labels', at('clip.mp4')),
    generate('images', at('clip.mp4'), '--ffmpeg', at('nowhere')),
    generate('images', at('clip.mp4'), at('images', 'test_A')),
    generate('images', at('clip.mp4'), '--style', 'mean'),
    generate('images', at('clip.mp4'), '--drop'),
    generate('images', at('images', 'test_A'), '--frames'),
    ...(withoutFfmpeg ? [] : [generate('images', at('clip.mp4')), generate('images', at('no-such.mp4'))]),
    ['generate', ...of('images'), '--live'],
    ['generate', ...of('images'), '--live', '--width', '8', '--height', '8', at('clip.mp4')],
    ['generate', ...of('labels'), '--live', '--width', '8', '--height', '8'],
    generate('styled', '--dataroot', at('labels'), '--style', `file:${at('style.json')}`),
    generate('fed', '--dataroot', at('labels'), '--style', `image:${at('nowhere')}`),
    generate('styled', at('labels', 'test_label'), '--input-inst', at('labels', 'test_inst'), '--use-encoded-image'),
  ],
  encode: () => [
    ...['ids', 'colours', 'orphan', 'no-instances', 'sizes', 'nothing', 'nowhere', 'images'].map(name =>
      encode('styled', '--dataroot', at(name)),
    ),
    encode('labels'),
    encode('absent'),
    encode('damaged-styled'),
    encode('styled', '--which-epoch', '77'),
    encode('styled', '--ngf', '64'),
    encode('fed', '--dataroot', at('labels')),
    ...['feature-shape', 'feature-size'].map(name => encode('fed', '--dataroot', at(name))),
    encode('styled', '--write-features', at('foreign')),
    encode('styled', '--write-features', at('labels', 'train_label')),
    encode('styled', '--write-features', below()),
    ['encode'],
  ],
  evaluate: () => {
    const results = ['--results', `a=${at('images', 'test_A')}`];
    const real = ['--real', at('images', 'test_B')];
    const judge = (...options: string[]) => ['evaluate', '--out', at('judged'), ...options];
    const file = (name: string, text: string) => {
      writeFileSync(at(name), text);
      return at(name);
    };
    const ours = at('segmenter.safetensors');
    const segmented = (segmenter: string, ...options: string[]) =>
      judge(
        '--results',
        `real=${at('labels', 'test_img')}`,
        '--segmenter',
        segmenter,
        '--dataroot',
        at('labels'),
        ...options,
      );
    return [
      judge(...results),
      judge(...real),
      judge(...results, ...results, ...real),
      judge(...results, ...real, '--metrics', 'sharpness'),
      judge(...results, ...real, '--metrics', 'ms-ssim'),
      judge(...results, ...real, '--metrics', 'fid', '--weights', `inception=${at('nowhere')}`),
      judge(...results, ...real, '--metrics', 'fid', '--weights', `inception=${at('a-file')}`),
      judge(...results, ...real, '--resize', 'half'),
      judge(...results, ...real, '--output-range', 'percentile'),
      judge(...results, '--real', at('nowhere')),
      judge(...results, '--real', at('nothing')),
      judge(...results, '--real', at('twice')),
      judge(...results, '--real', at('a-file')),
      judge(...results, '--dataroot', at('images'), '--phase', 'val'),
      judge(...results, '--real', at('mixed', 'train_B')),
      judge('--results', `a=${at('labels', 'train_label')}`, '--real', at('misnamed', 'train_inst', '0.png')),
      judge(...of('images'), ...real),
      judge(...of('absent'), '--dataroot', at('images')),
      judge(...of('labels'), '--dataroot', at('images')),
      judge(...of('damaged'), '--dataroot', at('labels')),
      judge(...of('images'), '--dataroot', at('images'), '--which-epoch', '77'),
      judge('--checkpoints', `b=${at('a-file')}`, '--dataroot', at('images')),
      ['evaluate', ...results, ...real, '--out', below()],
      ['evaluate', ...results, ...real, '--out', at('images', 'test_B')],
      segmented(at('nowhere.safetensors')),
      segmented(file('model.onnx', '')),
      segmented(at('style.json')),
      segmented(file('onnx.json', '{"model": "none.onnx", "labelNc": 5, "classes": [0, 1]}')),
      segmented(join(checkpointsDir, 'labels', 'config.json')),
      segmented(file('other.safetensors', 'no tensors')),
      ...['ids', 'colours', 'misnamed', 'nothing', 'images'].map(name => segmented(ours, '--dataroot', at(name))),
      segmented(ours, '--phase', 'val'),
      segmented(ours, '--results', `oracle=${at('labels', 'test_img')}`),
      segmented(ours, '--real', at('crops', 'train_B')),
      judge(...results, ...real, '--segmenter', ours),
    ];
  },
  compare: () => {
    const compared = (...options: string[]) => [
      ...['compare', at('images'), '--label-nc', '0', ...tiny, '--out', at('compared'), ...options],
    ];
    const steps = ['--steps', '1'];
    const file = (name: string, content: string) => {
      writeFileSync(at(name), content);
      return [...steps, '--configs', at(name)];
    };
    return [
      compared(),
      compared(...steps, '--minutes', '1'),
      compared(...steps, '--ablation', 'instances'),
      compared(...steps, '--ablation', 'depth'),
      compared(...steps, '--only', 'absent'),
      compared(...steps, '--metrics', 'sharpness'),
      compared(...steps, '--phase', 'val'),
      compared(...steps, '--configs', at('nowhere')),
      compared(...steps, '--configs', at('a-file')),
      compared(...file('no-candidate.json', '{"candidates": {}}')),
      compared(...file('no-option.json', '{"candidates": {"a": {"skip": 1}}}'), '--only', 'a'),
      compared(...file('two.json', '{"candidates": {"a": {}}}'), '--ablation', 'losses'),
      compared(...steps, '--input-nc', '1'),
      compared(...steps, '--out', below(), '--only', 'g1'),
      ['compare', at('images'), ...steps, '--out', at('images', 'train_A')],
      ['compare', at('nowhere'), ...steps],
      ...['ids', 'colours', 'orphan', 'misnamed'].map(name => ['compare', at(name), ...steps, '--label-nc', '5']),
      ['compare', ...steps],
    ];
  },
  edit: () => [
    ['edit', ...of('absent')],
    ['edit', ...of('damaged-styled')],
    ['edit', ...of('styled'), '--which-epoch', '77'],
    ['edit', ...of('styled'), '--dataroot', at('nowhere')],
    // An address for documentation, which no machine has (RFC 5737).
    ['edit', ...of('styled'), '--host', '203.0.113.1', '--port', '0'],
  ],
  import: () => [
    ['import', at('nowhere'), ...of('imported')],
    ['import', at('foreign'), ...of('imported')],
    ['import', at('exported'), ...of('labels')],
    ['import', at('exported'), ...of('imported'), '--ngf', '77'],
    ['import', at('exported'), ...of('imported'), '--label-nc', '77'],
    ['import', at('exported'), ...of('imported'), '--which-epoch', '7'],
    ['import', at('exported'), ...of('imported'), '--model', 'pix2pix'],
    ['import', at('exported'), ...of('imported'), '--model', 'cycle-gan'],
    ['import', at('exported'), '--name', 'imported', '--checkpoints-dir', below()],
    ['import', at('exported'), '--name', 'foreign', '--checkpoints-dir', at()],
    ['import'],
  ],
  export: () => [
    ['export', at('foreign'), ...of('labels')],
    ['export', below(), ...of('labels')],
    ['export', at('out'), ...of('absent')],
    ['export', at('out'), ...of('damaged')],
    ['export', at('out'), ...of('unet')],
    ['export', at('out'), ...of('labels'), '--which-epoch', '77'],
    ['export', ...of('labels')],
  ],
};

test('every command has bad calls', () => expectAllCommands('runs', provocations));

test('every option that a remedy names belongs to the command that was run', () => expectOwnOptions(provocations, 150));

test('validation: what cannot be measured, each with a remedy that train has', async () => {
  spoilt('images', 'nothing-held-out', folder => {
    for (const side of ['A', 'B']) rmSync(join(folder, `test_${side}`), { recursive: true });
  });
  const psnr = ['--validate', 'psnr'];
  const images = (dataroot: string, ...options: string[]) => train(at(dataroot), '--label-nc', '0', ...options);
  const cases: [argv: string[], status: number, words: RegExp][] = [
    [images('nothing-held-out', ...psnr), 1, /no folders of inputs of val or test/],
    [images('images', '--validate', 'ms-ssim'), 1, /32×32 pixels.*176×176/s],
    [images('images', '--patience', '3'), 2, /--patience.*--validate none/s],
    [images('images', ...psnr, '--min-delta', '1'), 2, /--min-delta.*no --patience/s],
    [images('images', ...psnr, '--patience', '0'), 2, /--patience/],
    [images('images', '--validate', 'lpips'), 2, /--validate.*psnr, ssim, ms-ssim, l1, ciede2000/s],
    [images('images', '--validate', 'ciede2000', '--output-nc', '2'), 2, /images of 2 channels/],
  ];
  for (const [argv, status, expected] of cases) {
    const result = await pix2pixhd(...argv);
    assert.equal(result.code, status, result.stderr);
    assert.match(result.stderr, expected);
    assert.deepEqual(strangeOptions(result.stderr, 'train'), [], result.stderr);
  }
});
