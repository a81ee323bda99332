/**
 * Remedies name only options that the command has. Errors come from modules that do not know which command was run, so each
 * is provoked through the command line, and every option that its remedy or expectation names must be one of that command.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { writeNpy } from '@pix2pixhd/torch';
import { advised, words } from '../../src/cli/advice.js';
import { explained } from '../../src/cli/explain.js';
import { commandTable } from '../../src/cli/table.js';
import { type Advice, UserError } from '../../src/errors.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, succeed } from '../support/cli.js';
import { strangeOptions } from '../support/named-options.js';
import { labelNc, tiny, workFolder, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { withoutFfmpeg } from '../support/video.js';

const root = workFolder();
const checkpointsDir = join(root, 'checkpoints');
const at = (...names: string[]) => join(root, ...names);
const of = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];
const styled = ['--instance-feat', '--nef', '4', '--n-downsample-E', '2'];

/** A copy of a data set with one thing wrong. */
function spoilt(from: string, name: string, spoil: (folder: string) => void): string {
  cpSync(at(from), at(name), { recursive: true });
  spoil(at(name));
  return at(name);
}

let runs = 0;
const train = (dataroot: string, ...options: string[]) => [
  ...['train', ...of(`new-${runs++}`), '--dataroot', dataroot, '--label-nc', String(labelNc), ...tiny],
  ...['--max-steps', '1', '--display-freq', '0', ...options],
];
const generate = (name: string, ...options: string[]) => ['generate', ...of(name), '--out', at('out'), ...options];
const encode = (name: string, ...options: string[]) => ['encode', ...of(name), ...options];

