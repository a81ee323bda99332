/** `train-segmenter`, and `evaluate` with its segmenter, from arguments to tables, files and refusals. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import type { Evaluation } from '../../src/judge/by-options/results-file.js';
import { readSegmenter } from '../../src/segmentation/segmenter-file.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { labelNc, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const [data, segmenter] = [at('data'), at('segmenter.safetensors')];
const small = [
  ...['--label-nc', String(labelNc), '--channels', '8', '--levels', '1', '--workers', '1', '--zoom', '1'],
  ...['--device', 'cpu', '--precision', 'fp32', '--threads', '1', '--batch-size', '2', '--lr', '0.02'],
];
const train = (out: string, ...options: string[]) => ['train-segmenter', data, '--out', out, ...small, ...options];
const evaluate = (...options: string[]) => [
  ...['evaluate', '--segmenter', segmenter, '--dataroot', data, '--metrics', 'l1', '--out', at('judged')],
  ...['--device', 'cpu', '--threads', '1', ...options],
];
/** Folders of results, in the options of `evaluate`, called what the folders are called. */
const folders = (...paths: string[]) => paths.flatMap(path => ['--results', `${basename(path)}=${path}`]);
/** Results like another folder's images, with some things wrong. */
function results(name: string, spoil: (folder: string) => void = () => {}): string {
  cpSync(at('data', 'test_img'), at(name), { recursive: true });
  spoil(at(name));
  return at(name);
}

/** What results.json holds after the command, and its warnings. */
async function evaluated(argv: readonly string[]): Promise<{ found: Evaluation; text: string; warnings: string }> {
  const { code, stdout, stderr } = await pix2pixhd(...argv);
  assert.equal(code, 0, stderr);
  const found = JSON.parse(readFileSync(at('judged', 'results.json'), 'utf8')) as Evaluation;
  return { found, text: stdout, warnings: stderr };
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
    /Finished after 14 of 14 epochs[\s\S]*Best epoch \d+: [\s\S]*evaluate --results NAME=FOLDER --dataroot .* --segmenter/,
  );
});

test('the real images as a method score as the oracle does; noise scores worse', async () => {
  const same = results('same');
  const worse = results('worse', folder => {
    for (const file of readdirSync(folder)) writePng(join(folder, file), 32, 3, noise(3072, 9));
  });
  const { found, text, warnings } = await evaluated(evaluate(...folders(same, worse)));
  assert.equal(warnings, '');
  assert.deepEqual(
    found.metrics.map(({ name }) => name),
    ['l1', 'pixel-accuracy', 'class-accuracy', 'mean-iou', 'fw-iou'],
  );
  const { methods, pixels, classes } = found.segmentation!;
  const [first, second, oracle] = methods;
  assert.deepEqual([methods.map(({ method }) => method), classes.length], [['same', 'worse', 'oracle'], labelNc]);
  assert.deepEqual({ ...first, method: 'oracle' }, oracle);
  assert.deepEqual(pixels, { scored: 4 * 1024, ignored: 0, unknown: 0 });

  // Scores are those of the matrices, over all pixels together.
  const { 'pixel-accuracy': accuracy, 'mean-iou': iou, l1 } = found.summaries;
  const hits = second!.matrix.reduce((total, row, id) => total + row[id]!, 0);
  assert.equal(
    second!.matrix.flat().reduce((total, count) => total + count, 0),
    4 * 1024,
  );
  assert.ok(Math.abs(accuracy!.worse!.value - (100 * hits) / 4096) < 1e-12);
  assert.ok(accuracy!.oracle!.value > 80 && accuracy!.worse!.value < 50);
  assert.ok(iou!.worse!.low! <= iou!.worse!.value && iou!.worse!.value <= iou!.worse!.high!);
  assert.equal(l1!.oracle, undefined);
  const difference = found.differences.find(({ metric }) => metric === 'mean-iou')!;
  assert.ok(Math.abs(difference.value - (iou!.worse!.value - iou!.same!.value)) < 1e-12);
  // All four scenes are worse: of eight ways to swap them one is as far apart.
  assert.equal(difference.p, 1 / 8);
  assert.ok(difference.low! <= difference.value && difference.value <= difference.high! && difference.high! < 0);

  assert.match(text, /^method +L1 ↓ +Pixel accuracy ↑ %/m);
  assert.match(text, new RegExp(`^oracle +– +${accuracy!.oracle!.value.toFixed(2)} \\(`, 'm'));
  assert.match(text, /^segmented by .*segmenter\.safetensors, at the size of the label map; 4,096 pixels/m);
  const page = readFileSync(at('judged', 'report.html'), 'utf8');
  assert.equal(page.match(/<figure class="card panel confusion">/g)?.length, 3);
  assert.equal(page.match(/class="bar"/g)?.length, 3 * labelNc);

  // What is known is not segmented again, unless the segmenter is another.
  const known = () => readFileSync(at('judged', 'observations.jsonl'), 'utf8').split('\n').length;
  const before = known();
  assert.deepEqual((await evaluated(evaluate(...folders(same, worse)))).found, found);
  assert.equal(known(), before);
  cpSync(segmenter, at('copy.safetensors'));
  const again = await evaluated([...evaluate(...folders(same, worse)), '--segmenter', at('copy.safetensors')]);
  assert.deepEqual(again.found.summaries, found.summaries);
  assert.equal(known(), before);
});

