/**
 * A loaded generator makes what the command makes, of every kind of input, in this thread and in another; it can be
 * cancelled, leaves the process as it is, and says what is wrong with what it is given.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { getThreads, RandomGenerator, scope, setThreads, writeNpy } from '@pix2pixhd/torch';
import sharp from 'sharp';
import { giveBackThread, takeThread } from '../../src/api/worker-threads.js';
import {
  decodeImage,
  decodeInstanceMap,
  decodeLabelMap,
  encode,
  exportGenerator,
  loadGenerator,
  train,
} from '../../src/index.js';
import { noise } from '../data/images.js';
import { pix2pixhd } from '../support/cli.js';
import { writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';
import { makeWorld } from './world.js';

const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');
const fp32 = { precision: 'fp32' } as const;
const sizes = { loadSize: 32, ngf: 4, ndf: 4, nef: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, nDownsampleE: 2 };
const small = { checkpointsDir, ...sizes, ...fp32, workers: 1, maxSteps: 2 };
const city = at('checkpoints/city');
const [label, instances] = [at('label.png'), at('inst.png')];

before(async () => {
  await train({ dataroot: at('data/city'), name: 'city', labelNc: 5, ...small });
  await train({ dataroot: at('data/city'), name: 'styled', labelNc: 5, instanceFeat: true, ...small });
  writeImagePairs(at('data/maps'), 'train', 2, 32, 32);
  await train({ dataroot: at('data/maps'), name: 'maps', labelNc: 0, ...small });
});

test('an image is byte for byte that of the command, from every kind of input, in this thread and in another', async () => {
  const args = ['--checkpoints-dir', checkpointsDir, '--name', 'city', '--precision', 'fp32', '--threads', '1'];
  const folder = at('by-command');
  const { code, stderr } = await pix2pixhd(
    'generate',
    ...args,
    '--input',
    label,
    '--input-inst',
    instances,
    '--out',
    folder,
  );
  assert.equal(code, 0, stderr);
  const expected = readFileSync(join(folder, 'label.png'));
  const [ids, objects] = [await decodeLabelMap(label), await decodeInstanceMap(instances)];
  const kinds = {
    path: [label, instances],
    URL: [pathToFileURL(label), pathToFileURL(instances)],
    bytes: [readFileSync(label), new Uint8Array(readFileSync(instances))],
    pixels: [ids, { ...objects, data: Int32Array.from(objects.data) }],
    'clamped pixels': [{ ...ids, data: Uint8ClampedArray.from(ids.data) }, objects],
    // Of the map of 16 bits sharp would make 8.
    sharp: [sharp(label), instances],
  } as const;
  for (const worker of [false, true]) {
    await using generator = await loadGenerator(city, { precision: 'fp32', worker, ...(worker && { threads: 1 }) });
    for (const [kind, [map, inst]] of Object.entries(kinds)) {
      const image = await generator.generate(map, { instances: inst });
      assert.deepEqual(await image.toBuffer(), expected, `${kind}${worker ? ' in a worker' : ''}`);
    }
  }
});

test('a network without label maps takes images: files, 8 bits, floating point, RGBA of a canvas', async () => {
  await using generator = await loadGenerator(at('checkpoints/maps'), { precision: 'fp32' });
  assert.deepEqual(
    [generator.info.labelNc, generator.info.inputChannels, generator.info.needsInstances],
    [0, 3, false],
  );
  const file = at('data/maps/train_A/0.png');
  const pixels = await decodeImage(file);
  const expected = await generator.generate(file);
  const rgba = new Uint8ClampedArray(32 * 32 * 4).map((_, i) =>
    i % 4 === 3 ? 255 : pixels.data[3 * (i >> 2) + (i % 4)]!,
  );
  for (const input of [
    pixels,
    sharp(file),
    { width: 32, height: 32, data: rgba },
    { width: 32, height: 32, data: Float32Array.from(pixels.data, value => value / 255) },
  ])
    assert.deepEqual((await generator.generate(input)).data, expected.data);
});

test('styles: by seed, cluster, mean, choices, image and features, as info says', async () => {
  const styled = at('checkpoints/styled');
  {
    await using unencoded = await loadGenerator(styled, { precision: 'fp32' });
    assert.equal(unencoded.info.styles?.clusters.size, 0);
    await assert.rejects(unencoded.generate(label, { instances }), { code: 'STYLES_MISSING', message: /encode/ });
    await unencoded.generate(label, { instances, style: { image: at('photo.png') } });
  }
  const { classes } = await encode({ name: 'styled', checkpointsDir, nClusters: 3, precision: 'fp32' });
  assert.deepEqual(
    classes.map(({ id }) => id),
    [0, 1, 2, 3, 4],
  );
  await using generator = await loadGenerator(styled, { precision: 'fp32' });
  const { styles } = generator.info;
  assert.deepEqual([styles?.per, styles?.channels, styles?.fromImages], ['instance', 3, true]);
  assert.deepEqual(
    [...styles!.clusters],
    classes.map(({ id, clusters }) => [id, clusters]),
  );
  const centre = styles!.centres.get(0)![1]!;
  const of = async (options: object) => (await generator.generate(label, { instances, ...options })).data;
  // The features of a cluster are that cluster.
  const chosen = (style: unknown) => of({ style: { choices: { default: 'mean', classes: { 0: style } } } });
  assert.deepEqual(await chosen([...centre]), await chosen({ cluster: 1 }));
  const zero = await of({ style: { seed: 0 } });
  assert.deepEqual(await of({}), zero);
  assert.notDeepEqual(await of({ style: { seed: 1 } }), zero);
  const mean = await of({ style: 'mean' });
  assert.deepEqual(await of({ style: { choices: { default: 'mean' } } }), mean);
  writeFileSync(at('choices.json'), '{"default": "mean"}');
  assert.deepEqual(await of({ style: { choices: at('choices.json') } }), mean);
  const first = await of({ style: { cluster: 0 } });
  assert.deepEqual(await of({ style: { choices: { default: { cluster: 0 } } } }), first);
  const photo = await of({ style: { image: at('photo.png') } });
  assert.notDeepEqual(photo, mean);
  const [width, height] = [64, 32];
  const planes = Float32Array.from({ length: 3 * width * height }, (_, i) => (noise(1, i)[0]! - 128) / 128);
  const interleaved = planes.map((_, i) => planes[(i % 3) * width * height + Math.floor(i / 3)]!);
  writeNpy(at('features.npy'), { dtype: 'float32', shape: [3, height, width], bytes: new Uint8Array(planes.buffer) });
  const featured = await of({ features: at('features.npy') });
  assert.notDeepEqual(featured, mean);
  assert.deepEqual(await of({ features: { width, height, data: interleaved } }), featured);
});

test('the styles of an image, object by object, make what the image as the style makes; of one object they are its mean', async () => {
  const styled = at('checkpoints/styled');
  const photo = at('photo.png');
  await using generator = await loadGenerator(styled, { precision: 'fp32' });
  const found = await generator.encodeStyles(photo, { input: label, instances });
  assert.deepEqual(new Set(found.keys()), new Set((await decodeInstanceMap(instances)).data));
  const choices = { instances: Object.fromEntries(found) };
  assert.deepEqual(
    (await generator.generate(label, { instances, style: { choices } })).data,
    (await generator.generate(label, { instances, style: { image: photo } })).data,
  );
  const [width, height] = [64, 32];
  const ids = (id: number) => ({ width, height, data: new Int32Array(width * height).fill(id) });
  const whole = await generator.encodeStyles(photo, { input: ids(4), instances: ids(4001) });
  assert.deepEqual([...whole.keys()], [4001]);
  // The encoder's features do not depend on the objects, only what they are averaged over does.
  const areas = new Map<number, number>();
  for (const id of (await decodeInstanceMap(instances)).data) areas.set(id, (areas.get(id) ?? 0) + 1);
  whole.get(4001)!.forEach((value, channel) => {
    const sum = [...found].reduce((total, [id, features]) => total + features[channel]! * areas.get(id)!, 0);
    assert.ok(Math.abs(value - sum / (width * height)) < 1e-5, `${value} and ${sum / (width * height)}`);
  });
  await using worker = await loadGenerator(styled, { precision: 'fp32', worker: true, threads: 1 });
  const byWorker = await worker.encodeStyles(photo, { input: label, instances });
  assert.deepEqual([...byWorker.keys()], [...found.keys()]);
  for (const [id, features] of found)
    for (const [channel, value] of features.entries()) assert.ok(Math.abs(value - byWorker.get(id)![channel]!) < 1e-5);
  for (const one of [generator, worker])
    await assert.rejects(one.encodeStyles(photo, { input: ids(4), instances: { ...ids(1), width: 32, height: 64 } }), {
      name: 'UserError',
    });
  await using plain = await loadGenerator(city, { precision: 'fp32' });
  await assert.rejects(plain.encodeStyles(photo, { input: label, instances }), { code: 'NO_ENCODER' });
});

test('many images come in order, batched or not, in this thread and in another', async () => {
  const scenes = [32, 32, 64, 32, 32, 32, 16].map((width, i) => {
    const ids = noise(width * 16, i).map(value => value % 5);
    const map = { width, height: 16, data: ids };
    return { input: map, instances: map };
  });
  async function* slowly() {
    for (const scene of scenes) {
      yield scene;
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }
  await using generator = await loadGenerator(city, { precision: 'fp32' });
  const expected = [];
  for (const { input, ...options } of scenes) expected.push((await generator.generate(input, options)).data);
  await using worker = await loadGenerator(city, { precision: 'fp32', worker: true, threads: 1 });
  for (const one of [generator, worker])
    for (const batchSize of [1, 3])
      for (const inputs of [scenes, slowly()]) {
        const found = [];
        for await (const image of one.generateMany(inputs, { batchSize })) found.push(image.data);
        assert.deepEqual(found, expected);
      }
});

test('an image comes as soon as it is made, also where the next input is awaited for ever', async () => {
  let asked = 0;
  async function* camera() {
    asked++;
    yield { input: label, instances };
    asked++;
    await new Promise(() => {});
  }
  await using generator = await loadGenerator(city);
  for await (const image of generator.generateMany(camera())) {
    assert.equal(image.width, 64);
    break;
  }
  assert.equal(asked, 2);
});

test('an input that cannot be used ends the iteration, after the images before it', async () => {
  await using generator = await loadGenerator(city);
  const made: number[] = [];
  await assert.rejects(
    async () => {
      const scenes = [label, at('no-such.png'), label].map(input => ({ input, instances }));
      for await (const { width } of generator.generateMany(scenes)) made.push(width);
    },
    { name: 'UserError', code: 'FILE_NOT_FOUND', message: /no-such\.png/ },
  );
  assert.deepEqual(made, [64]);
});

/** A map that takes a while. */
const large = { width: 1024, height: 1024, data: new Uint8Array(1024 * 1024).fill(1) };

