/**
 * Object styles from training to image: `encode` after a short training with an encoder, what it stores and shows, and how
 * `generate --style` uses it.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readNpy, readSafetensors, type TensorData, viewAs } from '@pix2pixhd/torch';
import { chooseStyle, findInstances, sameForAll } from '@pix2pixhd/web/scene';
import sharp from 'sharp';
import { loadGenerator } from '../../src/api/load-generator.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { decodeInstanceMap, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readStyles } from '../../src/styles/files/style-book-file.js';
import { noise, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { labelNc, tiny, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
const checkpointsDir = join(root, 'checkpoints');
const features = join(root, 'features');
const [width, height] = [32, 24];
const pixels = width * height;
const place = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];
const compute = ['--precision', 'fp32', '--threads', '1'];
const storeOf = (name: string) => new CheckpointStore(join(checkpointsDir, name, 'checkpoints'));

function train(name: string, ...options: string[]): Promise<string> {
  const data = ['--dataroot', dataroot, '--label-nc', String(labelNc)];
  const steps = ['--max-steps', '4', '--save-latest-freq', '4', '--display-freq', '0'];
  return succeed(
    'train',
    ...place(name),
    ...data,
    ...tiny,
    ...steps,
    '--nef',
    '4',
    '--n-downsample-E',
    '2',
    ...options,
  );
}

let folders = 0;
/** Runs generate on the held-out scenes. @returns the output folder. */
async function generate(name: string, ...options: string[]): Promise<string> {
  const out = join(root, `out-${folders++}`);
  await succeed('generate', ...place(name), '--dataroot', dataroot, '--out', out, ...compute, ...options);
  return out;
}

/** A generate command line that must be refused. */
const generating = (name: string) => [
  'generate',
  ...place(name),
  '--dataroot',
  dataroot,
  '--out',
  join(root, 'refused'),
];

const pixelsOf = (folder: string, file: string) => sharp(join(folder, file)).raw().toBuffer();

let atFirst: { tensors: Map<string, TensorData>; metadata: Record<string, string> };
let printed: string;

before(async () => {
  writeLabelPairs(dataroot, 'train', 6, width, height);
  writeLabelPairs(dataroot, 'test', 2, width, height);
  // Images in which no two objects look alike.
  for (let i = 0; i < 6; i++) writePng(join(dataroot, 'train_img', `${i}.png`), width, 3, noise(pixels * 3, i + 50));
  await train('styled', '--instance-feat');
  atFirst = readSafetensors(storeOf('styled').find('latest'));
  await refuse(
    generating('styled'),
    1,
    /no styles in its checkpoint/,
    /pix2pixhd encode --name styled/,
    /--style image:PATH/,
  );
  const options = ['--n-clusters', '4', '--write-features', features, ...compute];
  printed = await succeed('encode', ...place('styled'), ...options);
});

test('encode stores clusters per class, and leaves the rest of the checkpoint unchanged, under all its names', () => {
  const store = storeOf('styled');
  const path = store.find('latest');
  const { tensors, metadata } = readSafetensors(path);
  assert.deepEqual(metadata, atFirst.metadata);
  for (const [name, tensor] of atFirst.tensors) assert.deepEqual(tensors.get(name), tensor, name);
  const added = [...tensors.keys()].filter(name => !atFirst.tensors.has(name));
  assert.ok(added.length > 0 && added.every(name => name.startsWith('styles.')));
  assert.equal(statSync(store.best).ino, statSync(path).ino);

  const book = readStyles(path)!;
  assert.deepEqual([...book.classes.keys()], [0, 1, 2, 3, 4]);
  for (const { clusters } of book.classes.values()) {
    assert.ok(clusters.length >= 1 && clusters.length <= 4);
    for (const { crop } of clusters) assert.ok(crop !== undefined && Math.max(crop.width, crop.height) <= 64);
  }
  assert.match(printed, /class +instances +clusters +spread\n +0 +\d+ +\d+ +\d\.\d{3}\n/);
});

test('every instance is in a cluster, and the class means are those of the written style features', async () => {
  const book = readStyles(storeOf('styled').find('latest'))!;
  const sums = new Map<number, { count: number; feature: number[] }>();
  for (let i = 0; i < 6; i++) {
    const label = await decodeLabelMap(join(dataroot, 'train_label', `${i}.png`));
    const instance = await decodeInstanceMap(join(dataroot, 'train_inst', `${i}.png`));
    const map = readNpy(join(features, `${i}.npy`));
    assert.deepEqual([map.dtype, [...map.shape]], ['float32', [3, height, width]]);
    const values = viewAs('float32', map.bytes);
    for (const found of findInstances(new Int32Array(instance.data), new Int32Array(label.data), width, height)) {
      const sum = sums.get(found.class) ?? { count: 0, feature: [0, 0, 0] };
      const feature = [0, 1, 2].map(c => values[c * pixels + found.first]!);
      // Constant over the instance.
      instance.data.forEach((id, p) => {
        if (id === found.id) for (const c of [0, 1, 2]) assert.equal(values[c * pixels + p], feature[c]);
      });
      sums.set(found.class, { count: sum.count + 1, feature: sum.feature.map((value, c) => value + feature[c]!) });
    }
  }
  for (const [id, { count, feature }] of sums) {
    const { mean, clusters } = book.classes.get(id)!;
    assert.equal(
      clusters.reduce((sum, cluster) => sum + cluster.count, 0),
      count,
    );
    feature.forEach((sum, c) => {
      assert.ok(Math.abs(sum / count - mean[c]!) < 1e-6, `class ${id}: ${sum / count}, not ${mean[c]}`);
    });
  }
});

