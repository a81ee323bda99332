/**
 * What `train` prints and writes: the plan of `--dry-run`, the files of a run folder and their contents, the end of the
 * schedule.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { configVersion } from '../../src/config/migrations.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { assertSameRun, labelNc, lossesOf, textOf, tiny, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
const checkpointsDir = join(root, 'checkpoints');
const run = (name: string): string => join(checkpointsDir, name);
const place = (name: string): string[] => ['--name', name, '--checkpoints-dir', checkpointsDir];
/** Three epochs of three steps, the last one at half the learning rate; a sheet every third step, a checkpoint every second. */
const train = (name: string, ...options: string[]): Promise<string> =>
  succeed(
    ...['train', ...place(name), '--dataroot', dataroot, '--label-nc', String(labelNc), ...tiny, '--batch-size', '2'],
    ...[
      '--niter',
      '1',
      '--niter-decay',
      '2',
      '--save-latest-freq',
      '2',
      '--save-epoch-freq',
      '0',
      '--display-freq',
      '3',
    ],
    ...options,
  );
const storeOf = (name: string): CheckpointStore => new CheckpointStore(join(run(name), 'checkpoints'));
const scoreOf = (path: string): number => Checkpoint.read(path, 'state').state.score;

let said = '';
before(async () => {
  writeLabelPairs(dataroot, 'train', 5, 32, 32);
  writeLabelPairs(dataroot, 'test', 2, 32, 32);
  said = await train('full', '--keep-checkpoints', '0');
});

test('--dry-run prints options, counts and memory, and writes nothing', async () => {
  const untouched = join(root, 'untouched');
  const plan = await succeed(
    ...['train', '--name', 'planned', '--checkpoints-dir', untouched, '--dataroot', dataroot],
    ...['--label-nc', String(labelNc), ...tiny, '--batch-size', '2', '--dry-run'],
  );
  assert.equal(existsSync(untouched), false);
  assert.match(plan, /\n \*ngf +4\n/);
  assert.match(plan, /\n {2}lr +0\.0002\n/);
  // Weights and biases of convolutions of k × k; instance norm has none.
  const conv = (from: number, to: number, k: number) => from * to * k * k + to;
  const condition = labelNc + 1;
  const generator =
    [conv(condition, 4, 7), conv(4, 8, 3), conv(8, 16, 3), 2 * conv(16, 16, 3), conv(16, 8, 3), conv(8, 4, 3)].reduce(
      (sum, layer) => sum + layer,
    ) + conv(4, 3, 7);
  const scale = [conv(condition + 3, 4, 4), conv(4, 8, 4), conv(8, 16, 4), conv(16, 32, 4), conv(32, 1, 4)];
  const discriminator = 2 * scale.reduce((sum, layer) => sum + layer);
  const counted = (network: string) =>
    Number(new RegExp(`${network}: +([\\d,]+) parameters`).exec(plan)?.[1]?.replaceAll(',', ''));
  assert.deepEqual([counted('generator'), counted('discriminator')], [generator, discriminator]);
  assert.match(plan, /pairs: +5, each trained on at 32×32\n/);
  assert.match(plan, /steps per epoch: 3\n/);
  assert.match(plan, /memory: +about \d+\.\d\d GiB/);
});

test('a cache on disk changes nothing, whether it is filled or read', async () => {
  const cache = join(root, 'cache');
  for (const name of ['filling', 'reading']) {
    await train(name, '--cache-dir', cache);
    assertSameRun(run(name), run('full'), 9);
    assert.equal(readdirSync(cache).length, 5);
  }
});

test('the run ends after its epochs with exit code 0, and resuming it adds nothing', async () => {
  assert.match(said, /Finished after step 9\./);
  assert.match(textOf(run('full'), 'index.html'), /class="status finished"/);
  const again = await succeed('train', ...place('full'), '--resume');
  assert.match(again, /Finished after step 9\./);
  const share = Number(/^Waited for data (\d+\.\d) % of the time$/m.exec(said)?.[1]);
  assert.ok(share >= 0 && share < 100, `waited ${share} %`);
  assert.doesNotMatch(again, /Waited for data/);
  assert.equal(lossesOf(run('full')).length, 9);
});

