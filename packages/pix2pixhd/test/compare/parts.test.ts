/**
 * The parts of `compare`: the ablations that data allow, coarse to fine within a budget, when a run goes on and when it begins
 * again, figures over seeds.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginningOf } from '../../src/compare/beginning.js';
import { builtInCandidates } from '../../src/compare/built-in.js';
import { judgeCandidates } from '../../src/compare/by-candidate.js';
import { inWords, layered } from '../../src/compare/candidates.js';
import { stagesInBudget } from '../../src/compare/stages-in-budget.js';
import { trainSchema } from '../../src/config/schema.js';
import { stagesOf } from '../../src/config/stages.js';
import { UsageError } from '../../src/errors.js';
import type { Judgement } from '../../src/judge/judge.js';
import { metricRegistry } from '../../src/judge/registry.js';
import { bootstrapOverSeeds } from '../../src/statistics/bootstrap.js';
import { workFolder } from '../support/work-folder.js';

const cityscapes = { images: false, instances: true, width: 512, height: 256, vgg: true };
const emoji = { images: true, instances: false, width: 128, height: 128, vgg: false };

test('each candidate of an ablation differs from G1 in one thing, and data decide which there are', () => {
  const named = ({ candidates }: ReturnType<typeof builtInCandidates>) =>
    Object.fromEntries(candidates.map(({ name, changes }) => [name, inWords(changes)]));
  const city = builtInCandidates(cityscapes, {}, undefined);
  const { pix2pix, ...ablations } = named(city);
  assert.deepEqual(ablations, {
    g1: '',
    unet: '--netG unet --n-downsample-unet 8',
    'g1-enhancer': '--stages 256,512 --num-D 1',
    'one-discriminator': '--num-D 1',
    'no-feature-matching': '--no-gan-feat-loss',
    'no-vgg': '--no-vgg-loss',
    'no-instances': '--no-instance',
  });
  assert.match(pix2pix!, /--netG unet .*--gan-mode vanilla .*--lambda-L1 100/);
  assert.deepEqual(city.notes, []);
  assert.deepEqual(city.tables[1], { title: 'discriminator', candidates: ['g1', 'one-discriminator'] });
  const small = builtInCandidates(emoji, { ngf: 8 }, undefined);
  assert.deepEqual(Object.keys(named(small)), [
    ...['g1', 'unet', 'g1-enhancer', 'one-discriminator', 'no-feature-matching', 'pix2pix'],
  ]);
  assert.equal(small.base.ngf, 8);
  assert.match(small.notes.join('\n'), /instances is left out[\s\S]*VGG19/);
  assert.throws(() => builtInCandidates(emoji, {}, ['instances']), UsageError);
  // At the end the enhancer has as many discriminators as the others.
  const config = trainSchema.parse({
    ...{ name: 'n', dataroot: 'd' },
    ...layered(small.base, small.candidates.find(({ name }) => name === 'g1-enhancer')!.changes),
  });
  assert.equal(stagesOf(config).at(-1)!.config.numD, trainSchema.shape.numD.parse(undefined));
});

test('a budget of steps is divided among the stages to the last step, one of minutes by pace', () => {
  const lengths = (stages: string) => {
    const config = trainSchema.parse({ name: 'n', dataroot: 'd', stages });
    return stagesOf(config).map(({ steps }) => steps);
  };
  assert.deepEqual(lengths(stagesInBudget('64,128', { steps: 1001 })), [500, 51, 1e9]);
  assert.deepEqual(lengths(stagesInBudget('64:batch=4,128,256:fix=7', { steps: 300 })), [100, 10, 90, 7, 1e9]);
  // Half of 10 minutes at 0.1 s a step; a tenth of the other half at 0.3 s.
  assert.deepEqual(lengths(stagesInBudget('64,128', { minutes: 10 }, [0.1, 0.3])), [3000, 100, 1e9]);
  assert.deepEqual(lengths(stagesInBudget('128', { minutes: 1 }, [1])), [1e9]);
});

test('a run goes on where the budget stays equal, and begins again where nobody can know', () => {
  const folder = join(workFolder(), 'run');
  const steps = { steps: 100 };
  const minutes = { minutes: 2 };
  const record = { state: 'interrupted', step: 10, seconds: 30, reason: 'interrupted' } as const;
  assert.equal(beginningOf(undefined, folder, steps).kind, 'new');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), '{}');
  assert.equal(beginningOf({ ...record, state: 'done' }, folder, minutes).kind, 'kept');
  assert.equal(beginningOf(undefined, folder, steps).kind, 'goes on');
  const rest = beginningOf(record, folder, minutes);
  assert.deepEqual([rest.kind, 'left' in rest && rest.left], ['goes on', { minutes: 1.5 }]);
  for (const unknown of [undefined, { ...record, seconds: 0 }, { ...record, state: 'failed' } as const])
    assert.equal(beginningOf(unknown, folder, minutes).kind, 'again');
});

test('of several seeds figures are means, differences are paired by seed and image, sets have no interval', () => {
  const stems = ['a', 'b', 'c', 'd', 'e'];
  const names = ['x.seed0', 'x.seed1', 'y.seed0', 'y.seed1'];
  const l1 = [
    [0.1, 0.2, 0.3, 0.4, 0.5],
    [0.3, 0.2, 0.1, 0.4, 0.7],
    [0.2, 0.4, 0.3, 0.5, 0.9],
    [0.2, 0.5, 0.3, 0.6, 0.8],
  ];
  const judgement: Judgement = {
    rows: stems.map(stem => ({ stem, real: `real/${stem}`, results: names.map(name => `${name}/${stem}`) })),
    methods: names.map(name => ({ name, folder: { path: name, files: new Map(), ending: '', others: 0 } })),
    metrics: [metricRegistry.l1, metricRegistry.fid],
    figures: new Map([['l1', l1]]),
    summaries: new Map([
      ['l1', l1.map(() => ({ value: Number.NaN }))],
      ['fid', [{ value: 10 }, { value: 20 }, { value: 30 }, { value: 50 }]],
    ]),
    differences: [],
    exclusions: [],
    notes: [],
  };
  const candidates = ['x', 'y'].map(name => ({ name, names: [`${name}.seed0`, `${name}.seed1`] }));
  const all = judgeCandidates(judgement, candidates);
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-12, `${found}`);
  for (const [i, expected] of [0.2, 0.2, 0.2, 0.4, 0.6].entries()) near(all.figures.get('l1')![0]![i]!, expected);
  near(all.summaries.get('l1')![0]!.value, 0.32);
  assert.deepEqual(all.summaries.get('fid'), [{ value: 15 }, { value: 40 }]);
  const [difference] = all.differences;
  const apart = [0, 1].map(seed => l1[2 + seed]!.map((figure, i) => figure - l1[seed]![i]!));
  const { low, high } = bootstrapOverSeeds(apart);
  near(difference!.value, 0.15);
  assert.deepEqual([difference!.method, difference!.against, difference!.low, difference!.high], ['y', 'x', low, high]);
  assert.deepEqual(all.rows[0]!.results, ['x.seed0/a', 'y.seed0/a']);

  const some = judgeCandidates(judgement, candidates, ['b', 'd']);
  assert.deepEqual(
    some.rows.map(({ stem }) => stem),
    ['b', 'd'],
  );
  near(some.summaries.get('l1')![1]!.value, 0.5);
  assert.deepEqual(
    some.metrics.map(({ name }) => name),
    ['l1'],
  );
});
