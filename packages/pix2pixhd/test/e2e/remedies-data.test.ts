/**
 * Remedies name only options that the command has: commands that prepare and check data, that train segmenters, and those of studies.
 * Errors come from modules that do not know which command was run, so each is provoked through the command line.
 */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { succeed } from '../support/cli.js';
import {
  at,
  below,
  expectAllCommands,
  expectOwnOptions,
  type Provocations,
  spoilt,
  writeFolders,
} from '../support/remedies.js';
import { labelNc } from '../support/runs.js';

before(async () => {
  writeFolders();
  const results = ['A', 'B'].flatMap(side => ['--results', `${side}=${at('images', `train_${side}`)}`]);
  await succeed('study', 'create', ...results, '--raters', '1', '--trials', '1', '--out', at('whole-study'));
  spoilt('whole-study', 'spoilt-study', folder => truncateSync(join(folder, 'pairwise', 'experiment.json'), 99));
  spoilt('whole-study', 'spoilt-answers', folder =>
    writeFileSync(join(folder, 'pairwise', 'answers.jsonl'), 'no answer\n{"type":"consent"}\n'),
  );
});

const provocations: Provocations = {
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
      [...create, ...two, '--out', at(), '--name', 'foreign'],
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
    ['study', 'results', at()],
    ['study', 'results', at('spoilt-study')],
    ['study', 'results', at('spoilt-answers')],
    ['study', 'results', at('whole-study'), '--attention', '80'],
  ],
  demo: () => [
    ['demo', '--out', below(), '--data-only'],
    ['demo', '--size', '33'],
    ['demo', '--kind', 'faces'],
    ['demo', 'folder'],
  ],
};

test('every command has bad calls', () => expectAllCommands('data', provocations));

test('every option that a remedy names belongs to the command that was run', () => expectOwnOptions(provocations, 80));
