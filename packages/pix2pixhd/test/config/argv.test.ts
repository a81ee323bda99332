import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTable } from '../../src/cli/table.js';
import { parseArgv, readCommandLine, resolveConfig, toArgv } from '../../src/config/argv.js';
import { checkCommand } from '../../src/config/commands/check.js';
import type { CommandSpec } from '../../src/config/commands/command.js';
import { demoCommand } from '../../src/config/commands/demo.js';
import { encodeCommand } from '../../src/config/commands/encode.js';
import { evaluateCommand } from '../../src/config/commands/evaluate.js';
import { exportCommand } from '../../src/config/commands/export.js';
import { generateCommand } from '../../src/config/commands/generate.js';
import { importCommand } from '../../src/config/commands/import.js';
import { studyCreateCommand } from '../../src/config/commands/study.js';
import { trainCommand } from '../../src/config/commands/train.js';
import { listedOptions, readProgramOptions } from '../../src/config/program-options.js';
import { oppositeOf, spellingsOf } from '../../src/config/spellings.js';
import { UsageError } from '../../src/errors.js';
import { parseCommand } from '../support/parse-command.js';

const train = (...argv: string[]) => parseArgv(trainCommand, argv);

function refusal(argv: string[]): UsageError {
  try {
    parseArgv(trainCommand, argv);
  } catch (error) {
    assert(error instanceof UsageError);
    return error;
  }
  return assert.fail(`accepted: ${argv.join(' ')}`);
}

test('one option has one meaning in kebab-case, underscores, capitals, and with an equals sign', () => {
  for (const argv of [
    ['--label-nc', '21'],
    ['--label_nc', '21'],
    ['--label-nc=21'],
    ['--label_nc=21'],
    ['--labelNc', '21'],
  ]) {
    assert.deepEqual(train(...argv), { labelNc: 21 });
  }
});

test("NVIDIA's own command lines are understood", () => {
  const line =
    '--name label2city_512p --checkpoints_dir ./checkpoints --dataroot ./datasets/cityscapes/ --loadSize 512 ' +
    '--fineSize 256 --batchSize 2 --niter 50 --niter_decay 60 --no_instance --no_flip --resize_or_crop crop ' +
    '--netG local --ngf 32 --n_downsample_global 3 --n_blocks_global 6 --n_blocks_local 2 --n_local_enhancers 1 ' +
    '--num_D 3 --n_layers_D 4 --ndf 32 --lambda_feat 5 --no_ganFeat_loss --pool_size 50 --label_nc 0 --input_nc 4 ' +
    '--output_nc 1 --nThreads 4 --norm batch --continue_train --beta1 0.6 --lr 1e-4 --save_latest_freq 500 ' +
    '--save_epoch_freq 5 --display_freq 20 --print_freq 30 --phase val --no_lsgan --gpu_ids -1';
  assert.deepEqual(train(...line.split(' ')), {
    name: 'label2city_512p',
    checkpointsDir: './checkpoints',
    dataroot: './datasets/cityscapes/',
    loadSize: 512,
    fineSize: 256,
    batchSize: 2,
    niter: 50,
    niterDecay: 60,
    noInstance: true,
    noFlip: true,
    resizeOrCrop: 'crop',
    netG: 'local',
    ngf: 32,
    nDownsampleGlobal: 3,
    nBlocksGlobal: 6,
    nBlocksLocal: 2,
    nLocalEnhancers: 1,
    numD: 3,
    nLayersD: 4,
    ndf: 32,
    lambdaFeat: 5,
    noGanFeatLoss: true,
    poolSize: 50,
    labelNc: 0,
    inputNc: 4,
    outputNc: 1,
    workers: 4,
    norm: 'batch',
    resume: true,
    beta1: 0.6,
    lr: 1e-4,
    saveLatestFreq: 500,
    saveEpochFreq: 5,
    displayFreq: 20,
    printFreq: 30,
    phase: 'val',
    ganMode: 'vanilla',
    device: 'cpu',
  });
});

test('defaults are those of the paper and the public implementation', () => {
  const config = parseCommand(trainCommand, ['--dataroot', 'd', '--name', 'n']);
  const { labelNc, netG, ngf, nDownsampleGlobal, nBlocksGlobal, nBlocksLocal, nLocalEnhancers, norm } = config;
  assert.deepEqual([labelNc, netG, ngf, nDownsampleGlobal, nBlocksGlobal], [35, 'global', 64, 4, 9]);
  assert.deepEqual([nBlocksLocal, nLocalEnhancers, norm], [3, 1, 'instance']);
  const { numD, nLayersD, ndf, ganMode, lambdaFeat, lambdaL1, niter, niterDecay, lr, beta1, beta2, batchSize } = config;
  assert.deepEqual([numD, nLayersD, ndf, ganMode, lambdaFeat, lambdaL1], [2, 3, 64, 'lsgan', 10, 0]);
  assert.deepEqual([niter, niterDecay, lr, beta1, beta2, batchSize], [100, 100, 2e-4, 0.5, 0.999, 1]);
  assert.deepEqual([config.loadSize, config.fineSize, config.resizeOrCrop], [1024, 512, 'scale_width']);
});

