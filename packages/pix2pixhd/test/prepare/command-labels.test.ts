/** `prepare` with label images of every kind: what they become, what is refused. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { check } from '../../src/api/check.js';
import { hasErrors } from '../../src/data/check/findings.js';
import { decodeInstanceMap, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readClasses } from '../../src/data/labels/classes.js';
import { resolveRun } from '../../src/run/resolve-run.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';

const side = 48;
const colours = [
  [200, 40, 30],
  [20, 160, 60],
  [30, 60, 210],
  [240, 220, 40],
] as const;

/** Classes in blocks of 12 pixels, class 0 by far the most frequent. */
function classes(salt: number): Uint8Array {
  const grain = noise(16, salt);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const block = Math.floor((i % side) / 12) + 4 * Math.floor(i / side / 12);
    const g = grain[block]! % 10;
    return g < 5 ? 0 : g < 8 ? 1 : g < 9 ? 2 : 3;
  });
}

function painted(ids: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: ids.length * 3 }, (_, i) => colours[ids[Math.floor(i / 3)]!]![i % 3]!);
}

async function writeComposites(folder: string, count: number): Promise<void> {
  mkdirSync(join(folder, 'train'), { recursive: true });
  for (let i = 0; i < count; i++) {
    const raw = { width: side, height: side, channels: 3 as const };
    const photo = await sharp(noise(side * side * 3, i), { raw })
      .blur(3)
      .raw()
      .toBuffer();
    await sharp({ create: { width: 2 * side, height: side, channels: 3, background: '#000' } })
      .composite([
        { input: photo, raw, left: 0, top: 0 },
        { input: Buffer.from(painted(classes(i))), raw, left: side, top: 0 },
      ])
      .png()
      .toFile(join(folder, 'train', `${i}.png`));
  }
}

test('composites of a photo and colour-coded labels, as facades are: ids, discovered classes, objects', async t => {
  const root = temporaryFolder(t);
  await writeComposites(join(root, 'raw'), 10);
  const out = join(root, 'set');
  const options = ['--panels', '2', '--direction', 'BtoA', '--palette', 'discover', '--instances-of', 'all'];
  const said = await succeed('prepare', join(root, 'raw'), ...options, '--out', out, '--test', '0');
  assert.match(said, /Discovered 4 colours/);
  // By frequency: 0 is the most frequent here too.
  const found = readClasses(out)!;
  const idOf = colours.map(([r, g, b]) =>
    found.findIndex(({ colour }) => colour === `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`),
  );
  assert.equal(idOf[0], 0);
  assert.deepEqual([...idOf].sort(), [0, 1, 2, 3]);
  for (let i = 0; i < 10; i++) {
    const label = await decodeLabelMap(join(out, 'train_label', `${i}.png`));
    assert.deepEqual(
      [...label.data],
      Array.from(classes(i), id => idOf[id]!),
    );
    const instance = await decodeInstanceMap(join(out, 'train_inst', `${i}.png`));
    for (const [at, id] of label.data.entries()) assert.equal(instance.data[at] === 0, id === 0);
  }
  assert.equal(hasErrors(await check({ dataroot: out })), false);
  const { config } = resolveRun({ dataroot: out, name: 'n' });
  assert.deepEqual([config.labelNc, config.noInstance], [4, false]);
});

