/** Folders without pairs: both are found whole, and batches of both depend on seed, epoch and number alone. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkDataset } from '../../src/data/check/check.js';
import { findSamples, samplesPerEpoch } from '../../src/data/find/pairs.js';
import type { UnpairedBatch } from '../../src/data/load/batch-source.js';
import { domainsOf, UnpairedLoader } from '../../src/data/load/unpaired-loader.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng } from './images.js';

const layout = { labelNc: 0, useInstance: false, domains: ['source', 'image'] as const };

/** Five images in trainA, three of another size in trainB; two names are the same. */
function folders(t: TestContext): string {
  const root = temporaryFolder(t);
  const write = (folder: string, name: string, side: number, salt: number) =>
    writePng(join(root, folder, `${name}.png`), side, 3, noise(side * side * 3, salt));
  for (let i = 0; i < 5; i++) write('trainA', `a${i}`, 24, i);
  for (const [i, name] of ['a1', 'a2', 'z'].entries()) write('trainB', name, 20, 9 + i);
  return root;
}

function open(t: TestContext, root: string, seed = 3, workers = 2): UnpairedLoader {
  const transform = { mode: 'crop', loadSize: 1, fineSize: 16, multiple: 4, flip: true } as const;
  const spec = { transform, labelNc: 0, sourceChannels: 3, imageChannels: 3, alpha: 'drop' } as const;
  const samples = domainsOf(findSamples(root, 'train', layout));
  const loader = new UnpairedLoader(samples, { spec, batchSize: 1, seed, workers });
  t.after(() => loader.close());
  return loader;
}

async function batchesOf(loader: UnpairedLoader, epoch: number, start = 0) {
  const batches: UnpairedBatch[] = [];
  for await (const batch of loader.epoch(epoch, start)) batches.push(batch);
  return batches;
}

test('every image is found, whatever its name; an epoch has as many as the larger folder', t => {
  const samples = findSamples(folders(t), 'train', layout);
  const { a, b } = domainsOf(samples);
  assert.deepEqual(
    [a.map(({ stem }) => stem), b.map(({ stem }) => stem)],
    [
      ['a0', 'a1', 'a2', 'a3', 'a4'],
      ['a1', 'a2', 'z'],
    ],
  );
  assert.equal(samplesPerEpoch(samples), 5);
});

test('an epoch shows the larger folder once; the smaller one goes round evenly', async t => {
  const loader = open(t, folders(t));
  const [first, second, third] = [await batchesOf(loader, 1), await batchesOf(loader, 2), await batchesOf(loader, 3)];
  for (const batches of [first, second, third])
    assert.deepEqual(batches.map(({ a }) => a.stems[0]).sort(), ['a0', 'a1', 'a2', 'a3', 'a4']);
  const ofB = [...first, ...second, ...third].map(({ b }) => b.stems[0]!);
  for (const stem of ['a1', 'a2', 'z']) assert.equal(ofB.filter(other => other === stem).length, 5);
  for (let round = 0; round < 5; round++)
    assert.deepEqual(ofB.slice(3 * round, 3 * round + 3).sort(), ['a1', 'a2', 'z']);
});

test('a batch is the same after a resume and with other workers; the domains are drawn apart', async t => {
  const root = folders(t);
  const expected = (await batchesOf(open(t, root), 2)).slice(3);
  assert.deepEqual(await batchesOf(open(t, root, 3, 1), 2, 3), expected);
  assert.notDeepEqual(await batchesOf(open(t, root, 4), 2, 3), expected);
  // The same picture in both folders, in the same order, would still be cut and mirrored differently.
  const same = temporaryFolder(t);
  for (const folder of ['trainA', 'trainB']) writePng(join(same, folder, '0.png'), 24, 3, noise(24 * 24 * 3));
  const loader = open(t, same);
  const crops: UnpairedBatch[] = [];
  for (let epoch = 1; epoch <= 4; epoch++) crops.push(...(await batchesOf(loader, epoch)));
  assert.ok(crops.some(({ a, b }) => String(a.source) !== String(b.image)));
});

test('check reads both folders, and names the one that is empty', async t => {
  const root = folders(t);
  const report = await checkDataset(root, { ...layout, full: true });
  assert.deepEqual([report.findings, report.samples, report.unpaired], [[], { train: 8 }, true]);
  // Held-out images of one domain are enough.
  writePng(join(root, 'testB', '0.png'), 20, 3, noise(20 * 20 * 3));
  assert.deepEqual((await checkDataset(root, { ...layout, full: true })).samples, { train: 8, test: 1 });
  for (const name of ['a1', 'a2', 'z']) rmSync(join(root, 'trainB', `${name}.png`));
  const { findings } = await checkDataset(root, { ...layout, full: true });
  assert.deepEqual(
    findings.map(({ code, files }) => [code, files]),
    [['no-samples', [join(root, 'trainB')]]],
  );
  assert.throws(
    () => findSamples(root, 'train', layout),
    (error: unknown) =>
      error instanceof UserError && error.code === 'NO_IMAGES' && error.parts.where === join(root, 'trainB'),
  );
});
