/**
 * What goes into an ONNX file and comes out is in the unit of the users' files: ranges of inputs and outputs, 16 bits, floating
 * point; styles by the encoder's file; and what weights of fewer bits cost.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nn, ones } from '@pix2pixhd/torch';
import { loadGenerator } from '@pix2pixhd/web';
import * as ort from 'onnxruntime-web';
import { Random } from '../../src/data/random.js';
import { encoderModel, generatorModel } from '../../src/onnx/export-onnx.js';
import { Graph } from '../../src/onnx/graph.js';
import { decodeModel, encodeModel } from '../../src/onnx/model-proto.js';
import { networkNodes } from '../../src/onnx/network-graph.js';
import {
  freshGenerator,
  imageTensor,
  largestOnnxDifference,
  maxDifference,
  onnxInputs,
  planar,
  runOnnx,
  toExport,
} from '../support/onnx.js';

const small = { netG: 'global', ngf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 2 } as const;
const [height, width] = [19, 26];
const pixels = height * width;
const random = new Random(5);
const pictures = { ...small, labelNc: 0, noInstance: true } as const;

test('input images in the unit of their files: the range is in the graph, and cuts off what lies outside', async () => {
  const options = { ...pictures, inputNc: 1, inputRange: '27000,32000' };
  const counts = Float32Array.from({ length: pixels }, () => 26_500 + random.integer(6000));
  const source = counts.map(count => Math.min(1, Math.max(-1, ((count - 27_000) / 5000) * 2 - 1)));
  const condition = { images: 1, height, width, source, sourceChannels: 1 };
  assert.ok((await largestOnnxDifference(options, condition, counts)) <= 1e-4);
});

test('several inputs of one channel each have ranges of their own', async () => {
  const options = { ...pictures, inputs: 'thermal,depth', inputNc: 2, inputRange: '10,20/full' };
  const { generator, config } = freshGenerator(options);
  using own = generator;
  const file = generatorModel(toExport(own, config));
  const values = Float32Array.from({ length: pixels * 2 }, (_, i) => (i % 2 === 0 ? 10 : 0) + random.integer(11));
  const source = Float32Array.from({ length: pixels * 2 }, (_, i) =>
    i < pixels ? (values[i * 2]! - 10) / 5 - 1 : (values[(i - pixels) * 2 + 1]! / 255) * 2 - 1,
  );
  const condition = { images: 1, height, width, source, sourceChannels: 2 };
  const { result } = await runOnnx(file, onnxInputs(condition, values), ['result']);
  assert.ok(maxDifference(result!.data as Float32Array, own.generate(condition)[0]!.data) <= 1e-4);
});

for (const [outputDepth, outputRange, type] of [
  ['8', 'full', 'uint8'],
  ['16', '27000,32000', 'uint16'],
  ['float', '-20,35', 'float32'],
] as const)
  test(`results of depth ${outputDepth} come as ${type}, in the unit of the targets`, async () => {
    const { generator, config } = freshGenerator({ ...pictures, outputNc: 1, outputDepth, outputRange });
    using own = generator;
    const source = Uint8Array.from({ length: pixels * 3 }, () => random.integer(256));
    const planes = planar(source, 1, pixels, 3);
    const condition = { images: 1, height, width, source: planes, sourceChannels: 3 };
    const { result } = await runOnnx(generatorModel(toExport(own, config)), onnxInputs(condition, source), ['result']);
    const [made] = own.generate(condition);
    assert.equal(result!.type, type);
    assert.deepEqual(result!.dims, [1, height, width, 1]);
    // One step of the depth, since a value may lie just where it is rounded up or down.
    const step = outputDepth === 'float' ? (made!.white - made!.black) * 5e-5 : 1;
    const [actual, expected] = [[...(result!.data as Uint16Array)], [...made!.data]];
    assert.ok(maxDifference(actual, expected) <= step);
    assert.ok(actual.filter((value, i) => value !== expected[i]).length < pixels / 20 || outputDepth === 'float');
  });

test("the encoder's file finds the same styles, for every object of every image", async () => {
  const options = { ...small, labelNc: 4, instanceFeat: true, nDownsampleE: 2, nef: 4, outputRange: 'full' } as const;
  const { generator, config } = freshGenerator({ ...options, outputDepth: '8' });
  using own = generator;
  const images = 2;
  const photos = Uint8Array.from({ length: images * pixels * 3 }, () => random.integer(256));
  const instance = Int32Array.from({ length: images * pixels }, () => random.integer(4) * 70_000 - 5);
  const file = encoderModel(toExport(own, config))!;
  const inputs = {
    image: imageTensor(photos, [images, height, width, 3]),
    ids: new ort.Tensor('int32', instance, [images, height, width]),
  };
  const { style } = await runOnnx(file, inputs, ['style']);
  const planes = planar(photos, images, pixels, 3);
  const expected = own.encodeStyles(planes, { images, height, width, instance });
  assert.deepEqual(style!.dims, [images, 3, height, width]);
  assert.ok(maxDifference(style!.data as Float32Array, expected) <= 1e-4);
});

test('fp16 halves the weights and changes an image by at most 2 of 255; int8 makes a quarter of them', async () => {
  const options = { ...small, labelNc: 4, ngf: 16 } as const;
  const ids = () => Int32Array.from({ length: pixels }, (_, i) => Math.floor(i / 60) % 4);
  const condition = { images: 1, height, width, label: ids(), instance: ids() };
  const off = (storage: 'fp16' | 'int8') => largestOnnxDifference(options, condition, undefined, storage);
  // Of [-1, 1], whose 255 steps are 2 / 255 each.
  const half = await off('fp16');
  assert.ok(half > 0 && half <= 2 * (2 / 255), `fp16 off by ${half}`);
  const { generator, config } = freshGenerator(options);
  using own = generator;
  const [full, fp16, int8] = (['fp32', 'fp16', 'int8'] as const).map(
    storage => generatorModel(toExport(own, config, storage)).length,
  ) as [number, number, number];
  assert.ok(fp16 < full * 0.55 && int8 < full * 0.35, `${full}, ${fp16}, ${int8} bytes`);
  const coarse = await off('int8');
  assert.ok(coarse > half && coarse < 0.2, `int8 off by ${coarse}`);
});

const pix2pix = {
  model: 'pix2pix',
  netG: 'unet',
  nDownsampleUnet: 6,
  ngf: 4,
  labelNc: 0,
  noInstance: true,
} as const;

test('pix2pix keeps its noise: another seed gives another image, the same seed the same', async () => {
  const { generator, config } = freshGenerator({ ...pix2pix, norm: 'batch' });
  using own = generator;
  const source = Uint8Array.from({ length: pixels * 3 }, () => random.integer(256));
  const file = generatorModel(toExport(own, config));
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map(async seed => {
      const inputs = { image: imageTensor(source, [1, height, width, 3]), seed: new ort.Tensor('int32', [seed], []) };
      return (await runOnnx(file, inputs, ['result'])).result!.data as Float32Array;
    }),
  );
  assert.deepEqual(first, again);
  assert.ok(maxDifference(first!, other!) > 0.01);
  const { metadataProps } = decodeModel(file);
  assert.equal(JSON.parse(metadataProps[0]!.value).noise, true);
});

test('batch norm by the statistics of a batch, as pix2pix has it, without the noise', async () => {
  const source = Uint8Array.from({ length: pixels * 3 }, () => random.integer(256));
  const condition = { images: 1, height, width, source: planar(source, 1, pixels, 3), sourceChannels: 3 };
  assert.ok(
    (await largestOnnxDifference(
      { ...pix2pix, noDropout: true, ...pictures, netG: 'unet', norm: 'batch' },
      condition,
      source,
    )) <= 1e-4,
  );
});

test('what dropout drops: half of the features, whatever the seed, and independent of neighbours, layers and other seeds', async () => {
  const side = 64;
  const dropped = async (seed: number, layers = 1) => {
    const graph = new Graph();
    const input = graph.input('x', 'float32', ['N', 4, 'H', 'W']);
    const layer = new nn.Dropout(0.5);
    const x = ones([1, 4, 8, 8]);
    let made = '';
    for (let i = 0; i < layers; i++)
      made = networkNodes(graph, layer, new Map([[x, input]]), 'fp32', () => layer.forward(x));
    graph.output('y', made, 'float32', ['N', 4, 'H', 'W']);
    const file = encodeModel(graph.model({ name: 'dropout', description: '', version: '0', metadata: {} }));
    const given = new ort.Tensor('float32', new Float32Array(4 * side * side).fill(3), [1, 4, side, side]);
    const { y } = await runOnnx(file, { x: given, seed: new ort.Tensor('int32', [seed], []) }, ['y']);
    assert.ok((y!.data as Float32Array).every(value => value === 0 || value === 6));
    return Array.from(y!.data as Float32Array, value => value === 0);
  };
  const count = 4 * side * side;
  // Four standard deviations of a fair coin.
  const isHalf = (share: number) => Math.abs(share / count - 0.5) < 2 / Math.sqrt(count);
  const first = await dropped(0);
  for (const other of [await dropped(1), await dropped(2 ** 31 - 2), await dropped(0, 2)]) {
    assert.ok(isHalf(other.filter(Boolean).length));
    assert.ok(isHalf(other.filter((is, i) => is === first[i]).length));
    for (const step of [1, 2, side, side * side])
      assert.ok(isHalf(other.filter((is, i) => is === other[(i + step) % count]).length), `neighbours ${step} apart`);
  }
});

test('the style of an object of a million pixels is the mean of all of them', async () => {
  const options = { ...small, labelNc: 4, instanceFeat: true, nDownsampleE: 1, nef: 2, outputRange: 'full' } as const;
  const { generator, config } = freshGenerator({ ...options, outputDepth: '8' });
  using own = generator;
  const size = 1024;
  const photo = new Uint8Array(size * size * 3).fill(200);
  photo.fill(90, 0, photo.length / 4);
  const instance = new Int32Array(size * size).fill(5);
  const inputs = {
    image: imageTensor(photo, [1, size, size, 3]),
    ids: new ort.Tensor('int32', instance, [1, size, size]),
  };
  const { style } = await runOnnx(encoderModel(toExport(own, config))!, inputs, ['style']);
  const planes = new Float32Array(photo.length).fill((200 / 255) * 2 - 1);
  for (let c = 0; c < 3; c++) planes.fill((90 / 255) * 2 - 1, c * size * size, c * size * size + (size * size) / 4);
  const expected = own.encodeStyles(planes, { images: 1, height: size, width: size, instance });
  assert.ok(maxDifference(style!.data as Float32Array, expected) <= 1e-4);
});

test('@pix2pixhd/web gives noise its seed, and takes values of a range as they are, whatever the range looks like', async () => {
  const noisy = freshGenerator(pix2pix);
  using first = noisy.generator;
  await using loaded = await loadGenerator(generatorModel(toExport(first, noisy.config)), { device: 'wasm' });
  const input = { width, height, channels: 3, data: Uint8Array.from({ length: pixels * 3 }, (_, i) => i % 251) };
  const image = async (noiseSeed?: number) => (await loaded.generate({ input, noiseSeed })).values as Float32Array;
  assert.deepEqual(await image(), await image(0));
  assert.ok(maxDifference(await image(), await image(1)) > 0.01);

  const ranged = freshGenerator({ ...pictures, inputNc: 1, inputRange: '0,65535' });
  using second = ranged.generator;
  const file = generatorModel(toExport(second, ranged.config));
  await using counting = await loadGenerator(file, { device: 'wasm' });
  const counts = Float32Array.from({ length: pixels }, () => random.integer(65_536));
  const made = await counting.generate({ input: { width, height, channels: 1, data: counts } });
  const source = counts.map(count => (count / 65_535) * 2 - 1);
  const [expected] = second.generate({ images: 1, height, width, source, sourceChannels: 1 });
  assert.ok(maxDifference(made.values, expected!.data) <= 1e-4);
});
