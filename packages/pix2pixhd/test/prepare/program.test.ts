/** `prepare()` for programs: the same data set as the command's, events, an abort; and what a killed process leaves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../src/api/check.js';
import { prepare } from '../../src/api/prepare.js';
import { layoutFor } from '../../src/config/inputs.js';
import { hasErrors } from '../../src/data/check/findings.js';
import { decodeLabelMap } from '../../src/data/decode/decode.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { loadImages } from '../../src/data/load/sample.js';
import type { PreparedDataset, PrepareEvent } from '../../src/prepare/prepare-dataset.js';
import { resolveRun } from '../../src/run/resolve-run.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

test('what a killed process leaves is cleared away, and nothing else', async t => {
  const root = temporaryFolder(t);
  const out = join(root, 'set');
  for (const side of ['a', 'b'])
    for (let i = 0; i < 3; i++) writePng(join(root, side, `${i}.png`), 16, 1, noise(256, i));
  const command = ['prepare', '--inputs', join(root, 'a'), '--targets', join(root, 'b'), '--out', out, '--test', '0'];
  // Killed at its first file, and in the middle of a pair. No process has the number of this one any more.
  const gone = spawnSync('true').pid;
  const left = [`.dataset.json.${gone}.0123456789ab.tmp`, `train_A/.1.png.${process.pid}.0123456789ab.tmp`];
  mkdirSync(join(out, 'train_A'), { recursive: true });
  writeFileSync(join(out, left[0]!), '{');
  await refuse(command, 1, /a folder with train_A in it/);
  rmSync(join(out, 'train_A'), { recursive: true });
  const stop = new AbortController();
  const options = { inputs: join(root, 'a'), targets: join(root, 'b'), out, test: 0 };
  const first = await prepare(options, { signal: AbortSignal.abort() });
  assert.equal(first.reason, 'interrupted');
  assert.ok(existsSync(join(out, left[0]!)), 'it has not begun');
  const second = await prepare(options, {
    signal: stop.signal,
    onEvent: event => event.type === 'pair' && stop.abort(),
  });
  assert.deepEqual(second, { reason: 'interrupted', out, done: 0, total: 3 });
  mkdirSync(join(out, 'train_A'));
  for (const file of left) writeFileSync(join(out, file), 'half');
  const others = [`.1.png.1.0123456789ab.tmp`, '.notes.tmp', 'mine.txt'];
  for (const file of others) writeFileSync(join(out, file), 'whole');
  await succeed(...command);
  assert.deepEqual(
    left.filter(file => existsSync(join(out, file))),
    [],
  );
  assert.deepEqual(
    others.filter(file => !existsSync(join(out, file))),
    [],
    'of a process that runs, and of others',
  );
  assert.deepEqual(readdirSync(join(out, 'train_A')), ['0.png', '1.png', '2.png']);
});

test('a program prepares as the command does, is told, and returns what dataset.json says', async t => {
  const root = temporaryFolder(t);
  const out = join(root, 'set');
  for (let i = 0; i < 6; i++) writePng(join(root, 'a', `${i}.png`), 16, 1, noise(256, i));
  for (let i = 0; i < 5; i++) writePng(join(root, 'b', `${i}.png`), 16, 3, noise(768, i));
  const events: PrepareEvent[] = [];
  const options = { inputs: join(root, 'a'), targets: join(root, 'b'), out, split: 'pair', test: 0.4 } as const;
  const result = await prepare(options, { onEvent: event => void events.push(event) });
  assert.equal(result.reason, 'finished');
  const { reason: _, out: folder, decisions, split, linked, before, report, ...said } = result as PreparedDataset;
  const { format: _f, version: _v, digest: _d, finished: _w, ...stored } = read(join(out, 'dataset.json'));
  assert.deepEqual({ ...said, ...decisions }, stored);
  assert.deepEqual([folder, split, linked, before], [out, 'pair', 10, 0]);
  assert.deepEqual(said.pairs, { test: 2, train: 3 });
  assert.ok(existsSync(report));
  assert.deepEqual(
    events.flatMap(event => (event.type === 'pair' ? [event.done] : [])),
    [0, 1, 2, 3, 4, 5],
  );
  const material = events.find(({ type }) => type === 'material');
  assert.deepEqual(material?.type === 'material' && [material.pairs, material.leftOut.length], [5, 1]);
  // The same by the command: the same files and decisions.
  const { length } = await succeed(
    ...['prepare', '--inputs', options.inputs, '--targets', options.targets],
    ...['--out', `${out}2`, '--split', 'pair', '--test', '0.4'],
  );
  assert.ok(length > 0);
  assert.equal(readFileSync(join(out, 'dataset.json'), 'utf8'), readFileSync(join(`${out}2`, 'dataset.json'), 'utf8'));
  await assert.rejects(prepare({ ...options, kind: 'films' } as never), /kind/);
  await assert.rejects(prepare({ inputs: 'a' } as never), /out/);
  await assert.rejects(prepare({ ...options, out: `${out}3` }, { onEvent: () => assert.fail('stop') }), /stop/);
});

test('more than 255 classes: pixels without one are told from the class 255, from annotations to training', async t => {
  const root = temporaryFolder(t);
  const count = 300;
  writePng(join(root, 'images', '0.png'), 20, 3, noise(20 * 20 * 3));
  const square = (x: number) => [[x, 2, x + 5, 2, x + 5, 7, x, 7]];
  const shape = (id: number, category: number, x: number) => {
    return { id, image_id: 1, category_id: category, iscrowd: Number(id === 1), segmentation: square(x) };
  };
  const annotations = join(root, 'coco.json');
  writeFileSync(
    annotations,
    JSON.stringify({
      images: [{ id: 1, file_name: '0.png', width: 20, height: 20 }],
      categories: Array.from({ length: count }, (_, i) => ({ id: i + 1, name: `class ${i + 1}` })),
      annotations: [shape(1, 5, 0), shape(2, count, 10)],
    }),
  );
  const out = join(root, 'set');
  const result = await prepare({ from: join(root, 'images'), annotations, out, test: 0 });
  assert.equal(result.reason === 'finished' && result.options.labelNc, 302);
  const { data } = await decodeLabelMap(join(out, 'train_label', '0.png'));
  assert.deepEqual(
    [...new Set(data)],
    [0, 65535, 301].sort((a, b) => data.indexOf(a) - data.indexOf(b)),
  );
  const { config } = resolveRun({ dataroot: out, name: 'n' });
  const [sample] = findSamples(out, 'train', layoutFor(config));
  const { label } = await loadImages(sample!, trainingSpec(config));
  assert.ok(label!.data.includes(65535));
  assert.equal(hasErrors(await check({ dataroot: out })), false);
  // Maps of few classes that use the value of many are not taken for maps of 65536 classes.
  writePng(join(root, 'labels', '0.png'), 20, 1, new Uint16Array(400).fill(65535, 7).fill(3, 0, 5));
  await assert.rejects(
    prepare({ labels: join(root, 'labels'), targets: join(root, 'images'), out: `${out}2`, test: 0 }),
    /65535, and classes up to 3/,
  );
});