test('a GPU is chosen by its number; of several the first is used, which is said', () => {
  assert.deepEqual(train('--gpu_ids', '1'), { device: 'cuda:1' });
  const { given, remarks } = readCommandLine(trainCommand, ['--gpu_ids', '2,3']);
  assert.deepEqual([given, remarks], [{ device: 'cuda:2' }, ['--gpu_ids 2,3: one GPU is used, number 2']]);
  const { where, found } = refusal(['--gpu_ids', '0,x']).parts;
  assert.deepEqual([where, found], ['--gpu_ids', '0,x']);
});

test('flags have opposites, and the last one counts', () => {
  assert.deepEqual(train('--no-instance', '--instance'), { noInstance: false });
  assert.deepEqual(train('--flip', '--no_flip'), { noFlip: true });
  assert.deepEqual(train('--resume', '--no-resume'), { resume: false });
  assert.deepEqual(train('--no-flip=false'), { noFlip: false });
  assert.equal(oppositeOf(oppositeOf('no-flip')), 'no-flip');
});

test('a flag does not swallow the option after it', () => {
  assert.deepEqual(train('--no-instance', '--ngf', '8'), { noInstance: true, ngf: 8 });
});

test('choices are found whatever their capitals and dashes', () => {
  assert.deepEqual(train('--resize-or-crop', 'Scale-Width-And-Crop'), { resizeOrCrop: 'scale_width_and_crop' });
});

test('a limit is lifted by none', () => {
  assert.deepEqual(train('--max-steps', '60', '--max-steps', 'none'), { maxSteps: null });
  assert.throws(() => train('--ngf', 'none'), UsageError);
});

test('an unknown option is refused with the nearest name', () => {
  assert.match(refusal(['--labl-nc', '3']).message, /--labl-nc[\s\S]*did you mean --label-nc\?/);
  assert.match(refusal(['--max-minuts=3']).message, /did you mean --max-minutes\?/);
  assert.match(refusal(['--instanec']).message, /did you mean --instance\?/);
  assert.doesNotMatch(refusal(['--quantum-foam', '3']).message, /did you mean/);
});

test('an option of the original without counterpart says what to do instead', () => {
  assert.match(refusal(['--export_onnx', 'x.onnx']).message, /pix2pixhd export --format safetensors/);
  assert.match(refusal(['--which_epoch', '20']).message, /found: +20\n +expected: latest[\s\S]*--load-pretrain/);
  assert.match(refusal(['--model', 'UIModel']).message, /found: +UIModel/);
});

test('a bad value is refused with option, value and what is accepted', () => {
  for (const [argv, found, expected] of [
    [['--label-nc', 'many'], 'many', /whole number, at least 0/],
    [['--label-nc', '3.5'], '3.5', /whole number/],
    [['--label-nc', '-1'], '-1', /at least 0/],
    [['--ngf', '0'], '0', /at least 1/],
    [['--ngf', '0x10'], '0x10', /whole number/],
    [['--ngf', ''], 'an empty value', /whole number/],
    [['--lr', '0'], '0', /above 0/],
    [['--beta1', '1'], '1', /below 1/],
    [['--zoom', '0.9'], '0.9', /at least 1/],
    [['--zoom', '2.1'], '2.1', /at most 2/],
    [['--shift', '-0.1'], '-0.1', /at least 0/],
    [['--shift', '0.6'], '0.6', /at most 0.5/],
    [['--lr', 'Infinity'], 'Infinity', /number/],
    [['--device', 'gpu'], 'gpu', /cuda:N/],
    [['--max-steps', '0'], '0', /at least 1, or none \(no limit\)/],
    [['--no-flip=perhaps'], 'perhaps', /true, false/],
    [['--name', '../elsewhere'], '../elsewhere', /letters, digits/],
  ] as const) {
    const error = refusal([...argv]);
    assert.equal(error.parts.where, argv[0].split('=')[0]);
    assert.equal(error.parts.found, found);
    assert.match(error.parts.expected ?? '', expected);
    assert.equal(error.exitCode, 2);
  }
  assert.match(refusal(['--netG', 'golbal']).message, /global, local, unet[\s\S]*did you mean --netG global\?/);
});

test('a missing value and stray arguments are refused', () => {
  assert.equal(refusal(['--label-nc']).parts.found, 'no value after it');
  assert.equal(refusal(['--label-nc', '--ngf', '3']).parts.where, '--label-nc');
  assert.equal(refusal(['data', 'more']).parts.found, 'data and more');
  assert.equal(refusal(['data', '--dataroot', 'other', 'third']).parts.found, 'other and third');
  assert.match(refusal(['-name']).parts.remedy, /--name/);
  assert.throws(
    () => parseArgv(demoCommand, ['folder']),
    (error: unknown) => error instanceof UsageError && error.parts.found === 'folder',
  );
});