test('the page has a scene for every cluster, and loads nothing', () => {
  const html = readFileSync(join(checkpointsDir, 'styled', 'styles.html'), 'utf8');
  const book = readStyles(storeOf('styled').find('latest'))!;
  const clusters = [...book.classes.values()].reduce((sum, { clusters: own }) => sum + own.length, 0);
  // A map per class, and a scene and a crop per cluster.
  assert.equal(html.match(/<img /g)!.length, book.classes.size + 2 * clusters);
  assert.equal(html.match(/src="data:image\/webp;base64,/g)!.length, html.match(/src=/g)!.length);
});

test('random styles differ by seed, not between runs; --style-seeds makes one image per seed', async () => {
  const once = await generate('styled', '--style-seed', '3');
  const again = await generate('styled', '--style', 'random', '--style-seed', '3');
  const seeds = await generate('styled', '--style-seed', '2', '--style-seeds', '3');
  assert.deepEqual(
    readdirSync(seeds).sort(),
    ['0', '1'].flatMap(stem => [2, 3, 4].map(seed => `${stem}.seed-${seed}.png`)),
  );
  for (const stem of ['0', '1']) {
    assert.deepEqual(await pixelsOf(again, `${stem}.png`), await pixelsOf(once, `${stem}.png`));
    assert.deepEqual(await pixelsOf(seeds, `${stem}.seed-3.png`), await pixelsOf(once, `${stem}.png`));
    assert.notDeepEqual(await pixelsOf(seeds, `${stem}.seed-2.png`), await pixelsOf(once, `${stem}.png`));
  }
});

test('a styles file gives the same image as the seed that chose the same styles', async () => {
  const book = readStyles(storeOf('styled').find('latest'))!;
  const label = await decodeLabelMap(join(dataroot, 'test_label', '0.png'));
  const instance = await decodeInstanceMap(join(dataroot, 'test_inst', '0.png'));
  const found = findInstances(new Int32Array(instance.data), new Int32Array(label.data), width, height);
  const lists = found.map(one => [one.id, [...Array.from(chooseStyle(book, sameForAll('random'), 5, one))]]);
  const file = join(root, 'styles.json');
  writeFileSync(file, JSON.stringify({ instances: Object.fromEntries(lists) }));
  const byFile = await generate('styled', '--style', `file:${file}`, '--how-many', '1');
  const bySeed = await generate('styled', '--style-seed', '5', '--how-many', '1');
  assert.deepEqual(await pixelsOf(byFile, '0.png'), await pixelsOf(bySeed, '0.png'));
  writeFileSync(file, '{"classes": {"4": "red"}}');
  await refuse([...generating('styled'), '--style', `file:${file}`], 1, /styles\.json/, /classes\.4/);
  await refuse(
    [...generating('styled'), '--style', `file:${join(root, 'absent.json')}`],
    1,
    /absent\.json/,
    /no such file/i,
  );
});

test('the style of an image: one for all inputs or one by name; its size must be the input’s', async () => {
  const own = await generate('styled', '--style', `image:${join(dataroot, 'test_img')}`);
  const one = await generate('styled', '--style', `image:${join(dataroot, 'test_img', '1.png')}`);
  assert.deepEqual(await pixelsOf(one, '1.png'), await pixelsOf(own, '1.png'));
  assert.notDeepEqual(await pixelsOf(one, '0.png'), await pixelsOf(own, '0.png'));
  const small = join(root, 'small.png');
  writePng(small, 8, 3, noise(8 * 8 * 3));
  await refuse([...generating('styled'), '--style', `image:${small}`], 1, /small\.png/, /8×8/, /32×24/, /0\.png/);
  writePng(join(root, 'some', '1.png'), width, 3, noise(pixels * 3));
  await refuse([...generating('styled'), '--style', `image:${join(root, 'some')}`], 1, /no image 0/, /some/);
});

test('other runs: a style per class needs no instances; without an encoder there are no styles', async () => {
  await train('by-class', '--label-feat', '--no-instance');
  await succeed('encode', ...place('by-class'), '--page-classes', '0', '--area-weights', ...compute);
  assert.ok(!existsSync(join(checkpointsDir, 'by-class', 'styles.html')));
  const [mean, first] = [
    await generate('by-class', '--style', 'mean'),
    await generate('by-class', '--style', 'cluster:0'),
  ];
  assert.notDeepEqual(await pixelsOf(mean, '0.png'), await pixelsOf(first, '0.png'));

  await train('plain');
  await refuse(['encode', ...place('plain')], 1, /a run without an encoder/, /--instance-feat/);
  await refuse([...generating('plain'), '--style', 'random'], 2, /--style/, /a network without styles/);
  await refuse([...generating('plain'), '--style-seeds', '2'], 2, /--style-seeds/, /a network without styles/);
  await refuse([...generating('styled'), '--style', 'blue'], 2, /--style/, /random, mean, cluster:N/);
  await refuse([...generating('styled'), '--style', 'mean', '--style-seeds', '2'], 2, /draws nothing/);
  await refuse(['encode', ...place('absent')], 1, /no such folder/);
});

test('training on features from files: without an encoder, with the same styles to choose from', async () => {
  const folder = join(dataroot, 'train_feat');
  await refuse(
    [
      'train',
      ...place('none'),
      '--dataroot',
      dataroot,
      '--label-nc',
      String(labelNc),
      '--load-features',
      '--instance-feat',
    ],
    1,
    /train_feat/,
    /--write-features/,
  );
  await succeed('encode', ...place('styled'), '--write-features', folder, '--page-classes', '0', ...compute);
  await train('loaded', '--instance-feat', '--load-features');
  const path = storeOf('loaded').find('latest');
  const { tensors } = readSafetensors(path);
  assert.ok(![...tensors.keys()].some(name => /^(optim)?E\./.test(name)), 'an encoder');
  assert.equal(tensors.get('G.model.1.weight')!.shape[1], labelNc + 1 + 3);
  await succeed('encode', ...place('loaded'), '--page-classes', '0', '--n-clusters', '4', ...compute);
  // The same features, so the same clusters; the pooling of a file rounds once more.
  const [loaded, trained] = [readStyles(path)!, readStyles(storeOf('styled').find('latest'))!];
  assert.deepEqual([...loaded.classes.keys()], [...trained.classes.keys()]);
  for (const [id, { mean }] of loaded.classes)
    mean.forEach((value, c) => {
      assert.ok(Math.abs(value - trained.classes.get(id)!.mean[c]!) < 1e-5);
    });
  const [one, two] = [await generate('loaded'), await generate('loaded', '--style-seed', '1')];
  assert.notDeepEqual(await pixelsOf(one, '0.png'), await pixelsOf(two, '0.png'));
  const image = ['--style', `image:${join(dataroot, 'test_img')}`];
  await refuse([...generating('loaded'), ...image], 2, /without an encoder/, /cluster:N/);
});

test('an exported generator has encoder, styles and class names: the same images, of bf16 weights almost the same', async () => {
  const classes = [0, 1, 2, 3, 4].map(id => ({ id, name: `thing ${id}`, colour: '#102030', countable: id > 0 }));
  writeFileSync(join(dataroot, 'classes.json'), JSON.stringify(classes));
  const run = join(checkpointsDir, 'styled');
  const share = async (precision: string) => {
    const out = join(root, `shared-${precision}`);
    await succeed('export', '--format', 'safetensors', '--precision', precision, ...place('styled'), '--out', out);
    return join(out, 'generator.safetensors');
  };
  const [whole, half] = [await share('fp32'), await share('bf16')];
  assert.ok(statSync(half).size < 0.75 * statSync(whole).size);
  const [input] = readdirSync(join(dataroot, 'train_label'));
  const scene = [join(dataroot, 'train_label', input!), { instances: join(dataroot, 'train_inst', input!) }] as const;
  const photo = join(dataroot, 'train_img', input!);
  await using original = await loadGenerator(run, { precision: 'fp32' });
  for (const file of [whole, half]) {
    await using generator = await loadGenerator(file, { precision: 'fp32' });
    assert.deepEqual(generator.info.classes, classes);
    assert.deepEqual(generator.info.styles, original.info.styles);
    for (const style of [{ seed: 3 }, { cluster: 0 }, { image: photo }] as const) {
      const found = await generator.generate(scene[0], { ...scene[1], style });
      const expected = await original.generate(scene[0], { ...scene[1], style });
      if (file === whole) assert.deepEqual(found.data, expected.data);
      else assert.ok(found.data.every((value, i) => Math.abs(value - expected.data[i]!) <= 3));
    }
  }
  const options = ['--input-inst', scene[1].instances, '--style', 'cluster:1', ...compute];
  const [out, same] = [join(root, 'of-exported'), join(root, 'of-run')];
  await succeed('generate', scene[0], '--checkpoint', whole, '--out', out, ...options);
  await succeed('generate', scene[0], ...place('styled'), '--out', same, ...options);
  assert.deepEqual(await pixelsOf(out, input!), await pixelsOf(same, input!));
});