test('losses.jsonl has one object per step, with the names users know', () => {
  const lines = textOf(run('full'), 'losses.jsonl').trimEnd().split('\n');
  const records = lines.map(line => JSON.parse(line) as Record<string, number>);
  for (const [i, record] of records.entries()) {
    assert.deepEqual(Object.keys(record), ['step', 'epoch', 'G_GAN', 'G_GAN_Feat', 'D_real', 'D_fake', 'seconds']);
    assert.deepEqual([record.step, record.epoch], [i + 1, Math.floor(i / 3) + 1]);
    assert.ok(Object.values(record).every(value => Number.isFinite(value) && value > 0));
  }
  assert.equal(records.length, 9);
});

test('config.json holds every resolved option', () => {
  const stored = JSON.parse(textOf(run('full'), 'config.json')) as Record<string, unknown>;
  const { ngf, batchSize, niterDecay, lr, maxSteps } = stored;
  assert.deepEqual(
    { ngf, batchSize, niterDecay, lr, maxSteps },
    { ngf: 4, batchSize: 2, niterDecay: 2, lr: 2e-4, maxSteps: null },
  );
  const { resume: _, dryRun: __, preset: ___, ...lasting } = RunFolder.open(checkpointsDir, 'full').readConfig();
  assert.deepEqual(stored, { version: configVersion, ...lasting });
});