test('a worker leaves the event loop free while it computes, and the threads of this one as they are', async () => {
  setThreads(1);
  const gapWhile = async (worker: boolean): Promise<number> => {
    await using generator = await loadGenerator(city, { precision: 'fp32', worker, ...(worker && { threads: 2 }) });
    let [longest, last] = [0, performance.now()];
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await generator.generate(large, { instances: large });
    clearInterval(timer);
    return Math.max(longest, performance.now() - last);
  };
  const blocked = await gapWhile(false);
  const free = await gapWhile(true);
  assert.ok(free < blocked / 3, `blocked for ${free.toFixed(0)} ms by a worker, for ${blocked.toFixed(0)} ms without`);
  assert.equal(getThreads(), 1);
});

test('loading and generating leave the random numbers and the threads of the process as they are', async () => {
  setThreads(1);
  const state = () => scope(() => RandomGenerator.default().getState().data().slice());
  const before = state();
  for (const worker of [false, true]) {
    await using generator = await loadGenerator(at('checkpoints/styled'), { worker });
    await generator.generate(label, { instances, style: { image: at('photo.png') } });
  }
  assert.deepEqual(state(), before);
  assert.equal(getThreads(), 1);
});

for (const worker of [false, true])
  test(`an aborted signal gives up${worker ? ' in a worker' : ''}, and the generator goes on`, async () => {
    await using generator = await loadGenerator(city, { worker });
    const reason = new Error('enough');
    await assert.rejects(generator.generate(label, { instances, signal: AbortSignal.abort(reason) }), reason);
    const abort = new AbortController();
    const first = generator.generate(large, { instances: large, signal: abort.signal });
    const second = generator.generate(large, { instances: large, signal: abort.signal });
    abort.abort(reason);
    await Promise.all([assert.rejects(first, reason), assert.rejects(second, reason)]);
    const many = new AbortController();
    let count = 0;
    await assert.rejects(async () => {
      const scenes = Array.from({ length: 5 }, () => ({ input: label, instances }));
      for await (const _ of generator.generateMany(scenes, { signal: many.signal }))
        if (++count === 2) many.abort(reason);
    }, reason);
    assert.equal(count, 2);
    assert.equal((await generator.generate(label, { instances })).width, 64);
  });

