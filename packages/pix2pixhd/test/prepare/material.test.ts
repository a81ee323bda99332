/** Which files belong together: rules for names, times, published layouts, composites by their content. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../src/errors.js';
import { findMaterial, type MaterialOptions } from '../../src/prepare/material.js';
import { recogniseComposites } from '../../src/prepare/sources/composites.js';
import { namedFiles } from '../../src/prepare/sources/layouts.js';
import { timeOf } from '../../src/prepare/sources/times.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';

const none: MaterialOptions = {
  ...{ from: null, kind: 'auto', inputs: null, targets: null, labels: null, instances: null },
  ...{ pairInputs: null, pairTargets: null, pairTimes: null, panels: null, stacked: false, direction: 'AtoB' },
  ...{ group: null, annotations: null, annotationFormat: 'auto', background: 'class', overlaps: 'given' },
};

function touch(root: string, names: readonly string[]): string {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
  return root;
}

const found = async (root: string, options: Partial<MaterialOptions>) => {
  const { material } = await findMaterial({ ...none, ...options });
  const short = (file: string) => file.slice(root.length + 1);
  return {
    pairs: material.pairs.map(({ stem, phase, group, parts }) => [
      stem,
      phase,
      group,
      ...Object.values(parts).map(({ file }) => short(file)),
    ]),
    leftOut: material.leftOut.map(({ file, why }) => `${short(file)} ${why}`),
  };
};

test('two folders pair by equal names, or by what rules say their names have in common', async t => {
  const root = touch(temporaryFolder(t), ['ir/ir_017.png', 'ir/ir_018.png', 'vis/vis_018.jpg', 'vis/vis_019.jpg']);
  const folders = { inputs: join(root, 'ir'), targets: join(root, 'vis') };
  await assert.rejects(findMaterial({ ...none, ...folders }), /no pairs: .*--pair-inputs/s);
  const rules = { ...folders, pairInputs: 'ir_(\\d+)', pairTargets: 'vis_(\\d+)' };
  const { pairs, leftOut } = await found(root, rules);
  assert.deepEqual(pairs, [['018', undefined, undefined, 'ir/ir_018.png', 'vis/vis_018.jpg']]);
  assert.deepEqual(leftOut.sort(), ['ir/ir_017.png has no target image', 'vis/vis_019.jpg has no input image']);
  assert.deepEqual(
    (await found(root, { ...rules, direction: 'BtoA' })).pairs.map(pair => pair.slice(3)),
    [['vis/vis_018.jpg', 'ir/ir_018.png']],
  );
  await assert.rejects(found(root, { ...rules, pairInputs: 'ir_\\d+' }), /--pair-inputs.*which has no group/s);
  await assert.rejects(found(root, { ...rules, pairInputs: 'ir_(' }), /--pair-inputs/);
  await assert.rejects(found(root, { inputs: folders.inputs }), /two: --inputs and --targets/);
  await assert.rejects(found(root, { ...folders, targets: join(root, 'nowhere') }), /no such folder/);
});

test('time stamps of every usual kind are read', () => {
  const second = Date.UTC(2024, 0, 31, 23, 59, 58) / 1000;
  for (const [name, time] of [
    ['cam_20240131_235958.png', second],
    ['cam_20240131T235958.250.png', second + 0.25],
    ['2024-01-31 23-59-58_125000.tif', second + 0.125],
    [`${second}.png`, second],
    [`f${second}500.png`, second + 0.5],
    [`${second}250000.png`, second + 0.25],
    [`${second}.75.png`, second + 0.75],
    [`20240131_120000/${second}500.png`, second + 0.5],
    ['20240131_235958/frame_12.png', second],
    ['frame_000123.png', undefined],
  ] as const) {
    const read = timeOf(name);
    assert.ok(read === time || Math.abs(read! - time!) < 1e-6, `${name}: ${read}, not ${time}`);
  }
});

test('frames pair with the nearest in time, each once, within the tolerance', async t => {
  const at = (ms: number) => `${1700000000000 + ms}.png`;
  const root = touch(temporaryFolder(t), [
    ...[0, 100, 200, 330, 900].map(ms => `a/${at(ms)}`),
    ...[10, 95, 105, 320, 500].map(ms => `b/${at(ms)}`),
  ]);
  const cameras = { inputs: join(root, 'a'), targets: join(root, 'b'), pairTimes: 0.05 };
  const { pairs, leftOut } = await found(root, cameras);
  assert.deepEqual(
    pairs.map(pair => pair.slice(3)),
    [
      [`a/${at(0)}`, `b/${at(10)}`],
      [`a/${at(100)}`, `b/${at(95)}`],
      [`a/${at(330)}`, `b/${at(320)}`],
    ],
  );
  assert.equal(leftOut.length, 4);
  touch(root, ['a/frame7.png']);
  await assert.rejects(found(root, cameras), /frame7.*without a time stamp/s);
});

test('published layouts are recognised, with their splits and groups', async t => {
  const root = temporaryFolder(t);
  const city = touch(join(root, 'city'), [
    'gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png',
    'gtFine/train/aachen/aachen_000000_000019_gtFine_instanceIds.png',
    'gtFine/train/aachen/aachen_000000_000019_gtFine_color.png',
    'leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png',
    'gtFine/val/lindau/lindau_000000_000019_gtFine_labelIds.png',
    'gtFine/val/lindau/lindau_000000_000019_gtFine_instanceIds.png',
    'leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png',
    'leftImg8bit/val/lindau/lindau_000001_000019_leftImg8bit.png',
  ]);
  const cityscapes = await found(city, { from: city });
  assert.deepEqual(
    cityscapes.pairs.map(pair => pair.slice(0, 3)),
    [
      ['aachen/aachen_000000_000019', 'train', 'aachen'],
      ['lindau/lindau_000000_000019', 'test', 'lindau'],
    ],
  );
  assert.equal(cityscapes.leftOut.length, 1);
  const kaist = touch(join(root, 'kaist'), [
    ...['lwir', 'visible'].flatMap(kind => [
      `images/set00/V000/${kind}/I00001.jpg`,
      `images/set06/V002/${kind}/I00001.jpg`,
    ]),
  ]);
  assert.deepEqual((await found(kaist, { from: kaist })).pairs, [
    ['set00/V000/I00001', undefined, 'set00/V000', ...both('images/set00/V000/', 'I00001.jpg')],
    ['set06/V002/I00001', undefined, 'set06/V002', ...both('images/set06/V002/', 'I00001.jpg')],
  ]);
  const llvip = touch(join(root, 'llvip'), [
    'infrared/train/1.jpg',
    'visible/train/1.jpg',
    'infrared/test/2.jpg',
    'visible/test/2.jpg',
  ]);
  assert.deepEqual(
    (await found(llvip, { from: llvip })).pairs.map(pair => pair.slice(0, 2)),
    [
      ['1', 'train'],
      ['2', 'test'],
    ],
  );
  const flir = touch(join(root, 'flir'), [
    ...['thermal_8_bit/FLIR_00001.jpeg', 'thermal_16_bit/FLIR_00001.tiff', 'RGB/FLIR_00001.jpg'].map(f => `train/${f}`),
    ...['thermal_8_bit/FLIR_08863.jpeg', 'thermal_16_bit/FLIR_08863.tiff', 'RGB/FLIR_08863.jpg'].map(f => `val/${f}`),
  ]);
  assert.deepEqual((await found(flir, { from: flir })).pairs, [
    ['FLIR_00001', 'train', undefined, 'train/thermal_16_bit/FLIR_00001.tiff', 'train/RGB/FLIR_00001.jpg'],
    ['FLIR_08863', 'test', undefined, 'val/thermal_16_bit/FLIR_08863.tiff', 'val/RGB/FLIR_08863.jpg'],
  ]);
});

const both = (folder: string, file: string) => ['lwir', 'visible'].map(kind => `${folder}${kind}/${file}`);

test('groups come from names where a rule says so', async t => {
  const root = touch(temporaryFolder(t), ['a/ulm_1.png', 'a/bonn_2.png', 'b/ulm_1.png', 'b/bonn_2.png']);
  const folders = { inputs: join(root, 'a'), targets: join(root, 'b') };
  const { pairs } = await found(root, { ...folders, group: '^([a-z]+)_' });
  assert.deepEqual(
    pairs.map(([, , group]) => group),
    ['bonn', 'ulm'],
  );
  await assert.rejects(found(root, { ...folders, group: '^(\\d+)_' }), /does not match bonn_2/);
});

/** A scene of discs, as flat colours or as outlines on another ground: what a composite has side by side. */
function scene(width: number, height: number, salt: number, outlines: boolean): Uint8Array {
  const grain = noise(30, salt);
  const data = new Uint8Array(width * height * 3).fill(outlines ? 250 : 255);
  for (let k = 0; k < 6; k++) {
    const [cx, cy, r] = [grain[k]! % width, grain[k + 6]! % height, 6 + (grain[k + 12]! % 16)];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const far = Math.hypot(x - cx, y - cy);
        if (outlines ? Math.abs(far - r) > 1.5 : far > r) continue;
        for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = outlines ? 20 : grain[k + 18]! ^ (c * 80);
      }
  }
  return data;
}