before(async () => {
  writeLabelPairs(at('labels'), 'train', 3, 32, 32);
  writeLabelPairs(at('labels'), 'test', 2, 32, 32);
  writeImagePairs(at('images'), 'train', 2, 32, 32);
  writeImagePairs(at('images'), 'test', 2, 32, 32);
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
  spoilt('labels', 'ids', folder => {
    for (const phase of ['train', 'test'])
      writePng(join(folder, `${phase}_label`, '0.png'), 32, 1, new Uint8Array(1024).fill(9));
  });
  spoilt('labels', 'colours', folder => {
    for (const phase of ['train', 'test']) writePng(join(folder, `${phase}_label`, '0.png'), 32, 3, noise(32 * 32 * 3));
  });
  spoilt('labels', 'orphan', folder => {
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_inst`, '0.png'));
  });
  spoilt('labels', 'no-instances', folder => {
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_inst`), { recursive: true });
  });
  spoilt('labels', 'sizes', folder => {
    for (const phase of ['train', 'test']) writePng(join(folder, `${phase}_inst`, '0.png'), 16, 1, noise(256));
  });
  spoilt('labels', 'misnamed', folder => {
    for (const phase of ['train', 'test'])
      cpSync(join(folder, `${phase}_label`), join(folder, `${phase}_labels`), { recursive: true });
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_label`), { recursive: true });
  });
  spoilt('fed', 'feature-shape', folder =>
    writeNpy(join(folder, 'train_feat', '0.npy'), { dtype: 'float32', shape: [9, 1, 1], bytes: new Uint8Array(36) }),
  );
  spoilt('fed', 'feature-size', folder =>
    writeNpy(join(folder, 'train_feat', '0.npy'), { dtype: 'float32', shape: [3, 1, 1], bytes: new Uint8Array(12) }),
  );
  mkdirSync(at('empty', 'train_label'), { recursive: true });
  mkdirSync(at('nothing'));
  writeFileSync(at('a-file'), 'text');
  mkdirSync(at('exr'));
  writeFileSync(at('exr', '0.exr'), 'v/1\x01');
  for (const name of ['damaged', 'damaged-styled']) {
    cpSync(join(checkpointsDir, name === 'damaged' ? 'labels' : 'styled'), join(checkpointsDir, name), {
      recursive: true,
    });
    const folder = join(checkpointsDir, name, 'checkpoints');
    for (const file of readdirSync(folder)) truncateSync(join(folder, file), 300);
  }
  cpSync(join(checkpointsDir, 'labels'), join(checkpointsDir, 'bare'), { recursive: true });
  rmSync(join(checkpointsDir, 'bare', 'checkpoints'), { recursive: true });
  mkdirSync(at('foreign'));
  for (const file of ['0.png', '1.png', '0.npy', 'opt.txt', 'latest_net_G.pth', 'preview.png'])
    writeFileSync(at('foreign', file), "somebody's");
  writePng(at('twice', 'same.png'), 8, 3, noise(192));
  writePng(at('twice', 'same_img.png'), 8, 3, noise(192));
  writePng(at('crops', 'train_A', '0.png'), 8, 3, noise(192));
  writePng(at('crops', 'train_B', '0.png'), 8, 3, noise(192));
  cpSync(at('images'), at('mixed'), { recursive: true });
  for (const side of ['A', 'B']) writePng(at('mixed', `train_${side}`, '0.png'), 16, 3, noise(16 * 16 * 3));
  writeFileSync(at('clip.mp4'), 'no video');
  writeFileSync(at('style.json'), '{"default": 7}');
  const results = ['A', 'B'].flatMap(side => ['--results', `${side}=${at('images', `train_${side}`)}`]);
  await succeed('study', 'create', ...results, '--raters', '1', '--trials', '1', '--out', at('whole-study'));
  spoilt('whole-study', 'spoilt-study', folder => truncateSync(join(folder, 'pairwise', 'experiment.json'), 99));
  spoilt('whole-study', 'spoilt-answers', folder =>
    writeFileSync(join(folder, 'pairwise', 'answers.jsonl'), 'no answer\n{"type":"consent"}\n'),
  );
});

const below = () => at('a-file', 'below');
const provocations: Readonly<Record<string, () => readonly (readonly string[])[]>> = {
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
    train(at('images'), '--label-nc', '0', '--checkpoints-dir', root, '--name', 'foreign'),
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
  prepare: () => {
    const out = ['--out', at('prepared')];
    const [a, b, labels] = [at('images', 'train_A'), at('images', 'train_B'), at('colours', 'train_label')];
    const two = ['prepare', '--inputs', a, '--targets', b];
    return [
      ['prepare', ...out],
      ['prepare', at('images')],
      ['prepare', at('nowhere'), ...out],
      ['prepare', at('a-file'), ...out],
      ['prepare', at('empty'), ...out],
      ['prepare', at('images'), ...out],
      ['prepare', '--inputs', a, ...out],
      ['prepare', '--inputs', at('exr'), '--targets', b, ...out],
      ['prepare', '--inputs', a, '--labels', labels, '--targets', b, ...out],
      [...two, ...out, '--pair-inputs', 'a\\d+'],
      [...two, ...out, '--pair-inputs', '('],
      [...two, ...out, '--pair-inputs', '(x+)', '--pair-targets', '(y+)'],
      [...two, ...out, '--pair-times', '1'],
      [...two, ...out, '--group', '^(\\D)'],
      [...two, ...out, '--split', 'group'],
      [...two, ...out, '--align', 'rig'],
      [...two, ...out, '--align', 'pair'],
      [...two, ...out, '--calibration-inputs', at('style.json')],
      [...two, ...out, '--calibration-targets', at('nowhere')],
      [...two, ...out, '--instances-of', 'all'],
      [...two, '--out', at('images', 'train_A', 'below')],
      [...two, '--out', at('foreign')],
      [...two, '--out', below()],
      [...two, ...out, '--input-range', '5,4'],
      [...two, ...out, '--output-range', 'clahe'],
      ['prepare', '--labels', labels, '--targets', at('labels', 'train_img'), ...out],
      ['prepare', '--labels', labels, '--targets', at('labels', 'train_img'), ...out, '--palette', 'rainbow'],
      ['prepare', '--labels', labels, '--targets', at('labels', 'train_img'), ...out, '--palette', at('nowhere.csv')],
      ['prepare', '--labels', labels, '--targets', at('labels', 'train_img'), ...out, '--panoptic', at('style.json')],
      ['prepare', '--labels', labels, '--targets', at('labels', 'train_img'), ...out, '--instances-of', 'cars'],
      ['prepare', a, ...out, '--annotations', at('style.json')],
      ['prepare', a, ...out, '--annotations', at('nowhere')],
      ['prepare', '--inputs', at('clip.mp4'), '--targets', b, ...out, '--ffmpeg', at('a-file')],
      ['prepare', '--inputs', at('clip.mp4'), '--targets', at('clip.mp4'), ...out],
      ['prepare', a, '--kind', 'radiometric', ...out],
    ];
  },
  check: () => [
    ['check', at('labels'), '--label-nc', '5', '--alignment'],
    ['check', at('images'), '--label-nc', '0', '--alignment', '--overlays', below()],
    ['check', at('images'), '--label-nc', '0', '--alignment', '--overlays', at('foreign', 'preview.png')],
    ['check', at('images'), '--label-nc', '0', '--inputs', 'A,depth'],
    ...['ids', 'colours', 'orphan', 'no-instances', 'sizes', 'misnamed', 'nothing', 'nowhere', 'a-file', 'empty'].map(
      name => ['check', at(name), '--label-nc', '5'],
    ),
    ['check', at('images')],
    ['check', at('nothing'), '--model', 'cycle-gan'],
    ['check', at('images'), '--model', 'cycle-gan', '--alignment'],
    ['check', at('labels'), '--label-nc', '0'],
    ['check', at('labels'), '--preview', at('foreign', 'preview.png')],
    ['check', at('labels'), '--preview', below()],
    ['check'],
    ['check', at('labels'), at('images')],
  ],
  'train-segmenter': () => {
    const segmenter = (name: string, ...options: string[]) => [
      ...['train-segmenter', at(name), '--out', at(`segmenter-of-${name}.safetensors`), '--label-nc', String(labelNc)],
      ...['--epochs', '1', '--threads', '1', ...options],
    ];
    const crops = ['--resize-or-crop', 'crop', '--fine-size', '64'];
    return [
      ...['ids', 'colours', 'misnamed', 'nothing', 'nowhere', 'a-file', 'empty', 'images'].map(name => segmenter(name)),
      segmenter('labels', '--output-nc', '1'),
      segmenter('labels', ...crops),
      segmenter('labels', '--out', at('labels', 'train_img', '0.png'), '--force'),
      segmenter('labels', '--out', at('style.json')),
      segmenter('labels', '--out', below()),
      segmenter('labels', '--max-dataset-size', '1'),
      segmenter('labels', '--lr', '1e30', '--epochs', '9', '--batch-size', '1'),
      ['train-segmenter', '--resume', '--out', at('nowhere.safetensors')],
      ['train-segmenter', '--resume', '--out', at('style.json')],
      ['train-segmenter'],
    ];
  },
  'evaluate-segmentation': () => {
    const file = (name: string, text: string) => {
      writeFileSync(at(name), text);
      return at(name);
    };
    const onnx = file('onnx.json', '{"model": "none.onnx", "labelNc": 5, "classes": [0, 1]}');
    const scored = (segmenter: string, ...options: string[]) => [
      ...['evaluate-segmentation', `real=${at('labels', 'test_img')}`, '--dataroot', at('labels')],
      ...['--segmenter', segmenter, '--threads', '1', ...options],
    ];
    const ours = at('segmenter.safetensors');
    return [
      scored(at('nowhere.safetensors')),
      scored(file('model.onnx', '')),
      scored(at('style.json')),
      scored(onnx),
      scored(join(checkpointsDir, 'labels', 'config.json')),
      scored(file('other.safetensors', 'no tensors')),
      ...['ids', 'colours', 'misnamed', 'nothing', 'images'].map(name => scored(ours, '--dataroot', at(name))),
      scored(ours, '--phase', 'val'),
      scored(ours, at('nothing')),
      scored(ours, at('nowhere')),
      scored(ours, `real=${at('images', 'test_B')}`),
      scored(ours, `odd=${at('crops', 'train_B')}`),
      scored(ours, '--out', at('style.json')),
      scored(ours, '--out', below()),
      ['evaluate-segmentation', '--segmenter', ours, '--dataroot', at('labels')],
      ['evaluate-segmentation', at('labels', 'test_img')],
    ];
  },
  'study create': () => {
    const create = ['study', 'create', '--raters', '1', '--trials', '1', '--out', at('study')];
    const two = ['--results', `a=${at('images', 'train_A')}`, '--results', `b=${at('images', 'train_B')}`];
    const limited = ['--kind', 'limited-time', '--results', `a=${at('images', 'train_A')}`];
    return [
      create,
      [...create, '--results', at('images', 'train_A')],
      [...create, '--results', `a=${at('images', 'train_A')}`],
      [...create, ...two, ...two],
      [...create, ...two, '--results', `c=${at('nowhere')}`],
      [...create, ...two, '--results', `c=${at('images')}`],
      [...create, ...two, '--results', `c=${at('nothing')}`],
      [...create, '--results', `a=${at('mixed', 'train_A')}`, '--results', `b=${at('crops', 'train_A')}`],
      [...create, ...two, '--results', `c=${at('crops', 'train_A')}`],
      [...create, ...two, '--results', `c=${at('twice')}`],
      [...create, ...two, '--trials', '900'],
      [...create, ...two, '--consent', at('nowhere')],
      [...create, ...two, '--name', '../x'],
      [...create, ...two, '--address', 'here'],
      [...create, ...two, '--out', below()],
      [...create, ...two, '--out', root, '--name', 'foreign'],
      [...create, ...limited],
      [...create, ...limited, '--real', at('images', 'train_B'), '--labels', at('images', 'train_A')],
      [...create, ...limited, '--real', at('images', 'train_B'), '--exposures', '0'],
      [...create, ...limited, '--real', at('images', 'train_B'), '--results', `real=${at('images', 'train_B')}`],
    ];
  },
  'study serve': () => [
    ['study', 'serve', at('nowhere')],
    ['study', 'serve', at('spoilt-study')],
    ['study', 'serve', at('spoilt-answers'), '--port', '0'],
    // An address for documentation, which no machine has (RFC 5737).
    ['study', 'serve', at('whole-study'), '--host', '203.0.113.1', '--port', '0'],
  ],
  'study results': () => [
    ['study', 'results', at('nowhere')],
    ['study', 'results', root],
    ['study', 'results', at('spoilt-study')],
    ['study', 'results', at('spoilt-answers')],
    ['study', 'results', at('whole-study'), '--attention', '80'],
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
    ['import', at('exported'), '--name', 'foreign', '--checkpoints-dir', root],
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
  demo: () => [
    ['demo', '--out', below(), '--data-only'],
    ['demo', '--size', '33'],
    ['demo', '--kind', 'faces'],
    ['demo', 'folder'],
  ],
};

test('every option that a remedy names belongs to the command that was run', async () => {
  await succeed('export', at('exported'), ...of('labels'));
  await succeed(
    ...['train-segmenter', at('labels'), '--out', at('segmenter.safetensors'), '--label-nc', String(labelNc)],
    ...['--epochs', '1', '--channels', '4', '--levels', '1', '--output-nc', '3', '--threads', '1'],
  );
  cpSync(join(checkpointsDir, 'styled'), join(checkpointsDir, 'styled-without'), { recursive: true });
  // encode has stored styles in the other run's checkpoint.
  await succeed(...['train', ...of('styled-without'), '--resume', '--max-steps', '2']);
  let provoked = 0;
  const failures: string[] = [];
  for (const { spec } of commandTable)
    for (const argv of provocations[spec.name]!()) {
      const { code, stdout, stderr } = await pix2pixhd(...argv);
      const line = argv.join(' ').replaceAll(root, '');
      // All of doctor's output; of an error only the remedy and the expectation.
      const advice =
        spec.name === 'check' && stderr === ''
          ? stdout
          : [...stderr.matchAll(/^ {2}(?:expected|remedy): +(.*(?:\n {4}.*)*)/gm)].map(([, text]) => text).join('\n');
      if (code !== 1 && code !== 2) failures.push(`${line}: exit ${code}`);
      else if (advice === '') failures.push(`${line}: no advice in ${stderr}`);
      provoked++;
      for (const strange of strangeOptions(advice.replaceAll(root, ''), spec.name))
        failures.push(`${line}: ${strange}\n${stderr}`);
    }
  assert.deepEqual(failures, []);
  assert.ok(provoked > 100);
});

test('so does every option in the advice that was not provoked here', () => {
  const all: readonly Advice[] = [
    { kind: 'more-classes', needed: 9, classes: 5 },
    { kind: 'channels', option: '--input-nc', found: 3, wanted: 1 },
    { kind: 'channels', option: '--output-nc', found: 3, wanted: 4 },
    { kind: 'layout', found: 'images' },
    { kind: 'layout', found: 'labels' },
    { kind: 'no-instances', folder: 'test_inst' },
    { kind: 'no-features', folder: 'train_feat' },
    { kind: 'range', option: '--input-range' },
    { kind: 'feature-map' },
    { kind: 'place-of-run' },
    { kind: 'run-exists', path: 'checkpoints/n', isRun: true },
    { kind: 'run-exists', path: 'checkpoints/n', isRun: false },
    { kind: 'checkpoint-damaged' },
    { kind: 'no-memory' },
    { kind: 'diverged', from: null },
    { kind: 'diverged', from: 7 },
  ];
  for (const [command, own] of Object.entries(words)) {
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of Object.keys(own)) assert.ok(kinds.has(kind as Advice['kind']), kind);
    for (const advice of all) {
      const error = new UserError({
        code: 'FILE_UNREADABLE',
        doing: 'd',
        found: 'f',
        remedy: 'as training says',
        advice,
      });
      const { remedy } = (advised(error, command) as UserError).parts;
      assert.equal(remedy === 'as training says', own[advice.kind] === undefined);
      assert.deepEqual(strangeOptions(remedy, command), [], remedy);
    }
  }
});

test('out of memory: each command names remedies that it has', () => {
  for (const { spec } of commandTable) {
    const error = advised(explained(new Error('std::bad_alloc')), spec.name);
    assert.ok(error instanceof UserError);
    if (['train', 'generate', 'encode', 'demo'].includes(spec.name))
      assert.deepEqual(strangeOptions(error.parts.remedy, spec.name), [], error.message);
  }
});

test('this test finds foreign options', () => {
  assert.deepEqual(strangeOptions('give --label-nc 8, or correct the map', 'generate'), ['generate --label-nc']);
  assert.deepEqual(strangeOptions('train such a run (pix2pixhd train --label-nc 8), or give --name', 'generate'), []);
  assert.deepEqual(strangeOptions('run pix2pixhd encode --name n once, or give --style', 'encode'), ['encode --style']);
});