test('an argument that is no option is the folder, or one of the files', () => {
  const specs: readonly (readonly [CommandSpec, string])[] = [
    [trainCommand, 'dataroot'],
    [checkCommand, 'dataroot'],
    [encodeCommand, 'dataroot'],
    [importCommand, 'from'],
    [exportCommand, 'out'],
  ];
  for (const [command, key] of specs)
    assert.deepEqual(parseArgv(command, ['some folder', '--debug']), { [key]: 'some folder' });
  const { given, operands } = readCommandLine(generateCommand, ['a.png', '--name', 'n', 'b.png', '--', '--odd.png']);
  assert.deepEqual([given, operands], [{ name: 'n' }, ['a.png', 'b.png', '--odd.png']]);
  // A flag takes no value, so what follows it is not its own.
  assert.deepEqual(parseArgv(checkCommand, ['--no-instance', 'data']), { noInstance: true, dataroot: 'data' });
});

test('a list collects what is given, in order, and is written as it was given', () => {
  const given = parseArgv(studyCreateCommand, [
    '--results',
    'a=x',
    '--trials',
    '3',
    '--results=b=y z',
    '--trials',
    '4',
  ]);
  assert.deepEqual(given, { results: ['a=x', 'b=y z'], trials: 4 });
  assert.deepEqual(parseArgv(studyCreateCommand, toArgv(studyCreateCommand, given)), given);
  assert.throws(
    () => parseArgv(studyCreateCommand, ['--results', 'a=x', '--results', 'b']),
    (error: unknown) => error instanceof UsageError && error.parts.where === '--results' && error.parts.found === 'b',
  );
});

test('an option without default must be given', () => {
  assert.throws(
    () => resolveConfig(trainCommand, { name: 'n' }),
    (error: unknown) => error instanceof UsageError && error.parts.found === 'no --dataroot',
  );
});

test('no spelling means two options of one command, and every default is itself accepted', () => {
  for (const { spec } of commandTable) {
    const options = listedOptions(spec);
    assert.doesNotThrow(() => spellingsOf(options));
    for (const { key, fallback, schema: field } of options) {
      if (fallback !== undefined) assert(field.safeParse(fallback).success, key);
    }
  }
});

test('the demo takes the spellings of train for its limits', () => {
  assert.deepEqual(parseArgv(demoCommand, ['--max-minutes', '2', '--steps', '9']), { minutes: 2, maxSteps: 9 });
  assert.throws(() => parseArgv(demoCommand, ['--size', '130']), /a multiple of 4 from 32 to 256/);
});

test('arguments made from values give the values back, without what is default anyway', () => {
  const given = {
    dataroot: 'my data',
    name: 'a',
    labelNc: 0,
    noInstance: true,
    noFlip: false,
    maxSteps: null,
    lambdaL1: 0.5,
    upsample: 'resize',
  } as const;
  const argv = toArgv(trainCommand, given);
  const { noFlip: _, maxSteps: __, ...other } = given;
  assert.deepEqual(parseArgv(trainCommand, argv), other);
  assert.deepEqual(resolveConfig(trainCommand, parseArgv(trainCommand, argv)), resolveConfig(trainCommand, given));
  assert.ok(argv.includes('--lambda-L1') && argv.includes('my data'));
});

test('options of all commands stand before or after the name; the last one counts, and what follows -- is no option', () => {
  const read = (...argv: string[]) => readProgramOptions(argv);
  assert.deepEqual(read('--json', 'train', '--ngf', '8'), { quiet: false, json: true, debug: false });
  assert.deepEqual(read('train', '--debug', '--quiet=true'), { quiet: true, json: false, debug: true });
  assert.deepEqual(read('--json', '--no-json', '--quiet', '--quiet=false'), {
    quiet: false,
    json: false,
    debug: false,
  });
  assert.deepEqual(read('generate', '--', '--json'), { quiet: false, json: false, debug: false });
  assert.throws(() => train('--json=perhaps'), /--json[\s\S]*perhaps[\s\S]*true, false/);
  assert.match(refusal(['--jsn']).message, /did you mean --json\?/);
});

test('an import takes the options of the networks and of what it cannot change later', () => {
  const { given, stated } = readCommandLine(importCommand, ['from', '--name', 'n', '--ngf', '8', '--num_D', '3']);
  assert.deepEqual(
    [given, stated],
    [
      { from: 'from', name: 'n' },
      { ngf: 8, numD: 3 },
    ],
  );
  for (const option of ['--niter', '--upsample', '--lr'])
    assert.throws(() => readCommandLine(importCommand, [option, '1']), /an option of pix2pixhd train/);
});

test('a list may be given several times, and is written so', () => {
  const argv = ['--results', 'ours=a=b', '--results=other=c', '--weights', 'inception=w.pth', '--real', 'r'];
  const given = parseArgv(evaluateCommand, argv);
  assert.deepEqual(given.results, ['ours=a=b', 'other=c']);
  assert.deepEqual(resolveConfig(evaluateCommand, given).checkpoints, []);
  assert.deepEqual(parseArgv(evaluateCommand, toArgv(evaluateCommand, given)), given);
  for (const wrong of [['--results', 'ours'], ['--results', '=a'], ['--weights', 'resnet=w.pth'], ['--results']])
    assert.throws(() => parseArgv(evaluateCommand, wrong), UsageError);
});
