/** From input files to image files: notices, orientation, and stopping between two images. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import sharp from 'sharp';
import { trainSchema } from '../../src/config/schema.js';
import type { Sample } from '../../src/data/find/pairs.js';
import { generateFiles } from '../../src/inference/generate-files.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
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
async function generate(out: string, samples: readonly Sample[], more: object): Promise<string[]> {
  const config = trainSchema.parse({ ...options, ...more });
  const generator = new ImageGenerator(new Mirror(), config, prepareCompute(config));
  const notices: string[] = [];
  const guard = new OutputGuard({ doing: 'generating', elsewhere: 'elsewhere', inputs: [] });
  await generateFiles(
    generator,
    config,
    { samples, out, guard },
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
  const job = { samples, out: join(folder, 'out'), guard, variants: twice };
  const onDone = (done: number) => {
    if (done === 3) stop.abort();
  };
  assert.equal(await generateFiles(generator, config, job, { onDone, signal: stop.signal }), 2);
  assert.deepEqual(readdirSync(job.out), ['a.1.png', 'a.2.png', 'b.1.png']);
});
