import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importCommand } from '../../src/config/commands/import.js';
import { optionsOf } from '../../src/config/option.js';
import { listedOptions } from '../../src/config/program-options.js';
import { trainSchema } from '../../src/config/schema.js';
import { formatOptTxt, readOptTxt } from '../../src/interop/opt-txt.js';
import { temporaryFolder } from '../data/images.js';
import { optTxt } from '../support/official.js';

const base = trainSchema.parse({
  dataroot: './datasets/cityscapes/',
  name: 'label2city',
  checkpointsDir: './checkpoints',
});

test('our defaults and the public ones give the same file', () => {
  // A default that differed, such as the number of discriminators, would show here.
  assert.equal(formatOptTxt(base), optTxt({}));
});

test('options survive being written and read', t => {
  const config = {
    ...base,
    dataroot: 'data/my city: new',
    labelNc: 20,
    netG: 'local',
    ngf: 32,
    nDownsampleGlobal: 3,
    nBlocksLocal: 2,
    norm: 'batch',
    numD: 3,
    nLayersD: 4,
    ganMode: 'vanilla',
    noGanFeatLoss: true,
    vggLoss: false,
    instanceFeat: true,
    featNum: 5,
    nDownsampleE: 3,
    nef: 8,
    lr: 1e-5,
    beta1: 0,
    lambdaFeat: 2.5,
    poolSize: 50,
    noFlip: true,
    batchSize: 4,
    niter: 7,
    resizeOrCrop: 'none',
  } as const;
  const path = join(temporaryFolder(t), 'opt.txt');
  writeFileSync(path, formatOptTxt(config));
  // What opt.txt does not have, or has for another machine, gets our default.
  assert.deepEqual(
    trainSchema.parse({ ...readOptTxt(path), name: config.name, checkpointsDir: config.checkpointsDir }),
    config,
  );
});

test('values are written as Python prints them', () => {
  const lines = (changes: Partial<typeof base>) => formatOptTxt({ ...base, ...changes }).split('\n');
  for (const [changes, line] of [
    [{ lr: 1e-5 }, 'lr: 1e-05'],
    [{ lr: 0.0001 }, 'lr: 0.0001'],
    [{ lr: 1.5e-7 }, 'lr: 1.5e-07'],
    [{ lambdaFeat: 0 }, 'lambda_feat: 0.0'],
    [{ noFlip: true }, 'no_flip: True'],
    [{ device: 'cpu' }, 'gpu_ids: []'],
    [{ device: 'cuda:3' }, 'gpu_ids: [3]'],
    [{ ganMode: 'vanilla' }, 'no_lsgan: True'],
    [{ vggLoss: false }, 'no_vgg_loss: True'],
    // Ours has no boundary map beside images; theirs does unless no_instance is set.
    [{ labelNc: 0 }, 'no_instance: True'],
    [{ nIterFixGlobal: 20 }, 'niter_fix_global: 0'],
    [{ nIterFixGlobal: 20, stages: '512,1024' }, 'niter_fix_global: 20'],
  ] as const)
    assert.ok(lines(changes).includes(line), line);
});

test('a bad value is an error with line and option, unless it is overridden', t => {
  const path = join(temporaryFolder(t), 'opt.txt');
  writeFileSync(path, optTxt({ norm: 'spectral' }));
  assert.throws(() => readOptTxt(path), {
    name: 'UserError',
    message: /opt\.txt, line \d+, norm\n.*found: {4}spectral\n.*expected: instance, batch\n.*--norm/s,
  });
  assert.equal(readOptTxt(path, new Set(['norm'])).norm, undefined);
  writeFileSync(path, optTxt({ ngf: '0x40' }));
  assert.throws(() => readOptTxt(path), /ngf\n.*expected: a whole number, at least 1/s);
  writeFileSync(path, 'a: b\n');
  assert.throws(() => readOptTxt(path), /some other kind of file/);
});

test('import takes every option that a run cannot change later', () => {
  // Except our own additions, which no official training had, and stages.
  const ours = new Set([
    'stages',
    'nIterFixGlobal',
    'loadPretrain',
    'nDownsampleUnet',
    'noDropout',
    'upsample',
    'skips',
    'inputs',
  ]);
  const accepted = new Set(listedOptions(importCommand).map(({ key }) => key));
  const needed = optionsOf(trainSchema).filter(({ key, fixed }) => fixed && !ours.has(key));
  assert.deepEqual(
    needed.filter(({ key }) => !accepted.has(key)).map(({ flag }) => flag),
    [],
  );
});
