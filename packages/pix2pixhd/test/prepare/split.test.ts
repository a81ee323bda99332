/** Held-out pairs have no twin in training. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { hashOf, nearDuplicates } from '../../src/prepare/near-duplicates.js';
import type { RawPair } from '../../src/prepare/raw-pair.js';
import { splitPairs, unitOf } from '../../src/prepare/split.js';
import { resolveRun } from '../../src/run/resolve-run.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { writeTiff } from '../data/stored-files.js';
import { succeed } from '../support/cli.js';

const pairs = (count: number, group?: (i: number) => string): RawPair[] =>
  Array.from({ length: count }, (_, i) => ({ stem: `${i}`, parts: {}, ...(group && { group: group(i) }) }));

test('whatever the sizes and the seed: units stay whole, and about the share is held out', () => {
  for (let seed = 0; seed < 40; seed++) {
    const sizes = [...noise(12, seed)].map(value => 1 + (value % 30));
    const groups = sizes.flatMap((size, g) => Array<string>(size).fill(`g${g}`));
    const all = pairs(groups.length, i => groups[i]!);
    assert.equal(unitOf(all), 'group');
    const rule = { unit: 'group', share: 0.2, block: 50, seed } as const;
    const split = splitPairs(all, rule);
    assert.deepEqual(split, splitPairs(all, rule), 'the seed decides');
    const phases = new Map<string, Set<string>>();
    for (const { group, phase } of split) phases.set(group!, (phases.get(group!) ?? new Set()).add(phase));
    assert.ok([...phases.values()].every(({ size }) => size === 1));
    const held = split.filter(({ phase }) => phase === 'test').length;
    assert.ok(held > 0 && held < split.length);
    assert.ok(Math.abs(held - 0.2 * split.length) <= Math.max(...sizes), `${held} of ${split.length}`);
  }
});

test('blocks are consecutive, and few pairs still have some held out', () => {
  const split = splitPairs(pairs(1000), { unit: 'block', share: 0.1, block: 50, seed: 3 });
  const held = split.flatMap(({ phase }, i) => (phase === 'test' ? [i] : []));
  assert.equal(held.length, 100);
  for (const i of held)
    assert.ok(
      split.slice(50 * Math.floor(i / 50), 50 * Math.floor(i / 50) + 50).every(({ phase }) => phase === 'test'),
    );
  const few = splitPairs(pairs(20), { unit: 'block', share: 0.1, block: 50, seed: 0 });
  assert.equal(few.filter(({ phase }) => phase === 'test').length, 2);
  assert.ok(
    splitPairs(pairs(20), { unit: 'pair', share: 0, block: 50, seed: 0 }).every(({ phase }) => phase === 'train'),
  );
});

test('a split that the material has is kept', () => {
  const all = pairs(4).map((pair, i) => ({ ...pair, phase: i === 2 ? 'test' : 'train' }));
  assert.equal(unitOf(all), 'phase');
  assert.deepEqual(
    splitPairs(all, { unit: 'phase', share: 0.5, block: 50, seed: 0 }).map(({ phase }) => phase),
    ['train', 'train', 'test', 'train'],
  );
});

test('the next frame and a recompressed copy are near duplicates, other scenes are not', async t => {
  const folder = temporaryFolder(t);
  const scene = (salt: number, shift: number) => {
    const grain = noise(60, salt);
    return sharp(
      Buffer.from(
        Uint8Array.from({ length: 96 * 64 }, (_, i) => {
          const [x, y] = [(i % 96) + shift, Math.floor(i / 96)];
          return grain[Math.floor(x / 16) + 7 * Math.floor(y / 16)]!;
        }),
      ),
      { raw: { width: 96, height: 64, channels: 1 } },
    ).blur(4);
  };
  const files: string[] = [];
  for (const [i, [salt, shift, quality]] of (
    [
      [1, 0, 95],
      [1, 1, 60],
      [2, 0, 95],
      [3, 0, 95],
    ] as const
  ).entries()) {
    files.push(join(folder, `${i}.jpg`));
    await scene(salt, shift).jpeg({ quality }).toFile(files[i]!);
  }
  const flat = join(folder, 'flat.png');
  await sharp({ create: { width: 50, height: 50, channels: 3, background: '#345' } })
    .png()
    .toFile(flat);
  const hashes = await Promise.all([...files, flat].map(file => hashOf(file)));
  assert.equal(hashes[4], undefined, 'a flat image tells nothing');
  assert.deepEqual(nearDuplicates([hashes[1], hashes[2], hashes[4]], [hashes[0], hashes[3], hashes[4]]), [[0, 0]]);
});

test('floating point and arrays as targets: near duplicates are seen, classes of held-out maps count', async t => {
  const root = temporaryFolder(t);
  for (let i = 0; i < 10; i++) {
    writePng(join(root, 'a', `${i}.png`), 32, 1, noise(32 * 32, i));
    // One scene all over: whatever is held out has a twin.
    writeTiff(
      join(root, 'b', `${i}.tif`),
      { width: 32, bits: 32, format: 'float' },
      Array.from({ length: 1024 }, (_, k) => 300 + Math.sin(k / 40) * 9 + Math.cos(k / 7)),
    );
  }
  const said = await succeed(
    'prepare',
    '--inputs',
    join(root, 'a'),
    '--targets',
    join(root, 'b'),
    '--out',
    join(root, 'set'),
  );
  assert.match(said, /1 held-out target looks like one of training/);
  for (let i = 0; i < 10; i++) {
    writePng(
      join(root, 'l', `${i}.png`),
      8,
      1,
      new Uint8Array(64).map((_, k) => (k % 3 === 0 ? i : 0)),
    );
    writePng(join(root, 'p', `${i}.png`), 8, 3, noise(192, i));
  }
  const maps = join(root, 'maps');
  await succeed(
    'prepare',
    '--labels',
    join(root, 'l'),
    '--targets',
    join(root, 'p'),
    '--out',
    maps,
    '--split',
    'pair',
    '--test',
    '0.5',
  );
  assert.equal(resolveRun({ dataroot: maps, name: 'n' }).config.labelNc, 10);
  const wider = resolveRun({ dataroot: maps, name: 'n', labelNc: 12 }).config;
  assert.deepEqual([wider.labelNc, wider.noInstance], [12, true], 'more classes are still this data set');
});
