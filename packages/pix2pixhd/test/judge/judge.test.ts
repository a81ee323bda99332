/**
 * From folders to figures, in process: the figures are those of the files, whatever their depth and size; metrics that need
 * networks plug in; what is known is not measured again.
 */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArgv } from '../../src/config/argv.js';
import { evaluateCommand } from '../../src/config/commands/evaluate.js';
import { allMetricNames } from '../../src/config/metric-names.js';
import { l1 } from '../../src/evaluation/l1.js';
import type { Metric, NetworkMetric, SetMetric } from '../../src/evaluation/metric.js';
import { FigureCache } from '../../src/judge/figure-cache.js';
import { type Judging, judge } from '../../src/judge/judge.js';
import { metricRegistry, plainMetrics } from '../../src/judge/registry.js';
import { imagesIn } from '../../src/judge/result-files.js';
import { evaluationWeights } from '../../src/pretrained/evaluation-weights.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';

const side = 12;
const pixels = (salt: number) => noise(side * side * 3, salt);

/** Real images, so few that no threads are started, and results that are `off` by so much. */
function world(root: string, methods: Readonly<Record<string, number>>, images = 6): void {
  for (let i = 0; i < images; i++) {
    const truth = pixels(i).map(value => Math.min(value, 200));
    writePng(join(root, 'real', `${i}.png`), side, 3, truth);
    for (const [name, off] of Object.entries(methods))
      writePng(
        join(root, name, `${i}.png`),
        side,
        3,
        truth.map(value => value + off + i),
      );
  }
}

async function judging(root: string, names: readonly string[], more: Partial<Judging> = {}): Promise<Judging> {
  const open = (name: string, of: 'results' | 'real') =>
    imagesIn(join(root, name), { of, option: '--x', outputs: [] }, () => {});
  const cache = await FigureCache.open(join(root, 'figures.jsonl'));
  return {
    real: open('real', 'real'),
    methods: names.map(name => ({ name, folder: open(name, 'results') })),
    ...{ metrics: [metricRegistry.l1], asked: true, cache, observed: cache, weights: new Map(), device: 'cpu' },
    reading: { resize: 'none', range: 'full' },
    ...more,
  };
}

test('names of options and the registry agree, and every metric says what it is', () => {
  assert.deepEqual(Object.keys(metricRegistry), [...allMetricNames]);
  for (const [name, metric] of Object.entries(metricRegistry)) {
    assert.equal(metric.name, name);
    assert.ok(metric.protocol.length > 20 && metric.version >= 1);
    for (const weight of metric.kind === 'pair' ? [] : metric.weights) {
      assert.ok(Object.hasOwn(evaluationWeights, weight), weight);
      parseArgv(evaluateCommand, ['--weights', `${weight}=file.pth`]);
    }
  }
  assert.deepEqual(
    plainMetrics.map(({ name }) => name),
    ['psnr', 'ssim', 'ms-ssim', 'l1', 'ciede2000'],
  );
});

test('figures of all images, measured in threads, their means, and differences to the first method', async t => {
  const root = temporaryFolder(t);
  world(root, { near: 1, far: 11 }, 10);
  const seen: string[] = [];
  const judged = await judge(await judging(root, ['near', 'far'], { onProgress: (...of) => seen.push(of.join(' ')) }));
  const { figures, summaries, differences } = judged!;
  for (const [method, off] of [1, 11].entries())
    for (const [i, figure] of figures.get('l1')![method]!.entries())
      assert.ok(Math.abs(figure - (off + i) / 255) < 1e-12);
  const [near] = summaries.get('l1')!;
  assert.ok(Math.abs(near!.value - 5.5 / 255) < 1e-12);
  assert.ok(near!.low! < near!.value && near!.value < near!.high!);
  assert.equal(differences.length, 1);
  assert.ok(Math.abs(differences[0]!.value - 10 / 255) < 1e-12);
  assert.equal(differences[0]!.p, 2 / 2 ** 10);
  assert.equal(seen.at(-1), '10 10 images compared');
});

test('what is known is not measured again; a changed file and another protocol are', async t => {
  const root = temporaryFolder(t);
  world(root, { near: 1, far: 11 });
  const measured = async (metrics: readonly Metric[] = [metricRegistry.l1]) => {
    let done = 0;
    const judged = await judge(await judging(root, ['near', 'far'], { metrics, onProgress: () => done++ }));
    return { done, far: judged!.figures.get('l1')?.[1] };
  };
  const first = await measured();
  assert.equal(first.done, 6);
  const file = join(root, 'figures.jsonl');
  const before = readFileSync(file, 'utf8');
  assert.deepEqual(await measured(), { done: 0, far: first.far });
  copyFileSync(join(root, 'near/3.png'), join(root, 'far/3.png'));
  utimesSync(join(root, 'far/3.png'), 7, 7);
  const changed = await measured();
  assert.equal(changed.done, 1);
  assert.ok(Math.abs(changed.far![3]! - 4 / 255) < 1e-12);
  assert.equal((await measured([{ ...metricRegistry.l1, version: 2 }])).done, 6);
  // Killed while it wrote: the line is lost and nothing else.
  writeFileSync(file, before.slice(0, -9));
  assert.equal((await measured()).done, 2);
  appendFileSync(file, 'no JSON\n');
  assert.equal((await measured()).done, 0);
});

