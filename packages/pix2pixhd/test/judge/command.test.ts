/**
 * `pix2pixhd evaluate`: table, results.json, the page; folders and a checkpoint; damaged, missing and strange files; called
 * again.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { decodeImage } from '../../src/data/decode/decode.js';
import { ciede2000 } from '../../src/evaluation/ciede2000.js';
import { psnr } from '../../src/evaluation/psnr.js';
import type { Evaluation } from '../../src/judge/by-options/results-file.js';
import type { Image8 } from '../../src/raster.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const data = at('data');
const run = ['--name', 'run', '--checkpoints-dir', at('checkpoints')];
const results = (out: string) => JSON.parse(readFileSync(at(out, 'results.json'), 'utf8')) as Evaluation;

before(async () => {
  writeImagePairs(data, 'train', 2, 32, 32);
  writeImagePairs(data, 'test', 7, 32, 32);
  for (let i = 0; i < 7; i++)
    for (const [name, ending] of [
      ['inputs', ''],
      ['public', '_fake_B'],
    ]) {
      mkdirSync(at(name!), { recursive: true });
      copyFileSync(join(data, 'test_A', `${i}.png`), at(name!, `${i}${ending}.png`));
    }
  await succeed(
    'train',
    ...run,
    '--dataroot',
    data,
    '--label-nc',
    '0',
    ...tiny,
    '--max-steps',
    '2',
    '--display-freq',
    '0',
  );
});

test('folders and a run against real images: the figures are those of the files', async () => {
  const argv = ['evaluate', '--results', `inputs=${at('inputs')}`, '--results', `public=${at('public')}`, ...run];
  const options = [...argv, '--dataroot', data, '--out', at('out'), '--threads', '1', '--precision', 'fp32'];
  const text = await succeed(...options);
  assert.match(text, /^7 images, the same for every method/m);
  assert.match(text, /^method +PSNR ↑ dB +SSIM ↑/m);
  assert.match(text, /^run +[\d.]+ \([\d.]+ to [\d.]+\)/m);
  assert.match(text, /^ {2}less inputs +[+−][\d.]+ \([+−][\d.]+ to [+−][\d.]+, p [\d<. ]+\)/m);

  const { methods, images, figures, summaries, differences, excluded, command } = results('out');
  assert.deepEqual(
    methods.map(({ name, ending }) => [name, ending]),
    [
      ['inputs', ''],
      ['public', '_fake_B'],
      ['run', ''],
    ],
  );
  assert.deepEqual(images, ['0', '1', '2', '3', '4', '5', '6']);
  assert.deepEqual(excluded, []);
  assert.deepEqual(figures.psnr!.public, figures.psnr!.inputs);
  const image = async (...path: string[]) => (await decodeImage(join(...path))) as Image8;
  for (const [i, stem] of images.entries()) {
    const real = await image(data, 'test_B', `${stem}.png`);
    assert.equal(figures.psnr!.inputs![i], psnr(await image(data, 'test_A', `${stem}.png`), real));
    assert.equal(figures.ciede2000!.run![i], ciede2000(await image(at('out/images/run'), `${stem}.png`), real));
  }
  const mean = figures.psnr!.run!.reduce((sum, one) => sum + one, 0) / 7;
  assert.ok(Math.abs(summaries.psnr!.run!.value - mean) < 1e-9);
  assert.equal(differences.find(({ metric, method }) => metric === 'psnr' && method === 'public')!.p, 1);
  assert.match(
    command,
    /^npx pix2pixhd evaluate --results inputs=\/.* --name run --checkpoints-dir \/.* --dataroot \/.* --out \//,
  );

  const page = readFileSync(at('out', 'report.html'), 'utf8');
  assert.doesNotMatch(page, /(src|href)="(?!data:)/);
  assert.equal(page.match(/<img /g)!.length % 5, 0);
  for (const part of ['Paired differences', 'Best, median and worst', 'CIEDE2000 ↓', 'MS-SSIM is left out', command])
    assert.ok(page.includes(part), part);

  const made = statSync(at('out/images/run/0.png')).mtimeMs;
  const known = readFileSync(at('out/figures.jsonl'), 'utf8');
  const again = await pix2pixhd(...options, '--json');
  assert.equal(again.code, 0);
  assert.equal(readFileSync(at('out/figures.jsonl'), 'utf8'), known);
  assert.equal(statSync(at('out/images/run/0.png')).mtimeMs, made);
  const last = JSON.parse(again.stdout.trim().split('\n').at(-1)!);
  assert.deepEqual([last.event, last.command, last.images, last.reproduce], ['result', 'evaluate', 7, command]);
  assert.deepEqual(last.summaries, JSON.parse(JSON.stringify(summaries)));
});

test('missing, strange and damaged images are counted, and every method is compared on the others', async () => {
  for (let i = 0; i < 7; i++) writePng(at('worse', `${i}.png`), 32, 3, noise(32 * 32 * 3, i));
  rmSync(at('worse', '1.png'));
  writePng(at('worse', 'strange.png'), 32, 3, noise(32 * 32 * 3));
  truncateSync(at('worse', '2.png'), statSync(at('worse', '2.png')).size - 200);
  writeFileSync(at('worse', '3.png'), 'no image');
  const { code, stdout, stderr } = await pix2pixhd(
    ...['evaluate', '--results', `inputs=${at('inputs')}`, '--results', `worse=${at('worse')}`],
    ...['--real', join(data, 'test_B'), '--metrics', 'l1', '--out', at('holes')],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^4 images/m);
  assert.match(stderr, /not compared: 1 real images have no counterpart in worse; .* the other 4: 1$/m);
  assert.match(stderr, /not compared: 1 results of worse have no real image: strange$/m);
  assert.match(
    stderr,
    /not compared: 2 images cannot be read and are left out of every method: .*3\.png.*2\.png|2\.png.*3\.png/,
  );
  const { images, excluded, figures } = results('holes');
  assert.deepEqual(images, ['0', '4', '5', '6']);
  assert.deepEqual(excluded.map(({ stem, why }) => `${stem} ${why}`).sort(), [
    '1 missing',
    '2 unreadable',
    '3 unreadable',
    'strange no-real',
  ]);
  assert.deepEqual(excluded.find(({ stem }) => stem === '2')!.methods, ['worse']);
  assert.equal(figures.l1!.inputs!.length, 4);
});

test('equal images are infinitely good, and JSON has null for it', async () => {
  const real = join(data, 'test_B');
  const text = await succeed(
    ...[
      'evaluate',
      '--results',
      `a=${real}`,
      '--results',
      `b=${at('inputs')}`,
      '--real',
      real,
      '--metrics',
      'psnr,ssim',
    ],
    ...['--out', at('equal')],
  );
  assert.match(text, /^a +∞ +1\.0000 \(1\.0000 to 1\.0000\)$/m);
  const { summaries, differences } = results('equal');
  assert.equal(summaries.psnr!.a!.value, null);
  assert.deepEqual(
    differences.map(({ metric }) => metric),
    ['ssim'],
  );
  const again = await succeed(
    'evaluate',
    '--results',
    `a=${real}`,
    '--real',
    real,
    '--metrics',
    'psnr',
    '--out',
    at('equal'),
  );
  assert.match(again, /^a +∞$/m);
});

test('what is wrong is one error, and nothing of others is overwritten', async () => {
  const inputs = ['--results', `inputs=${at('inputs')}`];
  const real = ['--real', join(data, 'test_B')];
  writePng(at('large', '0.png'), 64, 3, noise(64 * 64 * 3));
  const cases: [string[], 1 | 2, RegExp][] = [
    [['--results', `large=${at('large')}`, ...real], 1, /64×64, where .*0\.png has 32×32[\s\S]*--resize real/],
    [[...inputs, ...real, '--metrics', 'psnr,sharpness'], 2, /names with commas/],
    [[...inputs, ...real, '--metrics', 'ms-ssim'], 2, /defined from 176 pixels/],
    [[...inputs, ...real, '--metrics', 'fid', '--weights', `inception=${at('nowhere')}`], 1, /--weights inception/],
    [
      [
        ...inputs,
        ...real,
        '--metrics',
        'lpips',
        '--weights',
        `alexnet=${at('inputs/0.png')}`,
        '--weights',
        `lpips-alex=${at('inputs/0.png')}`,
      ],
      1,
      /reading the weights of AlexNet/,
    ],
    [[...run, ...real], 2, /--dataroot/],
    [['--checkpoints', `a=${at('nowhere')}`, '--dataroot', data], 1, /--checkpoints/],
    [[...inputs, '--dataroot', data, '--phase', 'val'], 1, /val_img/],
    [inputs, 2, /--real/],
    [real, 2, /--results/],
    [[...inputs, ...inputs, ...real], 2, /two methods called inputs/],
  ];
  for (const [argv, code, part] of cases) await refuse(['evaluate', ...argv, '--out', at('never')], code, part);
  assert.ok(!existsSync(at('never', 'results.json')));

  mkdirSync(at('foreign'));
  writeFileSync(at('foreign', 'results.json'), '{"mine": true}');
  await refuse(['evaluate', ...inputs, ...real, '--out', at('foreign')], 1, /did not make/);
  await refuse(['evaluate', ...inputs, '--real', at('inputs'), '--out', at('inputs')], 1, /folder of the inputs/);
  assert.deepEqual(readdirSync(at('foreign')), ['results.json']);
});
