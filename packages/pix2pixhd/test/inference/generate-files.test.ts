/** From input files to image files: notices, orientation, and stopping between two images. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { readNpy } from '@pix2pixhd/torch/npy';
import sharp from 'sharp';
import { trainSchema } from '../../src/config/schema.js';
import { decodeStored } from '../../src/data/decode/decode.js';
import type { Sample } from '../../src/data/find/pairs.js';
import { type OutputFormat, outputFormat } from '../../src/inference/encode-image.js';
import { generateFiles } from '../../src/inference/generate-files.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { outputScale } from '../../src/inference/to-images.js';
import { OutputGuard } from '../../src/output/guard.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { prepareCompute } from '../support/compute.js';

/** Gives the first channels of what it is given back. */
class Mirror extends nn.Module {
  override forward(input: Tensor): Tensor {
    return ops.mul(ops.narrow(input, 1, 0, Math.min(3, input.shape[1]!)), 1);
  }
}

const options = { dataroot: 'd', name: 'n', noInstance: true, nDownsampleGlobal: 2, precision: 'fp32', threads: 1 };

/** Generates from samples. @returns the notices. */
async function generate(
  out: string,
  samples: readonly Sample[],
  more: object,
  format?: OutputFormat,
): Promise<string[]> {
  const config = trainSchema.parse({ ...options, ...more });
  const generator = new ImageGenerator(new Mirror(), config, prepareCompute(config));
  const notices: string[] = [];
  const guard = new OutputGuard({ doing: 'generating', elsewhere: 'elsewhere', inputs: [] });
  await generateFiles(
    generator,
    config,
    { samples, out, guard, format: format ?? outputFormat('auto', config.outputNc, outputScale(config).depth, 90) },
    { onDone: () => {}, onNotice: notice => notices.push(notice) },
  );
  return notices;
}

test('masks of 0 and 255 and transparency are reported once, and not where they are expected', async t => {
  const folder = temporaryFolder(t);
  const samples = ['mask', 'mask2', 'classes'].map(stem => ({ stem, label: join(folder, `${stem}.png`) }));
  for (const { stem, label } of samples)
    writePng(
      label,
      8,
      1,
      Uint8Array.from({ length: 64 }, (_, i) => [0, 255, stem === 'classes' ? 1 : 0][i % 3]!),
    );
  const said = await generate(join(folder, 'a'), samples, { labelNc: 3 });
  assert.equal(said.length, 1);
  assert.match(said[0]!, /0 and 255 alone, as masks do/);
  assert.deepEqual(await generate(join(folder, 'b'), samples.slice(2), { labelNc: 3 }), []);
  assert.deepEqual(await generate(join(folder, 'c'), samples, { labelNc: 3, labelMap: '255:2' }), []);
  assert.deepEqual(await generate(join(folder, 'd'), samples, { labelNc: 256 }), []);
  const source = join(folder, 'rgba.png');
  writePng(source, 8, 4, noise(8 * 8 * 4));
  assert.match((await generate(join(folder, 'e'), [{ stem: 's', source }], { labelNc: 0 }))[0]!, /transparen/);
});