test('a table of colours, masks, equal channels and indices', async t => {
  const root = temporaryFolder(t);
  const target = (i: number) => writePng(join(root, 'img', `${i}.png`), side, 3, noise(side * side * 3, i));
  writeFileSync(
    join(root, 'classes.csv'),
    [
      'name,id,color',
      ...colours.map(
        ([r, g, b], id) => `c${id},${3 - id},#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`,
      ),
    ].join('\n'),
  );
  for (let i = 0; i < 3; i++) {
    target(i);
    const ids = classes(i);
    writePng(join(root, 'colour', `${i}.png`), side, 3, painted(ids));
    writePng(
      join(root, 'mask', `${i}.png`),
      side,
      1,
      ids.map(id => (id > 0 ? 255 : 0)),
    );
    writePng(
      join(root, 'grey', `${i}.png`),
      side,
      3,
      Uint8Array.from({ length: 3 * ids.length }, (_, k) => ids[Math.floor(k / 3)]!),
    );
    writePng(join(root, 'ids', `${i}.png`), side, 1, ids);
  }
  const prepare = async (kind: string, ...options: string[]) => {
    const out = join(root, `set-${kind}`);
    const said = await succeed(
      'prepare',
      '--labels',
      join(root, kind),
      '--targets',
      join(root, 'img'),
      '--out',
      out,
      '--test',
      '0',
      ...options,
    );
    return { said, labels: [...(await decodeLabelMap(join(out, 'train_label', '1.png'))).data], out };
  };
  const ids = [...classes(1)];
  const coloured = await prepare('colour', '--palette', join(root, 'classes.csv'));
  assert.deepEqual(
    coloured.labels,
    ids.map(id => 3 - id),
  );
  assert.deepEqual(
    readClasses(coloured.out)!.map(({ name }) => name),
    ['c3', 'c2', 'c1', 'c0'],
  );
  const mask = await prepare('mask');
  assert.deepEqual(
    mask.labels,
    ids.map(id => Number(id > 0)),
  );
  assert.equal(resolveRun({ dataroot: mask.out, name: 'n' }).config.labelNc, 2);
  assert.deepEqual((await prepare('grey')).labels, ids);
  const plain = await prepare('ids');
  assert.deepEqual(plain.labels, ids);
  assert.match(plain.said, /6 files are second names/, 'plain ids are linked');
  const from = ['prepare', '--labels', join(root, 'colour'), '--targets', join(root, 'img'), '--out', join(root, 'o')];
  await refuse(from, 1, /found: +colours/, /--palette discover/);
  await refuse([...from, '--palette', 'rainbow'], 1, /rainbow/, /discover, cityscapes/);
  await refuse([...from, '--palette', join(root, 'none.csv')], 1, /none\.csv/);
  await refuse([...from, '--palette', 'discover', '--instances-of', 'cars'], 1, /--instances-of/, /ids of classes/);
});

test("COCO's panoptic images become label and instance maps", async t => {
  const root = temporaryFolder(t);
  const ids = Uint8Array.from({ length: side * side }, (_, i) => (i % side < 20 ? 1 : i % side < 30 ? 2 : 3));
  const segments = [257, 66000, 7];
  const rgb = Uint8Array.from(
    { length: 3 * ids.length },
    (_, k) => (segments[ids[Math.floor(k / 3)]! - 1]! >> (8 * (k % 3))) & 255,
  );
  writePng(join(root, 'pan', 'a.png'), side, 3, rgb);
  writePng(join(root, 'img', 'a.png'), side, 3, noise(side * side * 3));
  writeFileSync(
    join(root, 'pan.json'),
    JSON.stringify({
      categories: [
        { id: 5, name: 'sky', isthing: 0 },
        { id: 9, name: 'dog', isthing: 1 },
      ],
      annotations: [
        {
          file_name: 'a.png',
          segments_info: [
            { id: 257, category_id: 9, iscrowd: 0 },
            { id: 66000, category_id: 9, iscrowd: 0 },
            { id: 7, category_id: 5, iscrowd: 0 },
          ],
        },
      ],
    }),
  );
  const out = join(root, 'set');
  await succeed(
    'prepare',
    '--labels',
    join(root, 'pan'),
    '--targets',
    join(root, 'img'),
    '--panoptic',
    join(root, 'pan.json'),
    '--out',
    out,
    '--test',
    '0',
  );
  const label = await decodeLabelMap(join(out, 'train_label', 'a.png'));
  const instance = await decodeInstanceMap(join(out, 'train_inst', 'a.png'));
  assert.deepEqual(
    [...label.data],
    Array.from(ids, id => (id === 3 ? 0 : 1)),
  );
  assert.deepEqual([...instance.data], [...ids]);
  assert.deepEqual(
    readClasses(out)!.map(({ name, countable }) => `${name} ${countable}`),
    ['sky false', 'dog true'],
  );
  assert.ok(readFileSync(join(out, 'report.html'), 'utf8').includes('label map'));
});