test('an interrupted measurement is kept', async t => {
  const root = temporaryFolder(t);
  world(root, { near: 1 });
  const stop = new AbortController();
  const onProgress = (done: number) => done === 3 && stop.abort();
  assert.equal(await judge(await judging(root, ['near'], { signal: stop.signal, onProgress })), undefined);
  let again = 0;
  await judge(await judging(root, ['near'], { onProgress: () => again++ }));
  assert.ok(again >= 2 && again <= 3, `${again} again`);
});

/** Stand-ins for networks: what they see is simple, the way to them is not. */
const meanColour: SetMetric = {
  ...metricRegistry.fid,
  kind: 'set',
  name: 'shift',
  title: 'Shift',
  weights: ['inception'],
  observes: 'the mean 1',
  fewImages: 20,
  open: files => ({
    observe: ({ data }) => {
      assert.ok(files.has('inception'));
      let sum = 0;
      for (const value of data) sum += value;
      return Float32Array.of(sum / data.length);
    },
    [Symbol.dispose]() {},
  }),
  summarise: (generated, real) => ({
    value: generated.reduce((sum, [value], i) => sum + value! - real[i]![0]!, 0) / real.length,
    standardError: 0.5,
  }),
};
const byStem: NetworkMetric = {
  ...metricRegistry.lpips,
  kind: 'network',
  name: 'by-stem',
  leastSide: 1,
  weights: [],
  open: () => ({ compare: (a, b, stem) => Number(stem) + l1(a, b), [Symbol.dispose]() {} }),
};

test('metrics of networks and of sets plug in, share the cache, and warn of few images', async t => {
  const root = temporaryFolder(t);
  world(root, { near: 1, far: 11 });
  const weights = new Map([['inception', join(root, 'real/0.png')]]);
  const metrics = [byStem, meanColour];
  const judged = (await judge(await judging(root, ['near', 'far'], { metrics, weights })))!;
  for (const [i, figure] of judged.figures.get('by-stem')![0]!.entries())
    assert.ok(Math.abs(figure - i - (1 + i) / 255) < 1e-12);
  const [near, far] = judged.summaries.get('shift')!;
  assert.ok(Math.abs(near!.value - 3.5) < 1e-5 && Math.abs(far!.value - 13.5) < 1e-5);
  assert.equal(near!.standardError, 0.5);
  assert.ok(judged.notes.some(note => /^warning: Shift of 6 images: below 20/.test(note)));
  let again = 0;
  await judge(await judging(root, ['near', 'far'], { metrics, weights, onProgress: () => again++ }));
  assert.equal(again, 0);
});

test('16 bits are compared at their depth, grey with RGB, alpha ignored; other sizes only where asked for', async t => {
  const root = temporaryFolder(t);
  const deep = Uint16Array.from({ length: side * side }, (_, i) => 30000 + i);
  writePng(join(root, 'real', 'a.png'), side, 1, deep);
  writePng(
    join(root, 'same', 'a.png'),
    side,
    3,
    Uint16Array.from({ length: side * side * 3 }, (_, i) => deep[Math.floor(i / 3)]! + 3),
  );
  writePng(
    join(root, 'clear', 'a.png'),
    side,
    4,
    Uint16Array.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 9 : deep[i >> 2]! + 6)),
  );
  const { figures, notes } = (await judge(await judging(root, ['same', 'clear'])))!;
  const [same, clear] = figures.get('l1')!;
  assert.ok(Math.abs(same![0]! - 3 / 65535) < 1e-9 && Math.abs(clear![0]! - 6 / 65535) < 1e-9);
  assert.match(notes.join('\n'), /3 of 3 files have 16 bits: compared at their full depth/);
  assert.match(notes.join('\n'), /1 of 3 files have an alpha channel/);
  assert.match(notes.join('\n'), /some files are grey and others RGB/);

  const reading = { resize: 'none', range: { low: 30000, high: 30300 } } as const;
  const ranged = (await judge(await judging(root, ['same'], { reading })))!;
  assert.ok(Math.abs(ranged.figures.get('l1')![0]![0]! - 3 / 300) < 1e-6);

  writePng(join(root, 'large', 'a.png'), 2 * side, 1, new Uint16Array(4 * side * side).fill(30000));
  await assert.rejects(judging(root, ['large']).then(judge), {
    code: 'SIZE_MISMATCH',
    message: /large\/a\.png\n.*24×24, where .*real\/a\.png has 12×12.*--resize real/s,
  });
  const resized = (await judge(await judging(root, ['large'], { reading: { resize: 'real', range: 'full' } })))!;
  assert.ok(Math.abs(resized.figures.get('l1')![0]![0]! - 71.5 / 65535) < 1e-6);
});

test('metrics that the images are too small for are left out, or refused where they were named', async t => {
  const root = temporaryFolder(t);
  world(root, { near: 1 });
  const { metrics, notes } = (await judge(await judging(root, ['near'], { metrics: plainMetrics, asked: false })))!;
  assert.deepEqual(
    metrics.map(({ name }) => name),
    ['psnr', 'ssim', 'l1', 'ciede2000'],
  );
  assert.match(
    notes.join('\n'),
    /MS-SSIM is left out: it is defined from 176 pixels a side on, and an image has 12×12/,
  );
  await assert.rejects(judging(root, ['near'], { metrics: [metricRegistry['ms-ssim']] }).then(judge), /--metrics/);
});