test('an image with an EXIF orientation is generated upright', async t => {
  const folder = temporaryFolder(t);
  const source = join(folder, 'phone.tif');
  await sharp(noise(12 * 8 * 3), { raw: { width: 12, height: 8, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .tiff({ compression: 'none' })
    .toFile(source);
  await generate(folder, [{ stem: 'phone', source }], { labelNc: 0 });
  const result = sharp(join(folder, 'phone.png'));
  const { width, height, orientation } = await result.metadata();
  assert.deepEqual([width, height, orientation], [8, 12, undefined]);
  assert.deepEqual(await result.raw().toBuffer(), await sharp(source).autoOrient().raw().toBuffer());
});

test('an aborted signal stops after the image at hand', async t => {
  const folder = temporaryFolder(t);
  const samples = ['a', 'b', 'c'].map(stem => ({ stem, source: join(folder, `${stem}.png`) }));
  for (const { source } of samples) writePng(source, 8, 3, noise(8 * 8 * 3));
  const config = trainSchema.parse({ ...options, labelNc: 0 });
  using generator = new ImageGenerator(new Mirror(), config, prepareCompute(config));
  const guard = new OutputGuard({ doing: 'generating', elsewhere: 'elsewhere', inputs: [] });
  const stop = new AbortController();
  const twice = ['.1', '.2'].map(suffix => ({ suffix, styleFeatures: () => undefined }));
  const job = { samples, out: join(folder, 'out'), guard, variants: twice, format: outputFormat('auto', 3, '8', 90) };
  const onDone = (done: number) => {
    if (done === 3) stop.abort();
  };
  assert.equal(await generateFiles(generator, config, job, { onDone, signal: stop.signal }), 2);
  assert.deepEqual(readdirSync(job.out), ['a.1.png', 'a.2.png', 'b.1.png']);
});

test('16 bits and floating point come back in the unit of the data, exactly within the range', async t => {
  const folder = temporaryFolder(t);
  const [width, height] = [16, 16];
  const counts = Uint16Array.from(noise(width * height), (value, i) => 26900 + 20 * value + (i % 7));
  const samples = [{ stem: 'a', source: join(folder, 'in', 'a.png') }];
  writePng(samples[0]!.source, width, 1, counts);
  const cut = counts.map(v => Math.min(31000, Math.max(27000, v)));
  for (const [outputDepth, inputRange, expected] of [
    ['16', '27000,31000', cut],
    ['16', 'full', counts],
    ['float', '27000,31000', Float32Array.from(cut)],
    ['8', 'full', Uint8Array.from(counts, v => Math.round(v / 257))],
  ] as const) {
    const out = join(folder, `${outputDepth} ${inputRange}`);
    const range = { inputRange, outputRange: inputRange, outputDepth, inputNc: 1, outputNc: 1, labelNc: 0 };
    await generate(out, samples, range);
    const [file] = readdirSync(out);
    assert.equal(file, outputDepth === 'float' ? 'a.tif' : 'a.png');
    const { data } = await decodeStored(join(out, file!));
    assert.equal(data.constructor, expected.constructor, out);
    const furthest = Math.max(...Array.from(data, (v, i) => Math.abs(v - expected[i]!)));
    // Of floating point what float32 keeps of 31000 beside 4000.
    assert.ok(furthest <= (outputDepth === 'float' ? 0.002 : 0), `${out}: off by ${furthest}`);
    await generate(out, samples, range);
  }
});

test('formats: every one of them holds what it says, and is known as our own', async t => {
  const folder = temporaryFolder(t);
  const [width, height] = [12, 8];
  const samples = [{ stem: 'a', source: join(folder, 'in', 'a.png') }];
  writePng(samples[0]!.source, width, 3, noise(width * height * 3));
  const plain = await decodeStored(samples[0]!.source);
  for (const name of ['png', 'tiff', 'webp', 'jpeg'] as const) {
    const out = join(folder, name);
    // Twice: results of before are replaced.
    for (let i = 0; i < 2; i++) await generate(out, samples, { labelNc: 0 }, outputFormat(name, 3, '8', 95));
    const [file] = readdirSync(out);
    const image = await decodeStored(join(out, file!));
    assert.deepEqual([image.width, image.height, image.channels], [width, height, 3], name);
    if (name === 'png' || name === 'tiff') assert.deepEqual(image.data, plain.data, name);
  }
  const npy = join(folder, 'npy');
  await generate(npy, samples, { labelNc: 0 }, outputFormat('npy', 3, '8', 95));
  const { shape, bytes, dtype } = readNpy(join(npy, 'a.npy'));
  assert.deepEqual([dtype, shape], ['uint8', [height, width, 3]]);
  assert.deepEqual(new Uint8Array(bytes), plain.data);
  await assert.rejects(
    generate(npy, samples, { labelNc: 0 }, outputFormat('npy', 3, '8', 95)),
    /a file that pix2pixhd did not make|existing file/,
  );
  assert.throws(() => outputFormat('png', 3, 'float', 95), /--format tiff/);
  assert.throws(() => outputFormat('jpeg', 6, '8', 95), /--format tiff/);
  assert.equal(outputFormat('auto', 6, '8', 95).name, 'tiff');
});
