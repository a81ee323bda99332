/**
 * The health of a run: nothing is said of a healthy one (the demo's own losses), and each symptom is found where the
 * losses or images are those of the networks that it means, computed from the losses' definitions.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { canonical } from '../../../src/config/nvidia.js';
import { optionsOf } from '../../../src/config/option.js';
import { trainSchema } from '../../../src/config/schema.js';
import { spellingsOf } from '../../../src/config/spellings.js';
import type { GanMode } from '../../../src/losses/adversarial.js';
import type { Image8 } from '../../../src/raster.js';
import { type Symptom, wordsFor } from '../../../src/run/health/advice.js';
import { Health, type Notice } from '../../../src/run/health/health.js';

type Losses = Readonly<Record<string, number>>;

/** The first 600 steps of a demo of an hour, two discriminators, least squares: the wildest of it. */
const demo = JSON.parse(
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../../test/fixtures/demo-losses.json'), 'utf8'),
) as Record<string, number[]>;
const demoLosses = (index: number): Losses =>
  Object.fromEntries(Object.entries(demo).map(([name, values]) => [name, values[index % values.length]!]));

/** Numbers from 0 to 1 that are the same every time. */
function* noise(): Generator<number, never> {
  for (let state = 1; ; ) yield (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Feeds steps; the notices of all of them. */
function feed(health: Health, from: number, to: number, losses: (step: number) => Losses): Notice[] {
  const notices: Notice[] = [];
  for (let step = from; step <= to; step++) notices.push(...health.step(step, losses(step)));
  return notices;
}

const brief = (notices: readonly Notice[]) =>
  notices.map(({ symptom, began, step }) => `${began ? '+' : '-'}${symptom} ${step}`);

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

/** The losses of two discriminators that give these predictions on real and on generated images. */
function predictions(mode: GanMode, real: number, fake: number): Losses {
  const one = {
    lsgan: { D_real: (real - 1) ** 2, D_fake: fake ** 2, G_GAN: (fake - 1) ** 2 },
    vanilla: {
      D_real: -Math.log(sigmoid(real)),
      D_fake: -Math.log(1 - sigmoid(fake)),
      G_GAN: -Math.log(sigmoid(fake)),
    },
    hinge: { D_real: Math.max(0, 1 - real), D_fake: Math.max(0, 1 + fake), G_GAN: -fake },
  }[mode];
  return Object.fromEntries(Object.entries(one).map(([name, loss]) => [name, 2 * loss]));
}

/** Predictions of a confident discriminator, an undecided one, and one that is usually right. */
const certain = { lsgan: [0.95, 0.05], vanilla: [4, -4], hinge: [1.5, -1.5] } as const;
const undecided = { lsgan: 0.5, vanilla: 0, hinge: 0 } as const;
const fair = { lsgan: [0.7, 0.35], vanilla: [1, -1], hinge: [0.5, -0.4] } as const;
const modes = ['lsgan', 'vanilla', 'hinge'] as const;

test('a healthy run gets no notice', () => {
  const health = new Health('lsgan', 2);
  assert.equal(health.line(), 'health: too early to tell (0 of 300 steps)');
  assert.deepEqual(
    feed(health, 1, 299, step => demoLosses(step - 1)),
    [],
  );
  assert.equal(health.line(), 'health: too early to tell (299 of 300 steps)');
  assert.deepEqual(
    feed(health, 300, 600, step => demoLosses(step - 1)),
    [],
  );
  assert.equal(health.line(), 'health: good');
});

for (const mode of modes) {
  const random = noise();
  const shaken = (prediction: number, by: number) => prediction + by * (2 * random.next().value - 1);
  const won = () => predictions(mode, shaken(certain[mode][0], 0.04), shaken(certain[mode][1], 0.04));
  const contest = () => predictions(mode, shaken(fair[mode][0], 0.4), shaken(fair[mode][1], 0.4));

  test(`${mode}: a contest of two is healthy`, () => {
    const health = new Health(mode, 2);
    assert.deepEqual(feed(health, 1, 1000, contest), []);
    assert.equal(health.line(), 'health: good');
  });

  test(`${mode}: a discriminator that is hardly ever wrong has won, until it is wrong again`, () => {
    const health = new Health(mode, 2);
    // One step in fifteen fools it all the same.
    const losses = (step: number) => (step % 15 === 0 ? contest() : won());
    assert.deepEqual(brief(feed(health, 1, 800, losses)), ['+discriminator-won 300']);
    assert.match(
      health.line(),
      /^health: the discriminator has won \(D_real 0(\.0\d+)?, D_fake 0(\.0\d+)?; for 800 steps\): raise --lambda-feat/,
    );
    const after = feed(health, 801, 1200, contest);
    assert.deepEqual(
      after.map(({ symptom, began }) => [symptom, began]),
      [['discriminator-won', false]],
    );
    assert.equal(health.line(), 'health: good');
  });

  test(`${mode}: a discriminator with the same prediction for all images is undecided, one that is often wrong is not`, () => {
    const constant = () => predictions(mode, shaken(undecided[mode], 0.01), shaken(undecided[mode], 0.01));
    const health = new Health(mode, 2);
    assert.deepEqual(brief(feed(health, 1, 500, constant)), ['+discriminator-undecided 300']);
    assert.match(
      health.line(),
      /^health: the discriminator is undecided \(D_real .*; for 500 steps\): look at the samples/,
    );
    const wrong = () => predictions(mode, shaken(undecided[mode], 0.4), shaken(undecided[mode], 0.4));
    assert.deepEqual(feed(new Health(mode, 2), 1, 1000, wrong), []);
  });
}

test('losses are sums over the discriminators: what is little for three is not for one', () => {
  const losses = () => ({ D_real: 0.05, D_fake: 0.05 });
  assert.deepEqual(brief(feed(new Health('lsgan', 3), 1, 400, losses)), ['+discriminator-won 300']);
  assert.deepEqual(feed(new Health('lsgan', 2), 1, 400, losses), []);
});

test('between the limits of beginning and end there is no notice', () => {
  const health = new Health('lsgan', 1);
  feed(health, 1, 300, () => ({ D_real: 0.019, D_fake: 0.019 }));
  // Around the limit, 0.02, for long.
  const around = (step: number) => ({ D_real: step % 1000 < 500 ? 0.03 : 0.015, D_fake: 0.01 });
  assert.deepEqual(feed(health, 301, 5000, around), []);
  assert.match(health.line(), /has won/);
});

const image = (shade: (x: number, y: number) => number, width = 8): Image8 => ({
  width,
  height: 8,
  channels: 3,
  data: Uint8Array.from({ length: width * 8 * 3 }, (_, i) => shade(Math.floor(i / 3) % width, Math.floor(i / 24))),
});
const real = [image(x => x * 30), image((_, y) => y * 30), image((x, y) => x * y)];
const same = real.map((_, i) => image(x => 100 + x + (x === 0 ? i : 0)));

test('outputs that hardly differ for different inputs are found at the second display in a row', () => {
  const health = new Health('lsgan', 2);
  assert.deepEqual(health.samples(300, same, real), []);
  assert.deepEqual(health.samples(400, real, real), []);
  assert.deepEqual(health.samples(500, same, real), []);
  const [notice, ...more] = health.samples(600, same, real);
  assert.deepEqual(more, []);
  assert.equal(notice?.symptom, 'same-output');
  assert.match(
    notice.text,
    /same image whatever the input.*\(outputs differ by 0\.17 of 255 grey levels.*npx pix2pixhd check/,
  );
  assert.deepEqual(health.samples(700, same, real), []);
  assert.match(health.line(), /^health: the same image whatever the input/);
  assert.deepEqual(brief(health.samples(800, real, real)), ['-same-output 800']);
});

test('images that say nothing: the first ones, one alone, of different sizes, of one real image', () => {
  const health = new Health('lsgan', 2);
  for (let step = 10; step < 200; step += 10) assert.deepEqual(health.samples(step, same, real), []);
  const sizes = [image(() => 9), image(() => 9, 16)];
  const alike = same.map(() => real[0]!);
  for (let step = 300; step < 400; step += 10) {
    assert.deepEqual(health.samples(step, same.slice(1, 2), real.slice(1, 2)), []);
    assert.deepEqual(health.samples(step, sizes, sizes), []);
    assert.deepEqual(health.samples(step, alike, alike), []);
  }
});

test('a loss that jumps to twenty times is found, and lasts until it has come back', () => {
  const health = new Health('lsgan', 2);
  feed(health, 1, 600, step => demoLosses(step - 1));
  const slipped = (step: number): Losses => ({ ...demoLosses(step), G_L1: 20 * demoLosses(step).G_L1! });
  const began = feed(health, 601, 1600, slipped);
  assert.deepEqual(
    began.map(({ symptom, began }) => [symptom, began]),
    [['jump', true]],
  );
  assert.ok(began[0]!.step <= 650);
  assert.match(began[0]!.text, /many times what it was.*G_L1 \d+, before it/);
  assert.match(health.line(), /^health: a loss has jumped \(G_L1 /);
  assert.deepEqual(
    feed(health, 1601, 1700, step => demoLosses(step)).map(({ began }) => began),
    [false],
  );
  assert.equal(health.line(), 'health: good');
});

test('a loss near zero that grows to its usual value is not a jump', () => {
  const health = new Health('lsgan', 2);
  const random = noise();
  const losses = (step: number) => ({ D_real: (step < 500 ? 0.003 : 0.6) * random.next().value, D_fake: 0.3 });
  assert.deepEqual(feed(health, 1, 1000, losses), []);
});

test('losses that are not finite are reported once, counted, and over after a while', () => {
  const health = new Health('lsgan', 2);
  feed(health, 1, 400, step => demoLosses(step));
  const [notice] = health.step(401, { ...demoLosses(1), G_VGG: Number.NaN });
  assert.equal(notice?.symptom, 'not-finite');
  assert.match(notice.text, /G_VGG at step 401.*--precision fp32/);
  assert.match(health.line(), /^health: losses are not finite \(G_VGG at step 401; for 1 step\)/);
  assert.deepEqual(health.step(402, { ...demoLosses(1), D_real: Number.POSITIVE_INFINITY }), []);
  assert.match(health.line(), /2 steps skipped/);
  const after = feed(health, 403, 800, step => demoLosses(step));
  assert.deepEqual(
    after.map(({ symptom, began }) => [symptom, began]),
    [['not-finite', false]],
  );
  assert.equal(health.line(), 'health: good');
});

test('what is advised exists: every option is one of training', () => {
  const known = spellingsOf(optionsOf(trainSchema));
  const conditions: Symptom[] = ['not-finite', 'jump', 'same-output', 'discriminator-won', 'discriminator-undecided'];
  for (const symptom of conditions)
    for (const mode of modes) {
      const text = Object.values(wordsFor(symptom, mode)).join(' ');
      const options = [...text.matchAll(/--([A-Za-z][\w-]*)/g)].map(([, name]) => name!);
      assert.ok(options.length > 0, symptom);
      for (const name of options) assert.ok(known.has(canonical(name)), `${symptom} names --${name}`);
    }
  // The baselines refuse these.
  for (const model of ['pix2pix', 'cycle-gan'] as const)
    for (const symptom of conditions)
      assert.doesNotMatch(Object.values(wordsFor(symptom, 'lsgan', model)).join(' '), /--lambda-feat|--num-D/);
});
