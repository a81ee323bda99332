/**
 * What a loaded generator is, whichever of the two packages has loaded it: `pix2pixhd` under libtorch, or `@pix2pixhd/web` under ONNX
 * Runtime. Every case runs against both, with the same assertions; then their images are compared.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadGenerator as loadWeb, UserError as WebError } from '@pix2pixhd/web';
import { choosePlanes, type StyleBook, sameForAll } from '@pix2pixhd/web/scene';
import { encode, exportGenerator, loadGenerator as loadNative, train, UserError } from '../../src/index.js';
import { readStyles } from '../../src/styles/files/style-book-file.js';
import { noise, writePng } from '../data/images.js';
import { writeImagePairs } from '../support/runs.js';
import { makeWorld } from './world.js';

const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');
const fp32 = { precision: 'fp32' } as const;
const sizes = { loadSize: 32, ngf: 4, ndf: 4, nef: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, nDownsampleE: 2 };
const small = { checkpointsDir, ...sizes, ...fp32, workers: 1, maxSteps: 2 };
const [label, instances, photo] = [at('label.png'), at('inst.png'), at('photo.png')];

/** What the specification asks of both packages, by name and by type. */
type Loaded = Pick<Awaited<ReturnType<typeof loadWeb>>, 'encodeStyles' | 'dispose'> & {
  readonly info: Pick<
    Awaited<ReturnType<typeof loadWeb>>['info'],
    | 'step'
    | 'labelNc'
    | 'classes'
    | 'inputChannels'
    | 'outputChannels'
    | 'needsInstances'
    | 'sizeMultiple'
    | 'leastSide'
    | 'styles'
  >;
  generate(input: Input, options?: object): Promise<Made>;
  generate(scene: { readonly label: Input; readonly instances: Input; readonly style: object }): Promise<Made>;
  generateMany(inputs: Iterable<Input | { readonly input: Input; readonly instances: Input }>): AsyncGenerator<Made>;
};
type Input =
  | string
  | Uint8Array
  | { readonly width: number; readonly height: number; readonly data: Uint8Array | Int32Array };
interface Made {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
  readonly black: number;
  readonly white: number;
}

let book: StyleBook;
before(async () => {
  await train({ dataroot: at('data/city'), name: 'styled', labelNc: 5, instanceFeat: true, ...small });
  await encode({ name: 'styled', checkpointsDir, nClusters: 3, ...fp32 });
  writeImagePairs(at('data/maps'), 'train', 2, 32, 32);
  await train({ dataroot: at('data/maps'), name: 'maps', labelNc: 0, ...small });
  for (const name of ['styled', 'maps'])
    for (const format of ['safetensors', 'onnx'] as const)
      exportGenerator({ name, checkpointsDir, format, out: at(name) });
  book = readStyles(at('checkpoints/styled/checkpoints/step-00000002.safetensors'))!;
});

const wasm = { device: 'wasm', threads: 1 } as const;
const packages: Readonly<Record<string, (name: string) => Promise<Loaded>>> = {
  pix2pixhd: name => loadNative(at(name, 'generator.safetensors'), fp32) as Promise<Loaded>,
  '@pix2pixhd/web': name =>
    loadWeb(at(name, 'generator.onnx'), {
      ...wasm,
      ...(name === 'styled' && { encoder: at(name, 'encoder.onnx') }),
    }) as Promise<Loaded>,
};

/** Maps of a size that no network takes as it is. */
function oddScene(width: number, height: number) {
  const data = noise(width * height).map((_, i) => Math.floor((i % width) / 7) % 5);
  const ids = Int32Array.from(data, (id, i) => (id === 4 ? 26_000 + Math.floor(i / width / 9) : id));
  return { label: { width, height, data }, instances: { width, height, data: ids } };
}

const scenes = [[37, 29], [1, 1], [64, 32]].map(([width, height]) => oddScene(width!, height!)); // biome-ignore format: a table
/** Images of one package, to be compared with the other's. */
const made = new Map<string, Uint8Array[]>(Object.keys(packages).map(name => [name, []]));
const infos: unknown[] = [];
const encoded: ReadonlyMap<number, readonly number[]>[] = [];