test('a method that is above the real images is flagged', async () => {
  const clean = results('clean');
  cpSync(data, at('noisy'), { recursive: true });
  for (const file of readdirSync(at('noisy', 'test_img')))
    writePng(at('noisy', 'test_img', file), 32, 3, noise(3072, 7));
  const { found, text, warnings } = await evaluated([...evaluate(...folders(clean)), '--dataroot', at('noisy')]);
  assert.match(warnings, /^warning: clean is above the real images in Pixel accuracy, Class accuracy, Mean IoU, /m);
  assert.match(text, /^clean .* !/m);
  assert.match(readFileSync(at('judged', 'report.html'), 'utf8'), /above the oracle/);
  assert.deepEqual(
    found.segmentation!.methods.map(({ aboveOracle }) => aboveOracle.length),
    [4, 0],
  );
});

test('scenes without a label map, or whose files are damaged, count for none, and are counted aloud', async () => {
  cpSync(data, at('holes'), { recursive: true });
  rmSync(at('holes', 'test_label', '2.png'));
  truncateSync(at('holes', 'test_label', '1.png'), 60);
  const odd = results('odd', folder => truncateSync(join(folder, '3.png'), 60));
  const { found, warnings } = await evaluated([...evaluate(...folders(odd)), '--dataroot', at('holes')]);
  assert.deepEqual(found.images, ['0']);
  assert.deepEqual(
    found.excluded.map(({ stem, why }) => `${stem} ${why}`),
    ['2 no-labels', '3 unreadable', '1 unreadable'],
  );
  assert.match(warnings, /not compared: 1 images have no label map: 2$/m);
  // The scene that is left is scored as it is by itself.
  const alone = results('alone', folder => {
    for (const file of ['1.png', '2.png', '3.png']) rmSync(join(folder, file));
  });
  const { found: other } = await evaluated(evaluate(...folders(alone)));
  assert.deepEqual(other.summaries['mean-iou']!.alone, found.summaries['mean-iou']!.odd);
});

test('images of another size are resized where that was asked for', async () => {
  const large = results('large', folder => {
    for (const file of readdirSync(folder)) writePng(join(folder, file), 64, 3, noise(64 * 64 * 3));
  });
  await refuse(evaluate(...folders(large)), 1, /--resize real/);
  const { found } = await evaluated([...evaluate(...folders(large)), '--resize', '48x48']);
  assert.equal(found.segmentation!.pixels.scored, 4 * 1024);
  cpSync(data, at('coarse'), { recursive: true });
  for (const file of readdirSync(at('coarse', 'test_label')))
    writePng(at('coarse', 'test_label', file), 16, 1, new Uint8Array(256));
  await refuse(
    [...evaluate(...folders(results('same'))), '--dataroot', at('coarse')],
    1,
    /same.0\.png\n {2}found: {4}32×32\n {2}expected: 16×16, as .*test_label.0\.png[\s\S]*--resize 16x16/,
  );
});

test('refusals of label maps and segmenters', async () => {
  const same = folders(results('same'));
  await refuse([...evaluate('--results', `oracle=${at('same')}`)], 2, /the real images are the oracle/);
  const real = ['--real', at('same'), '--segmenter', segmenter, '--out', at('judged')];
  await refuse(['evaluate', ...same, ...real], 2, /no --dataroot/);
  cpSync(data, at('ids'), { recursive: true });
  writePng(at('ids', 'test_label', '1.png'), 32, 1, new Uint8Array(1024).fill(9));
  await refuse(
    [...evaluate(...same), '--dataroot', at('ids')],
    1,
    /test_label.1\.png[\s\S]*class id 9, outside 0 to 4[\s\S]*pix2pixhd train-segmenter --label-nc/,
  );
  cpSync(data, at('renamed'), { recursive: true });
  for (const file of readdirSync(at('renamed', 'test_label')))
    renameSync(at('renamed', 'test_label', file), at('renamed', 'test_label', `x${file}`));
  await refuse([...evaluate(...same), '--dataroot', at('renamed')], 1, /label maps: 4, such as x0/);
  rmSync(at('renamed', 'test_label'), { recursive: true });
  await refuse([...evaluate(...same), '--dataroot', at('renamed')], 1, /no folder test_label/);
  await refuse([...evaluate(...same), '--segmenter', at('data', 'test_img', '0.png')], 1, /a file named \.png/);
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
  assert.equal((await pix2pixhd(...evaluate(...folders(at('same'))), '--segmenter', out)).code, 0);
});
