/** The commands `train-segmenter` and `evaluate-segmentation`, from arguments to tables, files and refusals. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readSegmenter } from '../../src/segmentation/segmenter-file.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { labelNc, workFolder, writeLabelPairs } from '../support/runs.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const [data, segmenter] = [at('data'), at('segmenter.safetensors')];
const small = [
  ...['--label-nc', String(labelNc), '--channels', '8', '--levels', '1', '--workers', '1', '--zoom', '1'],
  ...['--device', 'cpu', '--precision', 'fp32', '--threads', '1', '--batch-size', '2', '--lr', '0.02'],
];
const train = (out: string, ...options: string[]) => ['train-segmenter', data, '--out', out, ...small, ...options];
const evaluate = (...options: string[]) => [
  ...['evaluate-segmentation', '--segmenter', segmenter, '--dataroot', data],
  ...['--device', 'cpu', '--threads', '1', ...options],
];
/** Results like another folder's images, with some things wrong. */
function results(name: string, spoil: (folder: string) => void = () => {}): string {
  cpSync(at('data', 'test_img'), at(name), { recursive: true });
  spoil(at(name));
  return at(name);
}

interface Answer {
  readonly scenes: number;
  readonly missing: object;
  readonly excluded: readonly { readonly stem: string; readonly code: string; readonly where: string }[];
  readonly methods: readonly {
    readonly method: string;
    readonly pixelAccuracy: number;
    readonly meanIou: number;
    readonly aboveOracle: readonly string[];
    readonly perClass: readonly unknown[];
  }[];
}
/** The result of a command with --json, and its warnings. */
async function answered(argv: readonly string[]): Promise<{ result: Answer; warnings: string[] }> {
  const events = (await succeed(...argv, '--json'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  return {
    result: events.at(-1),
    warnings: events.filter(({ event }) => event === 'warning').map(({ text }) => text),
  };
}

before(async () => {
  writeLabelPairs(data, 'train', 8, 32, 32);
  writeLabelPairs(data, 'test', 4, 32, 32);
  // Scenes of their own, without the training pairs' blocks.
  for (let i = 0; i < 4; i++) {
    const label = Uint8Array.from({ length: 1024 }, (_, p) => (((p % 32) >> 4) + 2 * (p >> 9) + i) % labelNc);
    writePng(at('data', 'test_label', `${i}.png`), 32, 1, label);
    const photo = Uint8Array.from({ length: 3072 }, (_, p) => label[Math.floor(p / 3)]! * 50 + (p % 3) * 9);
    writePng(at('data', 'test_img', `${i}.png`), 32, 3, photo);
  }
  const said = await succeed(...train(segmenter, '--epochs', '14'));
  assert.match(
    said,
    /^8 pairs of .*\nepoch 1\/14 {2}loss \S+ {2}held out: pixel accuracy \S+ %, mean IoU 0\.\d{4}, the best so far\n/,
  );
  assert.match(
    said,
    /Finished after 14 of 14 epochs[\s\S]*Best epoch \d+: [\s\S]*evaluate-segmentation NAME=FOLDER --segmenter/,
  );
});

test('the real images as a method score as the oracle does; noise scores worse; both in the layout of the paper', async () => {
  const same = results('same');
  const worse = results('worse', folder => {
    for (const file of readdirSync(folder)) writePng(join(folder, file), 32, 3, noise(3072, 9));
  });
  const { result, warnings } = await answered(evaluate(`same=${same}`, worse));
  assert.deepEqual([result.scenes, warnings], [4, []]);
  const [first, second, oracle] = result.methods;
  assert.deepEqual(
    result.methods.map(({ method }) => method),
    ['same', 'worse', 'oracle'],
  );
  assert.deepEqual({ ...first, method: 'oracle' }, oracle);
  assert.ok(
    oracle!.pixelAccuracy > 0.8 && second!.pixelAccuracy < 0.5,
    `${oracle!.pixelAccuracy}, ${second!.pixelAccuracy}`,
  );
  assert.equal(oracle!.perClass.length, labelNc);

  const text = await succeed(...evaluate(`same=${same}`, `worse=${worse}`, '--classes'));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const cells = (row: string) => new RegExp(`^${row} +(.*)$`, 'm').exec(text)![1]!.split(/ {2,}/);
  assert.match(text, /^ +same +worse +oracle$/m);
  assert.deepEqual(
    cells('Pixel accuracy'),
    [first!, second!, oracle!].map(one => percent(one.pixelAccuracy)),
  );
  assert.deepEqual(
    cells('Mean IoU'),
    [first!, second!, oracle!].map(one => one.meanIou.toFixed(4)),
  );
  assert.equal(text.match(/^\d( \S+)? +[\d.–]+ +[\d.–]+ +[\d.–]+$/gm)?.length, labelNc);
});

test('a method that is above the real images is flagged', async () => {
  const clean = results('clean');
  cpSync(data, at('noisy'), { recursive: true });
  for (const file of readdirSync(at('noisy', 'test_img')))
    writePng(at('noisy', 'test_img', file), 32, 3, noise(3072, 7));
  const argv = [...evaluate(`clean=${clean}`), '--dataroot', at('noisy')];
  assert.match(await succeed(...argv), /^warning: clean is above the real images in pixel accuracy and mean IoU: /m);
  const { result } = await answered(argv);
  assert.deepEqual(
    result.methods.map(({ aboveOracle }) => aboveOracle),
    [['pixelAccuracy', 'meanIou'], []],
  );
});

test('scenes that one method lacks, or whose image cannot be used, count for none, and are counted aloud', async () => {
  const fewer = results('fewer', folder => rmSync(join(folder, '2.png')));
  const odd = results('odd', folder => {
    writePng(join(folder, '0.png'), 16, 3, noise(768));
    truncateSync(join(folder, '3.png'), 60);
    writePng(join(folder, 'other.png'), 32, 3, noise(3072));
  });
  const { result, warnings } = await answered(evaluate(`fewer=${fewer}`, `odd=${odd}`));
  assert.equal(result.scenes, 1);
  assert.deepEqual(result.missing, { 2: ['fewer'] });
  assert.deepEqual(
    result.excluded.map(({ stem, code, where }) => [stem, code, where]),
    [
      ['0', 'SIZE_MISMATCH', join(odd, '0.png')],
      ['3', 'FILE_UNREADABLE', join(odd, '3.png')],
    ],
  );
  assert.deepEqual(
    warnings.map(line => line.slice(0, 50)),
    [
      '1 of 4 scenes are not scored for any method, since',
      '1 images of odd are of no scene of this phase, and',
      '2 of 3 scenes are not scored for any method, since',
    ],
  );
  // The scene that is left is scored as it is by itself.
  const alone = results('alone', folder => {
    for (const file of ['0.png', '2.png', '3.png']) rmSync(join(folder, file));
  });
  assert.deepEqual((await answered(evaluate(`fewer=${alone}`))).result.methods[0], result.methods[0]);
});

test('--out: everything as JSON, replaced by the next, but nothing of others', async () => {
  const file = at('scores.json');
  const argv = evaluate(`same=${results('same')}`, '--out', file);
  const text = await succeed(...argv);
  const { format, matrices, methods } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(format, 'pix2pixhd-segmentation-scores');
  assert.match(text, /Everything is in .*scores\.json/);
  const rows = matrices.same as number[][];
  assert.deepEqual([rows.length, rows[0]!.length], [labelNc, labelNc + 1]);
  const sum = rows.flat().reduce((total, count) => total + count, 0);
  const hits = rows.reduce((total, row, id) => total + row[id]!, 0);
  assert.deepEqual([sum, hits / sum], [4 * 32 * 32, methods[0].pixelAccuracy]);
  await succeed(...argv);
  writeFileSync(file, '{}');
  await refuse(argv, 1, /did not make[\s\S]*scores\.json[\s\S]*--force/);
  await succeed(...argv, '--force');
});

test('refusals of results and label maps', async () => {
  const same = `same=${results('same')}`;
  await refuse(evaluate(), 2, /no results[\s\S]*NAME=FOLDER/);
  await refuse(evaluate(same, same), 2, /two folders with the name same/);
  await refuse(evaluate(`oracle=${at('same')}`), 2, /the real images are the oracle/);
  await refuse(evaluate('same='), 2, /NAME=FOLDER/);
  await refuse(evaluate(`same=${at('nowhere')}`), 1, /reading the results of same: .*nowhere/);
  const renamed = results('renamed', folder => {
    for (const file of readdirSync(folder)) cpSync(join(folder, file), join(folder, `x${file}`));
    for (const file of readdirSync(folder)) if (!file.startsWith('x')) rmSync(join(folder, file));
  });
  await refuse(
    evaluate(`renamed=${renamed}`),
    1,
    /no scene of which every method has an image: renamed has x0, x1, x2/,
  );
  const sized = results('sized', folder => {
    for (const file of readdirSync(folder)) writePng(join(folder, file), 8, 3, noise(192));
  });
  await refuse(evaluate(`sized=${sized}`), 1, /sized.0\.png\n {2}found: {4}8×8 pixels\n {2}expected: 32×32/);
  cpSync(data, at('ids'), { recursive: true });
  writePng(at('ids', 'test_label', '1.png'), 32, 1, new Uint8Array(1024).fill(9));
  await refuse(
    [...evaluate(same), '--dataroot', at('ids')],
    1,
    /test_label.1\.png[\s\S]*class id 9, outside 0 to 4[\s\S]*pix2pixhd train-segmenter --label-nc/,
  );
  await refuse([...evaluate(same), '--segmenter', at('data', 'test_img', '0.png')], 1, /a file named \.png/);
});

test('training: limits, --resume, and what is not overwritten', async () => {
  const out = at('limited.safetensors');
  const argv = train(out, '--epochs', '3');
  const stopped = await succeed(...argv, '--max-minutes', '0.00001');
  assert.match(stopped, /Reached --max-minutes after \d of 3 epochs[\s\S]*train-segmenter --resume --out/);
  await refuse(argv, 1, /limited\.safetensors[\s\S]*--force/);
  await refuse(
    ['train-segmenter', '--resume', '--out', out, '--channels', '4'],
    1,
    /--channels[\s\S]*8, the value that it began with/,
  );
  const resumed = await succeed('train-segmenter', '--resume', '--out', out, '--threads', '1');
  assert.match(resumed, /epoch 1\/3 [\s\S]*Finished after 3 of 3 epochs/);
  await refuse(['train-segmenter', '--resume', '--out', out], 1, /a segmenter that is finished/);
  // The same options and seed give the same segmenter, interrupted or not.
  const { tensors } = readSegmenter(out, 'everything');
  await succeed(...argv, '--force');
  assert.deepEqual(readSegmenter(out, 'everything').tensors, tensors);
  assert.equal((await pix2pixhd(...evaluate(`same=${at('same')}`), '--segmenter', out)).code, 0);
});
