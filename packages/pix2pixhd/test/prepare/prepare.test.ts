/** The command: what it writes, goes on with, refuses, and what training takes from it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../src/api/check.js';
import { hasErrors } from '../../src/data/check/findings.js';
import { decodeStored } from '../../src/data/decode/decode.js';
import { readClasses } from '../../src/data/labels/classes.js';
import { writePairs } from '../../src/prepare/prepare.js';
import { resolveRun } from '../../src/run/resolve-run.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

test('two cameras of 16 and 8 bits: links, a range, and options that training takes', async t => {
  const root = temporaryFolder(t);
  const [a, b, out] = [join(root, 'ir'), join(root, 'vis'), join(root, 'set')];
  for (let i = 0; i < 30; i++) {
    writePng(
      join(a, `ir_${i}.png`),
      16,
      1,
      Uint16Array.from(noise(256, i), value => 27000 + 10 * value),
    );
    writePng(join(b, `vis_${i}.png`), 16, 3, noise(768, i));
  }
  const command = [
    'prepare',
    '--inputs',
    a,
    '--targets',
    b,
    '--pair-inputs',
    'ir_(\\d+)',
    '--pair-targets',
    'vis_(\\d+)',
    '--out',
    out,
  ];
  const said = await succeed(...command);
  assert.match(said, /27 train and 3 test pairs/);
  const { options, split, finished } = read(join(out, 'dataset.json'));
  assert.equal(finished, true);
  assert.deepEqual(split, { unit: 'block', share: 0.1, seed: 0, block: 50 });
  const { inputRange, ...others } = options;
  assert.deepEqual(others, { labelNc: 0, noInstance: true, inputNc: 1, outputNc: 3, outputRange: 'full' });
  const [low, high] = inputRange.split(',').map(Number);
  assert.ok(low >= 27000 && low < 27020 && high > 29530 && high <= 29550, inputRange);
  assert.equal(statSync(join(a, 'ir_0.png')).ino, statSync(join(out, 'train_A', '0.png')).ino, 'a second name');
  assert.equal(hasErrors(await check({ dataroot: out })), false);
  const { config } = resolveRun({ dataroot: out, name: 'n' });
  assert.deepEqual([config.labelNc, config.inputNc, config.inputRange], [0, 1, inputRange]);
  assert.equal(
    resolveRun({ dataroot: out, name: 'n', inputRange: '1,2' }).config.inputRange,
    '1,2',
    'what is given counts',
  );
  assert.match(readFileSync(join(out, 'report.html'), 'utf8'), /train\/0/);
  // Done already: nothing is made again. In another way: refused.
  assert.match(await succeed(...command), /27 train and 3 test/);
  await refuse([...command, '--test', '0.3'], 1, /prepared in another way/, /another --out/);
  await refuse([...command.slice(0, -1), join(a, 'set')], 1, /within the material/);
});

test('composites are cut without loss, and an interrupted preparation goes on', async t => {
  const root = temporaryFolder(t);
  const out = join(root, 'set');
  for (let i = 0; i < 6; i++) writePng(join(root, 'raw', 'train', `${i}.png`), 32, 3, noise(32 * 16 * 3, i));
  const panel = (index: number) => ({ index, of: 2, stacked: false });
  const pairs = Array.from({ length: 6 }, (_, i) => {
    const file = join(root, 'raw', 'train', `${i}.png`);
    return {
      stem: `${i}`,
      phase: 'train',
      parts: { source: { file, panel: panel(0) }, image: { file, panel: panel(1) } },
    };
  });
  const plan = { out, pairs, steps: [], decisions: { test: 1 }, copy: false };
  const stop = new AbortController();
  const first = await writePairs(plan, { signal: stop.signal, onPair: done => done === 2 && stop.abort() });
  assert.ok(first.interrupted && first.pairs.length < 6);
  await refuse(['train', '--dataroot', out, '--name', 'n', '--label-nc', '0'], 1, /preparation was interrupted/);
  // As a process that was killed leaves it: half a line.
  appendFileSync(join(out, 'dataset.progress.jsonl'), '{"stem": "5", "pha');
  const second = await writePairs(plan);
  assert.equal(second.before, first.pairs.length);
  assert.deepEqual(
    second.pairs.map(({ stem }) => stem),
    ['0', '1', '2', '3', '4', '5'],
  );
  for (let i = 0; i < 6; i++) {
    const whole = await decodeStored(join(root, 'raw', 'train', `${i}.png`));
    for (const [side, folder] of ['train_A', 'train_B'].entries()) {
      const half = await decodeStored(join(out, folder, `${i}.png`));
      assert.deepEqual([half.width, half.height, half.channels], [16, 16, 3]);
      for (let y = 0; y < 16; y++)
        assert.deepEqual(
          half.data.slice(y * 48, y * 48 + 48),
          whole.data.slice(y * 96 + side * 48, y * 96 + side * 48 + 48),
        );
    }
  }
  await assert.rejects(writePairs({ ...plan, decisions: { test: 2 } }), /prepared in another way/);
});

test('annotations become maps with names of classes', async t => {
  const root = temporaryFolder(t);
  const images = join(root, 'images');
  for (let i = 0; i < 4; i++) writePng(join(images, `${i}.png`), 40, 3, noise(40 * 30 * 3, i));
  const square = (x: number, y: number, side: number) => [[x, y, x + side, y, x + side, y + side, x, y + side]];
  writeFileSync(
    join(root, 'coco.json'),
    JSON.stringify({
      images: Array.from({ length: 4 }, (_, i) => ({ id: i + 1, file_name: `${i}.png`, width: 40, height: 30 })),
      categories: [
        { id: 9, name: 'cup' },
        { id: 4, name: 'lid' },
      ],
      annotations: Array.from({ length: 4 }, (_, i) => [
        { id: 2 * i + 1, image_id: i + 1, category_id: 9, iscrowd: 0, segmentation: square(4, 5, 10) },
        { id: 2 * i + 2, image_id: i + 1, category_id: 4, iscrowd: 0, segmentation: square(20, 8, 6) },
      ]).flat(),
    }),
  );
  const out = join(root, 'set');
  await succeed('prepare', images, '--annotations', join(root, 'coco.json'), '--out', out, '--test', '0');
  assert.deepEqual(
    readClasses(out)!.map(({ name }) => name),
    ['background', 'lid', 'cup'],
  );
  const { config } = resolveRun({ dataroot: out, name: 'n' });
  assert.deepEqual([config.labelNc, config.noInstance], [3, false]);
  const label = await decodeStored(join(out, 'train_label', '0.png'));
  const count = (id: number) => Array.from(label.data).filter(value => value === id).length;
  assert.deepEqual([count(2), count(1)], [100, 36]);
  assert.equal(hasErrors(await check({ dataroot: out })), false);
  writePng(join(images, '2.png'), 41, 3, noise(41 * 30 * 3));
  await refuse(
    ['prepare', images, '--annotations', join(root, 'coco.json'), '--out', `${out}2`],
    1,
    /2\.png/,
    /41×30 pixels, annotated as one of 40×30/,
  );
});

test('a folder that is nothing known, an empty one, a strange one: one clear error each', async t => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'empty'));
  await refuse(['prepare', '--out', join(root, 'o')], 2, /no material/);
  await refuse(['prepare', join(root, 'nowhere'), '--out', join(root, 'o')], 1, /no such folder/);
  await refuse(['prepare', join(root, 'empty'), '--out', join(root, 'o')], 1, /found: +no images/);
  writePng(join(root, 'a', '0.png'), 8, 3, noise(192));
  writePng(join(root, 'b', '0.png'), 8, 3, noise(192));
  writeFileSync(join(root, 'empty', 'note.txt'), 'mine');
  const pair = ['--inputs', join(root, 'a'), '--targets', join(root, 'b')];
  await refuse(['prepare', ...pair, '--out', join(root, 'empty')], 1, /a folder with note\.txt in it/);
  await refuse(
    ['prepare', ...pair, '--out', join(root, 'o'), '--split', 'group'],
    1,
    /material without groups/,
    /--group/,
  );
  mkdirSync(join(root, 'exr'));
  writeFileSync(join(root, 'exr', '0.exr'), 'v/1\x01');
  const exr = ['--inputs', join(root, 'exr'), '--targets', join(root, 'b'), '--out', join(root, 'o')];
  await refuse(
    ['prepare', ...exr],
    1,
    /0\.exr/,
    /OpenEXR, a format that is not read/,
    /as \.npy or floating-point TIFF/,
  );
  writeFileSync(join(root, 'a', '0.png'), 'damaged');
  const { code, stderr } = await pix2pixhd('prepare', ...pair, '--out', join(root, 'o'));
  assert.equal(code, 1);
  assert.match(stderr, /0\.png/);
  assert.equal(existsSync(join(root, 'o', 'dataset.json')), true);
  assert.ok(readdirSync(join(root, 'o')).length > 0);
});

test('two videos become pairs frame by frame, in the depth that they have', async t => {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return t.skip('needs ffmpeg');
  const root = temporaryFolder(t);
  const frames = 12;
  // Lossless: grey of 16 bits, and colours.
  const film = (name: string, format: string, bytes: Buffer) => {
    const raw = ['-f', 'rawvideo', '-pix_fmt', format, '-video_size', '32x24', '-framerate', '10', '-i', 'pipe:0'];
    const { status, stderr } = spawnSync('ffmpeg', ['-loglevel', 'error', ...raw, '-c:v', 'ffv1', join(root, name)], {
      input: bytes,
    });
    assert.equal(status, 0, String(stderr));
  };
  const counts = Uint16Array.from({ length: frames * 32 * 24 }, (_, i) => 27000 + ((i * 7919) % 4000));
  const colours = noise(frames * 32 * 24 * 3);
  film('ir.mkv', 'gray16le', Buffer.from(counts.buffer));
  film(
    'vis.mkv',
    'bgr0',
    Buffer.from(
      Uint8Array.from({ length: frames * 32 * 24 * 4 }, (_, i) =>
        i % 4 === 3 ? 0 : colours[Math.floor(i / 4) * 3 + 2 - (i % 4)]!,
      ),
    ),
  );
  const out = join(root, 'set');
  const said = await succeed(
    'prepare',
    '--inputs',
    join(root, 'ir.mkv'),
    '--targets',
    join(root, 'vis.mkv'),
    '--every',
    '3',
    '--out',
    out,
    '--test',
    '0',
  );
  assert.match(said, /4 pairs/);
  assert.deepEqual(readdirSync(join(out, 'train_A')), ['000001.png', '000004.png', '000007.png', '000010.png']);
  const thermal = await decodeStored(join(out, 'train_A', '000004.png'));
  assert.deepEqual(thermal.data, counts.slice(3 * 768, 4 * 768));
  const colour = await decodeStored(join(out, 'train_B', '000004.png'));
  assert.deepEqual(colour.data, colours.slice(3 * 2304, 4 * 2304));
  assert.equal(existsSync(`${out}.frames`), false);
  writeFileSync(join(root, 'bad.mp4'), noise(4000));
  await refuse(
    ['prepare', '--inputs', join(root, 'bad.mp4'), '--targets', join(root, 'vis.mkv'), '--out', `${out}2`],
    1,
    /bad\.mp4/,
  );
});

test('names: links, dots, equal names of two phases, numbers without zeros', async t => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'links'));
  for (let i = 0; i < 24; i++) {
    writePng(join(root, 'a', `ir.${i}.png`), 8, 1, noise(64, i));
    writePng(join(root, 'b', `${i}.png`), 8, 3, noise(192, i));
    symlinkSync(join('..', 'a', `ir.${i}.png`), join(root, 'links', `ir.${i}.png`));
  }
  const out = join(root, 'set');
  const rules = ['--pair-inputs', 'ir(\\.\\d+)\\.png', '--pair-targets', '(\\d+)\\.png'];
  const dotted = await pix2pixhd(
    'prepare',
    '--inputs',
    join(root, 'links'),
    '--targets',
    join(root, 'b'),
    '--out',
    out,
    ...rules,
  );
  assert.equal(dotted.code, 1, 'the keys .1 and 1 differ');
  const plain = ['--pair-inputs', 'ir\\.(\\d+)', '--pair-targets', '(\\d+)\\.png', '--block', '2', '--test', '0.2'];
  await succeed('prepare', '--inputs', join(root, 'links'), '--targets', join(root, 'b'), '--out', out, ...plain);
  assert.equal(readdirSync(join(out, 'train_A')).length + readdirSync(join(out, 'test_A')).length, 24);
  assert.ok(lstatSync(join(out, 'train_A', readdirSync(join(out, 'train_A'))[0]!)).isFile(), 'no link, but the file');
  const held = readdirSync(join(out, 'test_A')).map(name => Number.parseInt(name, 10));
  for (const number of held)
    assert.ok(held.includes(number % 2 === 0 ? number + 1 : number - 1), `${held}: whole blocks`);
  for (const phase of ['train', 'test']) {
    const raw = noise(32 * 16 * 3, phase.length);
    for (const i of [1, 2, 3]) writePng(join(root, 'facades', phase, `${i}.png`), 32, 3, raw);
  }
  const merged = join(root, 'merged');
  await succeed('prepare', join(root, 'facades'), '--panels', '2', '--split', 'pair', '--out', merged);
  const files = ['train_A', 'test_A'].flatMap(folder => readdirSync(join(merged, folder)));
  assert.equal(files.length, 6, 'no pair took the place of another');
});

test('the material and folders of others are left alone', async t => {
  const root = temporaryFolder(t);
  for (const side of ['ir', 'vis']) writePng(join(root, 'rig.frames', side, '0.png'), 8, 3, noise(192));
  const from = ['prepare', '--inputs', join(root, 'rig.frames', 'ir'), '--targets', join(root, 'rig.frames', 'vis')];
  await succeed(...from, '--out', join(root, 'rig'));
  assert.ok(existsSync(join(root, 'rig.frames', 'ir', '0.png')));
  await refuse(
    [
      'prepare',
      '--inputs',
      join(root, 'rig.frames', 'ir'),
      '--targets',
      join(root, 'rig.frames', 'vis'),
      '--out',
      join(root, 'rig.frames', 'ir', 'below'),
    ],
    1,
    /within the material/,
  );
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return t.diagnostic('no ffmpeg to try videos with');
  const film = (name: string, salt: number) =>
    spawnSync(
      'ffmpeg',
      [
        '-loglevel',
        'error',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        '-video_size',
        '16x16',
        '-framerate',
        '10',
        '-i',
        'pipe:0',
        '-c:v',
        'ffv1',
        join(root, name),
      ],
      { input: noise(256 * 9, salt) },
    );
  for (const [name, salt] of [
    ['a.mkv', 1],
    ['b.mkv', 2],
    ['c.mkv', 3],
  ] as const)
    film(name, salt);
  const videos = (a: string, b: string) => [
    'prepare',
    '--inputs',
    join(root, a),
    '--targets',
    join(root, b),
    '--out',
    `${join(root, 'clips')}/`,
    '--test',
    '0',
  ];
  mkdirSync(join(root, 'clips.frames'));
  await refuse(videos('a.mkv', 'b.mkv'), 1, /clips\.frames/, /there already/);
  rmSync(join(root, 'clips.frames'), { recursive: true });
  await succeed(...videos('a.mkv', 'b.mkv'));
  assert.equal(existsSync(join(root, 'clips.frames')), false);
  // Another video is another data set, also where its frames have the same names.
  await refuse(videos('c.mkv', 'b.mkv'), 1, /prepared in another way/);
});