async function writeComposite(path: string, salt: number, panels: number, stacked: boolean): Promise<void> {
  const [w, h] = [64, 64];
  const inputs = Array.from({ length: panels }, (_, k) => ({
    input: Buffer.from(scene(w, h, salt, k % 2 === 1)),
    raw: { width: w, height: h, channels: 3 as const },
    ...(stacked ? { left: 0, top: k * h } : { left: k * w, top: 0 }),
  }));
  const size = stacked ? { width: w, height: panels * h } : { width: panels * w, height: h };
  mkdirSync(dirname(path), { recursive: true });
  await sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(inputs)
    .png()
    .toFile(path);
}

test('composites are recognised by their content, and panoramas are not', async t => {
  const root = temporaryFolder(t);
  for (const [panels, stacked] of [
    [2, false],
    [2, true],
    [3, false],
  ] as const) {
    const folder = join(root, `${panels} ${stacked}`);
    for (let i = 0; i < 6; i++) await writeComposite(join(folder, 'train', `${i}.png`), i, panels, stacked);
    assert.deepEqual(await recogniseComposites(namedFiles(folder)), { of: panels, stacked });
  }
  const wide = join(root, 'wide');
  for (let i = 0; i < 6; i++) writePng(join(wide, `${i}.png`), 128, 3, scene(128, 64, i, false));
  assert.equal(await recogniseComposites(namedFiles(wide)), undefined);
  await assert.rejects(
    findMaterial({ ...none, from: wide }),
    (error: unknown) => error instanceof UserError && /--inputs FOLDER --targets FOLDER/.test(error.parts.remedy ?? ''),
  );
  const { pairs } = await found(wide, { from: wide, panels: 2 });
  assert.equal(pairs.length, 6, 'told so, it is done');
});