test('what is disposed of cannot be used; disposing waits for what was asked for, and may be repeated', async () => {
  for (const worker of [false, true]) {
    const generator = await loadGenerator(city, { worker });
    const images = [1, 2].map(() => generator.generate(label, { instances }));
    await Promise.all([generator.dispose(), generator.dispose()]);
    for (const image of await Promise.all(images)) assert.equal(image.width, 64);
    await assert.rejects(generator.generate(label, { instances }), /the generator is disposed/);
  }
});

test('a thread without a generator serves the next one; of two, one ends', async () => {
  const [first, second] = [takeThread(), takeThread()];
  await giveBackThread(first);
  await giveBackThread(second);
  assert.equal(second.threadId, -1);
  assert.equal(takeThread(), first);
  await giveBackThread(first);
  await using generator = await loadGenerator(city, { worker: true });
  assert.equal((await generator.generate(label, { instances })).width, 64);
});

test('a run, a checkpoint by its file, best, a step, and an exported generator are found', async () => {
  const [exported] = exportGenerator({ name: 'city', checkpointsDir, out: at('shared'), format: 'safetensors' });
  const expected = await (await loadGenerator(city, { precision: 'fp32' })).generate(label, { instances });
  const file = join(city, 'checkpoints/step-00000002.safetensors');
  const sources = [
    [file, {}],
    [pathToFileURL(city), { checkpoint: 2 }],
    [exported!, {}],
  ] as const;
  for (const [source, options] of sources) {
    await using generator = await loadGenerator(source, { precision: 'fp32', ...options });
    assert.equal(generator.info.step, 2);
    assert.deepEqual((await generator.generate(label, { instances })).data, expected.data);
  }
});

