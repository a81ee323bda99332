/**
 * `check` walks as `train` does: over a table of made layouts, and over many drawn at random, what check accepts can be
 * trained on, file by file, and what training refuses check names.
 */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { trainCommand } from '../../src/config/commands/train.js';
import { checkDataset } from '../../src/data/check/check.js';
import { hasErrors } from '../../src/data/check/findings.js';
import { loadSample } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { findTrainingSamples } from '../../src/run/training-samples.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { parseCommand } from '../support/parse-command.js';
import { noise, temporaryFolder, writePng } from './images.js';

const side = 8;

/** Puts something under a path that ends in a stem, not in an extension. */
type Put = (path: string) => void | Promise<void>;

const photo =
  (extension: string): Put =>
  path =>
    encoded(`${path}${extension}`);
const accent = (form: 'NFC' | 'NFD') => 'é'.normalize(form);

async function encoded(path: string, frames = 1): Promise<void> {
  const format = { '.bmp': 'png', '.jfif': 'jpeg', '.jpg': 'jpeg', '.webp': 'webp', '.gif': 'gif' }[
    /\.\w+$/.exec(path)?.[0].toLowerCase() ?? ''
  ] as 'png' | undefined;
  const frame = (salt: number) =>
    sharp(noise(side * side * 3, salt), { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer();
  const made = await Promise.all(Array.from({ length: frames }, (_, i) => frame(i)));
  const image = frames === 1 ? sharp(made[0]) : sharp(made, { join: { animated: true } });
  writeFileSync(path, await image.toFormat(format ?? 'png').toBuffer());
}

/** What may lie in place of one image. */
const things: Readonly<Record<string, Put>> = {
  png: photo('.png'),
  upper: photo('.PNG'),
  jfif: photo('.jfif'),
  gif: photo('.gif'),
  webp: photo('.webp'),
  'named bmp': photo('.bmp'),
  'no extension': photo(''),
  heic: path => writeFileSync(`${path}.heic`, ''),
  animated: path => encoded(`${path}.gif`, 2),
  dotfile: path => writeFileSync(join(dirname(path), `.${Math.random()}.png`), ''),
  'resource fork': path => writeFileSync(join(dirname(path), `._${path.slice(dirname(path).length + 1)}.png`), 'x'),
  text: path => writeFileSync(`${path}.txt`, 'x'),
  empty: path => writeFileSync(`${path}.png`, ''),
  truncated: async path => {
    await encoded(`${path}.png`);
    truncateSync(`${path}.png`, 40);
  },
  'broken link': path => symlinkSync('/nowhere/a.png', `${path}.png`),
  'broken folder': path => symlinkSync('/nowhere', path),
  'link to itself': path => symlinkSync(`${path}.png`, `${path}.png`),
  'hard link': async path => {
    await encoded(`${path}.elsewhere`);
    linkSync(`${path}.elsewhere`, `${path}.png`);
  },
  loop: path => symlinkSync('.', path),
  'loop to the parent': path => symlinkSync('..', path),
  'sub-folder': async path => {
    mkdirSync(path);
    await encoded(join(path, '1.png'));
  },
  twice: async path => {
    await encoded(`${path}.png`);
    await encoded(`${path}.jpg`);
  },
  smaller: path => writePng(`${path}.png`, side / 2, 3, noise((side / 2) ** 2 * 3)),
  nothing: () => {},
};

/** Makes a data set and asserts that check and training agree on it. @returns whether they accept it. */
async function agree(t: TestContext, what: string, fill: (root: string) => Promise<void>): Promise<boolean> {
  const root = temporaryFolder(t);
  for (const name of ['train_A', 'train_B']) mkdirSync(join(root, name));
  await fill(root);
  const config = parseCommand(trainCommand, [
    ...['--dataroot', root, '--name', 'x', '--label-nc', '0', '--no-instance'],
    ...['--resize-or-crop', 'none', '--ngf', '4', '--n-downsample-global', '2', '--netG', 'global'],
  ]);
  const layout = { labelNc: 0, useInstance: false, phases: ['train'] };
  const report = await checkDataset(root, { ...layout, full: true });
  const lines: string[] = [];
  let refused: UserError | undefined;
  try {
    const samples = await findTrainingSamples(config, line => lines.push(line));
    for (const sample of samples) await loadSample(sample, trainingSpec(config), sampleRandom(0, 0, 0));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refused = error;
  }
  const said = JSON.stringify(report.findings, null, 1);
  assert.equal(hasErrors(report), refused !== undefined, `${what}: check found ${said}, training: ${refused?.message}`);
  const leftOut = report.findings.filter(({ code }) => code === 'left-out').length;
  if (refused === undefined && leftOut > 0)
    assert.ok(lines[0]?.startsWith(`left out: ${leftOut} file`), `${what}: ${lines[0]}`);
  if (refused === undefined && leftOut === 0) assert.ok(!lines.some(line => line.startsWith('left out')), what);
  return refused === undefined;
}

const accepted: readonly (readonly [a: string, b: string])[] = [
  ...['png', 'upper', 'jfif', 'gif', 'webp', 'hard link'].map(thing => [thing, 'png'] as const),
  ['sub-folder', 'sub-folder'],
  // Both sides without: the pair is left out, or never was one.
  ['named bmp', 'named bmp'],
  ['no extension', 'no extension'],
  ['animated', 'animated'],
  ['heic', 'nothing'],
  ['loop', 'nothing'],
  ['loop to the parent', 'loop to the parent'],
  ['resource fork', 'dotfile'],
  ['text', 'nothing'],
];

for (const [a, b] of accepted)
  test(`beside a whole pair, ${a} and ${b} can be trained on`, async t => {
    const ok = await agree(t, `${a} and ${b}`, async root => {
      for (const folder of ['train_A', 'train_B']) await encoded(join(root, folder, 'whole.png'));
      await things[a]!(join(root, 'train_A', 'x'));
      await things[b]!(join(root, 'train_B', 'x'));
    });
    assert.ok(ok);
  });

const refusals = ['nothing', 'named bmp', 'no extension', 'animated', 'empty', 'truncated', 'twice', 'smaller'];

for (const thing of [...refusals, 'broken link', 'broken folder', 'link to itself', 'sub-folder'])
  test(`beside a whole pair, an image with ${thing} as its partner is refused by both`, async t => {
    const ok = await agree(t, thing, async root => {
      for (const folder of ['train_A', 'train_B']) await encoded(join(root, folder, 'whole.png'));
      await things.png!(join(root, 'train_A', 'x'));
      await things[thing]!(join(root, 'train_B', 'x'));
    });
    assert.equal(ok, false);
  });

test('broken links on both sides are refused: there should be images', async t => {
  for (const thing of ['broken link', 'broken folder', 'link to itself'])
    assert.equal(
      await agree(t, thing, async root => {
        for (const folder of ['train_A', 'train_B']) {
          await encoded(join(root, folder, 'whole.png'));
          await things[thing]!(join(root, folder, 'x'));
        }
      }),
      false,
    );
});

test('names that differ only in how their accents are composed are one', async t => {
  const ok = await agree(t, 'NFC and NFD', async root => {
    mkdirSync(join(root, 'train_A', `caf${accent('NFC')}`));
    mkdirSync(join(root, 'train_B', `caf${accent('NFD')}`));
    await encoded(join(root, 'train_A', `caf${accent('NFC')}`, `${accent('NFD')}.png`));
    await encoded(join(root, 'train_B', `caf${accent('NFD')}`, `${accent('NFC')}.png`));
  });
  assert.ok(ok);
});

test('40 data sets drawn from all of this', async t => {
  const kinds = Object.keys(things);
  const drawn = noise(40 * 6, 7);
  let both = 0;
  for (let i = 0; i < 40; i++) {
    const chosen = [...drawn.subarray(6 * i, 6 * i + 6)].map(value => kinds[value % kinds.length]!);
    // Of one stem often the same on both sides, so that a good part is whole.
    const pairs = [0, 1, 2].map(k => [
      chosen[2 * k]!,
      drawn[6 * i + k]! % 4 === 0 ? chosen[2 * k + 1]! : chosen[2 * k]!,
    ]);
    const ok = await agree(t, JSON.stringify(pairs), async root => {
      for (const [k, [a, b]] of pairs.entries()) {
        await things[a!]!(join(root, 'train_A', `s${k}`));
        await things[b!]!(join(root, 'train_B', `s${k}`));
      }
    });
    both += Number(ok);
  }
  assert.ok(both > 5 && both < 35, `${both} of 40 accepted`);
});
