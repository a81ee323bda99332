/**
 * Runs started by an older version of this program: today's generates the same images from them, and trains them to the same
 * result. The expected results were made by that older version: fixtures/old-runs/make.mjs trains for 8 of 18 steps with the
 * checkout of a commit, stores styles, keeps that state, generates from it and resumes it to the end. Commit ebcb85f wrote
 * checkpoints of version 1, a55a5f1 of version 2. Only command lines are used, so that changes inside the program do not
 * affect this test.
 */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { version } from '@pix2pixhd/torch';
import sharp from 'sharp';
import { succeed } from '../support/cli.js';
import { workFolder } from '../support/work-folder.js';

/** What observe.mjs prints about the last checkpoint: digests by the first part of the tensors' names. */
interface Checkpoint {
  readonly position: Readonly<Record<'step' | 'epoch' | 'batch', number>>;
  readonly digests: Readonly<Record<string, string>>;
}

/** A step's losses by name, and its number. */
type Losses = Readonly<Record<string, number>>;

/** The file expected.json. */
interface Expected {
  readonly cpu: string;
  readonly libtorch: string;
  readonly losses: readonly Losses[];
  readonly checkpoint: Checkpoint;
}

/** The file observe.mjs. */
interface Observe {
  readonly name: string;
  readonly generations: Readonly<Record<string, unknown>>;
  generate(which: string, checkpointsDir: string, dataroot: string, out: string): readonly string[];
  resume(checkpointsDir: string, dataroot: string): readonly string[];
  cpu(): string;
  losses(run: string): readonly Losses[];
  lastCheckpoint(run: string): string;
  checkpoint(path: string): Checkpoint;
}

const fixtures = fileURLToPath(new URL('../../../test/fixtures/old-runs', import.meta.url));
const observe: Observe = await import(new URL('../../../test/fixtures/old-runs/observe.mjs', import.meta.url).href);
const data = join(fixtures, 'data');
const root = workFolder();

/** Another CPU or libtorch rounds differently: losses may have this relative error, */
const relative = 1e-4;
/** and this share of the pixels may differ by one level of 255. */
const pixelsOff = 0.001;

for (const commit of ['ebcb85f', 'a55a5f1']) {
  const expected: Expected = JSON.parse(readFileSync(join(fixtures, commit, 'expected.json'), 'utf8'));
  const checkpointsDir = join(root, commit);
  const run = join(checkpointsDir, observe.name);
  cpSync(join(fixtures, commit, 'run'), run, { recursive: true });
  // The run's single checkpoint had this name too; the fixtures store it once.
  copyFileSync(observe.lastCheckpoint(run), join(run, 'checkpoints', 'best.safetensors'));

  for (const which of Object.keys(observe.generations))
    test(`a run of ${commit}: the same images, styles ${which}`, async () => {
      const out = join(root, `${commit}-${which}`);
      const stored = join(fixtures, commit, 'images', which);
      await succeed(...observe.generate(which, checkpointsDir, data, out));
      assert.deepEqual(pngsIn(out), pngsIn(stored));
      assert.equal(pngsIn(out).length, 2);
      for (const file of pngsIn(out)) await assertSameImage(join(out, file), join(stored, file));
    });

  test(`a run of ${commit}: resumed, the same losses to the same end`, async () => {
    await succeed(...observe.resume(checkpointsDir, data));
    const losses = observe.losses(run);
    assert.equal(losses.length, expected.losses.length);
    for (const [i, step] of expected.losses.entries()) {
      assert.deepEqual(Object.keys(losses[i]!), Object.keys(step));
      for (const [name, value] of Object.entries(step)) {
        const off = Math.abs(losses[i]![name]! - value);
        // Not `off > …`, which is false for NaN.
        assert.ok(off <= relative * Math.abs(value), `step ${i + 1}, ${name}: ${losses[i]![name]}, not ${value}`);
      }
    }
    const { position, digests } = observe.checkpoint(observe.lastCheckpoint(run));
    assert.deepEqual(position, expected.checkpoint.position);
    assert.deepEqual(Object.keys(digests), Object.keys(expected.checkpoint.digests));
  });

  test(`a run of ${commit}: resumed, the same losses and tensors bit for bit`, { skip: otherMachine(expected) }, () => {
    assert.deepEqual(observe.losses(run), expected.losses);
    assert.deepEqual(observe.checkpoint(observe.lastCheckpoint(run)).digests, expected.checkpoint.digests);
  });
}

/** Why results cannot be bit-identical; false if they must be. */
function otherMachine(expected: Expected): string | false {
  const [made, here] = [expected, { cpu: observe.cpu(), libtorch: version() }].map(
    ({ cpu, libtorch }) => `${cpu}, libtorch ${libtorch}`,
  );
  return made === here ? false : `made on ${made}; this is ${here}`;
}

/** The names of the PNG files in a folder. */
function pngsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.png'))
    .sort();
}

/** Asserts that two images are equal, or nearly so: see {@link pixelsOff}. */
async function assertSameImage(actual: string, expected: string): Promise<void> {
  const [found, stored] = await Promise.all(
    [actual, expected].map(path => sharp(path).raw().toBuffer({ resolveWithObject: true })),
  );
  assert.deepEqual(found!.info, stored!.info);
  const { width, height, channels } = stored!.info;
  const off = new Set<number>();
  for (const [i, value] of stored!.data.entries()) {
    if (found!.data[i] === value) continue;
    assert.ok(Math.abs(found!.data[i]! - value) <= 1, `${actual}: value ${i} is ${found!.data[i]}, not ${value}`);
    off.add(Math.floor(i / channels));
  }
  assert.ok(off.size <= pixelsOff * width * height, `${actual}: ${off.size} of ${width * height} pixels differ`);
}