for (const [name, load] of Object.entries(packages))
  describe(name, () => {
    let styled: Loaded;
    let maps: Loaded;
    before(async () => {
      styled = await load('styled');
      maps = await load('maps');
    });
    after(async () => {
      await styled.dispose();
      await maps.dispose();
    });

    test('info', () => {
      for (const { info } of [styled, maps]) {
        const {
          step,
          labelNc,
          classes,
          inputChannels,
          outputChannels,
          needsInstances,
          sizeMultiple,
          leastSide,
          styles,
        } = info;
        infos.push({
          labelNc,
          classes,
          inputChannels,
          outputChannels,
          needsInstances,
          sizeMultiple,
          leastSide,
          styles,
        });
        assert.equal(step, 2);
      }
      const { styles } = styled.info;
      assert.deepEqual([styles?.per, styles?.channels, styles?.fromImages], ['instance', 3, true]);
      assert.deepEqual([styled.info.labelNc, styled.info.needsInstances, maps.info.labelNc], [5, true, 0]);
      assert.equal(maps.info.styles, null);
      for (const [id, { clusters }] of book.classes) {
        assert.equal(styles?.clusters.get(id), clusters.length);
        assert.deepEqual(
          styles?.centres.get(id),
          clusters.map(({ centre }) => [...centre]),
        );
      }
    });

    test('images have exactly the size of their input, and the same input makes the same', async () => {
      for (const scene of scenes) {
        const { width, height } = scene.label;
        const image = await styled.generate(scene.label, { instances: scene.instances });
        assert.deepEqual([image.width, image.height, image.channels], [width, height, 3]);
        assert.equal(image.data.length, width * height * 3);
        assert.deepEqual([image.black, image.white], [0, 255]);
        assert.deepEqual((await styled.generate(scene.label, { instances: scene.instances })).data, image.data);
        made.get(name)!.push(image.data);
      }
    });

    test('a seed chooses the styles of the style book: the planes that they make are exactly these', async () => {
      const { label, instances } = scenes[0]!;
      const { width, height } = label;
      const of = { width, height, label: Int32Array.from(label.data), instance: instances.data };
      const images = [];
      for (const seed of [0, 1, 2, 4711]) {
        const planes = choosePlanes(book, sameForAll('random'), seed, of, false);
        const size = width * height;
        const data = planes.map((_, i) => planes[(i % 3) * size + Math.floor(i / 3)]!);
        const image = await styled.generate(label, { instances, style: { seed } });
        const features = { width, height, data };
        assert.deepEqual(image.data, (await styled.generate(label, { instances, features })).data, `seed ${seed}`);
        images.push(image.data);
      }
      assert.notDeepEqual(images[0], images[1]);
      made.get(name)!.push(...images);
    });

    test('every kind of style', async () => {
      writeFileSync(at('choices.json'), '{"default": "mean", "classes": {"4": {"cluster": 1}}}');
      const of = async (style?: unknown) => (await styled.generate(label, { instances, style })).data;
      const byFile = await of({ choices: at('choices.json') });
      assert.deepEqual(await of({ choices: { default: 'mean', classes: { 4: { cluster: 1 } } } }), byFile);
      assert.deepEqual(await of(), await of({ seed: 0 }));
      const found = await styled.encodeStyles(photo, { input: label, instances });
      const byImage = await of({ image: photo });
      assert.deepEqual(await of({ choices: { instances: Object.fromEntries(found) } }), byImage);
      encoded.push(found);
      made.get(name)!.push(byFile, byImage, await of('mean'), await of({ cluster: 1 }));
    });

    test('files, bytes and pixels make the same; many inputs come in their order', async () => {
      const bytes = [new Uint8Array(readFileSync(label)), new Uint8Array(readFileSync(instances))] as const;
      const byPath = await styled.generate(label, { instances });
      assert.deepEqual((await styled.generate(bytes[0], { instances: bytes[1] })).data, byPath.data);
      const style = { seed: 1 };
      const inOne = await styled.generate({ label, instances, style });
      assert.deepEqual(inOne.data, (await styled.generate(label, { instances, style })).data);
      const order = [];
      const requests = [...scenes, ...scenes].map(scene => ({ input: scene.label, instances: scene.instances }));
      for await (const { width } of styled.generateMany(requests)) order.push(width);
      assert.deepEqual(order, [37, 1, 64, 37, 1, 64]);
    });

    test('a network without label maps takes images', async () => {
      const [width, height] = [21, 34];
      const rgb = { width, height, data: noise(width * height * 3) };
      const rgba = { width, height, data: Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : rgb.data[(i >> 2) * 3 + (i % 4)]!)) }; // biome-ignore format: one line
      const image = await maps.generate(rgb);
      assert.deepEqual([image.width, image.height], [width, height]);
      assert.deepEqual((await maps.generate(rgba)).data, image.data);
      made.get(name)!.push(image.data, (await maps.generate(at('data/maps/train_A/0.png'))).data);
    });

    test('what cannot be used is refused with the same codes, a finding and a remedy', async () => {
      const refused = (what: Promise<unknown>, code: string) =>
        assert.rejects(what, error => {
          assert.ok(error instanceof UserError || error instanceof WebError, String(error));
          assert.equal(error.code, code);
          assert.match(error.message, /^Error while .*\n {2}found: .*\n(?: {2}expected: .*\n)? {2}remedy: {3}\S/);
          return true;
        });
      const scene = scenes[0]!;
      const outside = { ...scene.label, data: scene.label.data.map(id => id + 1) };
      await refused(styled.generate(outside, { instances: scene.instances }), 'LABEL_OUT_OF_RANGE');
      await refused(styled.generate(label), 'PARTNER_MISSING');
      await refused(styled.generate(label, { instances: scenes[1]!.instances }), 'SIZE_MISMATCH');
      await refused(styled.generate(at('no-such.png'), { instances }), 'FILE_NOT_FOUND');
      writePng(at('colours.png'), 64, 3, noise(64 * 32 * 3));
      await refused(styled.generate(at('colours.png'), { instances }), 'NOT_AN_ID_MAP');
      await refused(styled.generate(label, { instances, style: { choices: { default: 'blue' } } }), 'STYLE_INVALID');
      await refused(styled.generate(label, { instances, style: 'mean', features: scene.label }), 'OPTION_CONFLICT');
      await refused(styled.generate(label, { instances, features: scene.label }), 'FEATURES_UNSUITABLE');
      await refused(maps.generate(photo, { style: { seed: 1 } }), 'NO_ENCODER');
      await refused(maps.generate({ width: 4, height: 4, data: new Uint8Array(4 * 4 * 5) }), 'WRONG_CHANNELS');
      await assert.rejects(styled.generate(label, { instances, style: { seed: -1 } }), RangeError);
      await assert.rejects(styled.generate({ ...scene.label, width: 3 }, { instances }), TypeError);
    });

    test('an aborted signal rejects with its reason', async () => {
      const reason = new Error('enough');
      const stop = new AbortController();
      const running = styled.generate(label, { instances, signal: stop.signal });
      stop.abort(reason);
      await assert.rejects(running, error => error === reason);
      await assert.rejects(styled.generate(label, { instances, signal: stop.signal }), error => error === reason);
    });
  });

test('both say the same of the networks', () => {
  assert.equal(infos.length, 4);
  assert.deepEqual(infos.slice(2), infos.slice(0, 2));
});

test('both find the same styles in an image', () => {
  const [native, web] = encoded;
  assert.deepEqual([...web!.keys()], [...native!.keys()]);
  for (const [id, features] of native!)
    for (const [c, value] of features.entries()) assert.ok(Math.abs(value - web!.get(id)![c]!) < 1e-4, `${id}`);
});

test('both make the same images, to 2 of 255', () => {
  const [native, web] = [made.get('pix2pixhd')!, made.get('@pix2pixhd/web')!];
  assert.deepEqual([native.length, web.length], [13, 13]);
  for (const [i, image] of native.entries()) {
    const most = image.reduce((worst, value, at) => Math.max(worst, Math.abs(value - web[i]![at]!)), 0);
    assert.ok(most <= 2, `image ${i} differs by ${most}`);
  }
});