test('a source that is not a generator is named, with what could be loaded', async () => {
  const rejects = (source: string, expected: object, options = {}) =>
    assert.rejects(loadGenerator(source, options), { name: 'UserError', ...expected });
  await rejects(at('checkpoints/town'), { code: 'RUN_NOT_FOUND', message: /checkpoints\/city/ });
  await rejects(checkpointsDir, { code: 'RUN_NOT_FOUND', message: /checkpoints\/maps/ });
  await rejects(
    city,
    { code: 'CHECKPOINT_NOT_FOUND', message: /give one of these as checkpoint: 'latest', 'best', 2/ },
    { checkpoint: 7 },
  );
  await rejects(label, { message: /label\.png/ });
  const damaged = join(workFolder(), 'damaged.safetensors');
  const bytes = readFileSync(join(city, 'checkpoints/step-00000002.safetensors'));
  writeFileSync(damaged, bytes.subarray(0, bytes.length / 2));
  for (const worker of [false, true]) await rejects(damaged, { code: 'CHECKPOINT_DAMAGED' }, { worker });
  await assert.rejects(loadGenerator(city, { threads: 2 }), { name: 'UsageError', message: /configureProcess/ });
});

test('an input that cannot be used is named, with what to do in words of a program', async () => {
  await using generator = await loadGenerator(city);
  const rejects = (input: Parameters<typeof generator.generate>[0], options: object, expected: object) =>
    assert.rejects(generator.generate(input, options), expected);
  await rejects(label, {}, { code: 'PARTNER_MISSING', message: /instances: 'inst\.png'/ });
  await rejects(label, { instances: at('photo.png') }, { code: 'NOT_AN_ID_MAP' });
  const map = (id: number, width = 8) => ({ width, height: 8, data: new Uint8Array(8 * width).fill(id) });
  await rejects(
    map(9),
    { instances: map(1) },
    { code: 'LABEL_OUT_OF_RANGE', message: /remedy:.*was trained with 5 \(labelNc\)/s },
  );
  await rejects(map(1), { instances: map(1, 9) }, { code: 'SIZE_MISMATCH', message: /the instance map[\s\S]*9×8/ });
  await rejects(map(1), { instances: map(1), style: { seed: 1 } }, { code: 'NO_ENCODER', message: /without styles/ });
  await rejects(
    { ...map(1), data: new Float32Array(64) },
    { instances: map(1) },
    { name: 'TypeError', message: /ids are integers/ },
  );
  await rejects(
    { ...map(1), width: 7 },
    { instances: map(1) },
    { name: 'TypeError', message: /64 values are not 7 × 8 pixels/ },
  );
  await rejects(Buffer.from('no image'), { instances: map(1) }, { code: 'FILE_UNREADABLE', message: /the input/ });
  await rejects({} as never, { instances: map(1) }, { name: 'TypeError', message: /expected a path, the bytes/ });
});

test('an image is saved in the format of its name, whole or not at all', async () => {
  await using generator = await loadGenerator(city);
  const image = await generator.generate(label, { instances });
  const formats = { 'a.png': 'png', 'new/b.jpg': 'jpeg', 'c.WEBP': 'webp', 'd.tif': 'tiff' };
  for (const [name, format] of Object.entries(formats)) {
    const path = at('saved', name);
    await image.save(path);
    const { format: found, width, height, channels } = await sharp(path).metadata();
    assert.deepEqual([found, width, height, channels], [format, 64, 32, 3]);
  }
  assert.deepEqual((await decodeImage(at('saved/a.png'))).data, image.data);
  copyFileSync(label, at('saved/e.gif'));
  await assert.rejects(image.save(at('saved/e.gif')), { code: 'CANNOT_WRITE', message: /\.png/ });
  await assert.rejects(image.save(join(label, 'f.png')), { code: 'CANNOT_WRITE' });
  assert.equal(existsSync(at('saved/e.gif')), true);
  const { data } = await image.toSharp().raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual(new Uint8Array(data), image.data);
});