test('there is a sheet for every checkpoint and every display: input, generated and real, side by side', async () => {
  const folder = join(run('full'), 'samples');
  const sheets = readdirSync(folder);
  assert.deepEqual(
    sheets.map(file => Number(/^step-(\d{8})\.png$/.exec(file)?.[1])),
    [2, 3, 4, 6, 8, 9],
  );
  const pixels = (file: string) => sharp(join(folder, file)).raw().toBuffer({ resolveWithObject: true });
  const [first, last] = [await pixels(sheets[0]!), await pixels(sheets.at(-1)!)];
  assert.deepEqual(first.info, last.info);
  const { width, height, channels } = first.info;
  // Below the title, which has the step, only the generated images differ from sheet to sheet.
  const columns = Array.from({ length: width }, (_, x) => x).filter(x => {
    for (let y = 72; y < height; y++)
      for (let c = 0; c < channels; c++) {
        const i = (y * width + x) * channels + c;
        if (first.data[i] !== last.data[i]) return true;
      }
    return false;
  });
  // 32 pixels are shown three times as large.
  assert.ok(columns.length > 60, `${columns.length} columns differ`);
  assert.ok(columns.at(-1)! - columns[0]! < 96, 'the generated column is 96 wide');
  const photo = await sharp(join(dataroot, 'test_img', '0.png'))
    .resize(96, 96, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  assert.ok(await holds(join(folder, sheets[0]!), photo, columns.at(-1)!, width), 'the real image stands on the right');
});

/** Whether a sheet shows an image, 96 pixels wide, somewhere between two columns. */
async function holds(sheet: string, sought: Buffer, fromColumn: number, toColumn: number): Promise<boolean> {
  const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
  const bytes = 96 * 3;
  const rows = Array.from({ length: sought.length / bytes }, (_, y) => sought.subarray(y * bytes, (y + 1) * bytes));
  const matches = (row: Buffer, x: number, y: number) => {
    const at = (y * info.width + x) * 3;
    return row.equals(data.subarray(at, at + bytes));
  };
  for (let y = 0; y + rows.length <= info.height; y++)
    for (let x = fromColumn; x + 96 <= toColumn; x++) if (rows.every((row, i) => matches(row, x, y + i))) return true;
  return false;
}

test('the page contains all it shows', () => {
  const page = textOf(run('full'), 'index.html');
  assert.doesNotMatch(page, /(src|href|action)\s*=\s*["']?(?!data:|#)[^"'\s>]/i);
  assert.doesNotMatch(page, /url\(\s*["']?(?!data:|#)/i);
  assert.doesNotMatch(page.replaceAll('http://www.w3.org/', ''), /https?:\/\//i);
  assert.ok((page.match(/data:image\/png;base64,/g) ?? []).length >= 6);
});

test('the score is the mean distance of the generated samples from the photos', async () => {
  const out = join(root, 'out');
  await succeed(
    ...['generate', ...place('full'), '--dataroot', dataroot, '--out', out],
    ...['--precision', 'fp32', '--threads', '1'],
  );
  let sum = 0;
  for (const file of ['0.png', '1.png']) {
    const made = await sharp(join(out, file)).raw().toBuffer();
    const real = await sharp(join(dataroot, 'test_img', file))
      .raw()
      .toBuffer();
    sum += made.reduce((total, value, i) => total + Math.abs(value - real[i]!), 0) / made.length / 255;
  }
  const score = scoreOf(storeOf('full').find('latest'));
  assert.ok(Math.abs(score - sum / 2) < 1e-6, `${score}, expected ${sum / 2}`);
});

test('best is the lowest score of all, and stays when its own checkpoint is deleted', async () => {
  // A fresh network generates grey, and the held-out photos are grey: it gets worse from the start.
  const greyPhotos = join(root, 'grey');
  cpSync(dataroot, greyPhotos, { recursive: true });
  for (const file of ['0.png', '1.png'])
    writePng(join(greyPhotos, 'test_img', file), 32, 3, new Uint8Array(32 * 32 * 3).fill(128));
  const worsening = ['--dataroot', greyPhotos, '--lr', '0.002'];
  await train('worsening', ...worsening, '--keep-checkpoints', '0');
  const store = storeOf('worsening');
  assert.deepEqual(store.steps(), [2, 4, 6, 8, 9]);
  const scores = store.steps().map(step => scoreOf(store.pathOf(step)));
  const best = store.steps()[scores.indexOf(Math.min(...scores))]!;
  assert.equal(Checkpoint.read(store.best, 'state').state.step, best);

  await train('pruned', ...worsening, '--keep-checkpoints', '2');
  assert.deepEqual(storeOf('pruned').steps(), [8, 9]);
  const kept = Checkpoint.read(storeOf('pruned').best, 'state').state;
  assert.deepEqual([kept.step, kept.score], [best, Math.min(...scores)]);
  assert.ok(best < 8, `the best, step ${best} of scores ${scores}, was to be deleted`);
});

test('pairs of several sizes train one by one and share a sheet; stacked, they are refused', async () => {
  const mixed = join(root, 'mixed');
  cpSync(dataroot, mixed, { recursive: true });
  const wide = join(root, 'wide');
  writeLabelPairs(wide, 'test', 1, 48, 40);
  for (const role of ['label', 'inst', 'img']) {
    cpSync(join(wide, `test_${role}`, '0.png'), join(mixed, `test_${role}`, 'wide.png'));
    cpSync(join(wide, `test_${role}`, '0.png'), join(mixed, `train_${role}`, 'wide.png'));
  }
  await train('mixed', '--dataroot', mixed, '--batch-size', '1', '--max-steps', '6');
  const sheet = join(run('mixed'), 'samples', 'step-00000006.png');
  // The sheet fits its largest image, enlarged to twice its size.
  const photo = await sharp(join(wide, 'test_img', '0.png'))
    .resize(96, 80, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  const { width } = await sharp(sheet).metadata();
  assert.ok(await holds(sheet, photo, 0, width));
  await refuse(
    ['train', ...place('stacked'), '--dataroot', mixed, '--label-nc', String(labelNc), ...tiny, '--batch-size', '6'],
    1,
    /stacking a batch/,
    /--batch-size 1/,
  );
});

test('the learning rate decays after niter epochs: the third of 1 + 2 has half of it', async () => {
  await train('by-hand', '--niter', '2', '--niter-decay', '0');
  assert.equal(lossesOf(run('by-hand')).length, 6);
  await succeed('train', ...place('by-hand'), '--resume', '--niter', '3', '--lr', '0.0001');
  assert.deepEqual(lossesOf(run('by-hand')), lossesOf(run('full')));
  await train('constant', '--niter', '3', '--niter-decay', '0');
  // The losses of an epoch's first step are computed before its update.
  const seventh = 7;
  assert.deepEqual(lossesOf(run('constant')).slice(0, seventh), lossesOf(run('full')).slice(0, seventh));
  assert.notDeepEqual(lossesOf(run('constant'))[seventh], lossesOf(run('full'))[seventh]);
});
