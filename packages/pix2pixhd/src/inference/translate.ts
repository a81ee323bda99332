/**
 * Translates many inputs to files: decoding runs ahead in threads, writing is atomic. Depends on data and the generator.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import sharp from 'sharp';
import type { TrainConfig } from '../config/schema.js';
import { parseLabelMap } from '../data/label-map.js';
import { looksLikeMask } from '../data/label-values.js';
import { Loader } from '../data/loader.js';
import type { Sample } from '../data/pairs.js';
import { IGNORE_LABEL } from '../data/raster.js';
import type { SampleSpec } from '../data/sample.js';
import { UserError } from '../errors.js';
import type { GeneratedImage, ImageGenerator } from './image-generator.js';
import type { Variant } from './styler.js';

/** The one picture of an input that a network without styles makes. */
const unstyled: readonly Variant[] = [{ suffix: '', features: () => undefined }];

/**
 * Writes `OUT/STEM.png` for every sample, at the input's own size; for each variant with its ending of the name.
 * @param onDone called after each with the number done, the file written and the seconds the network took.
 * @param variants how to style the inputs, of networks that take styles.
 * @param onNotice is told, once each, what was done to inputs that their owner may not expect.
 * @throws UserError where an input cannot be used, nothing can be written to `out`, or no PNG holds so many channels.
 */
export async function translateAll(
  generator: ImageGenerator,
  config: Pick<TrainConfig, 'labelNc' | 'labelMap' | 'inputNc' | 'outputNc' | 'seed'>,
  samples: readonly Sample[],
  out: string,
  onDone: (done: number, file: string, seconds: number) => void,
  variants: readonly Variant[] = unstyled,
  onNotice: (notice: string) => void = () => {},
): Promise<void> {
  // Before the first picture is computed: it may take a while.
  if (config.outputNc > 4) throw tooManyChannels(config.outputNc);
  writing(out, () => mkdirSync(out, { recursive: true }));
  const loader = new Loader({
    samples,
    spec: translationSpec(config),
    batchSize: 1,
    seed: config.seed,
    shuffle: false,
    epochs: 1,
    cacheBytes: 0,
    onNotice,
  });
  try {
    let done = 0;
    let masks = 0;
    for await (const batch of loader.epoch(0)) {
      if (isIgnored255(config) && looksLikeMask(batch.label ?? []) && masks++ === 0) onNotice(maskNotice);
      for (const { suffix, features: featuresOf } of variants) {
        const before = performance.now();
        const features = featuresOf(batch);
        const image = generator.translate({ ...batch, images: 1, ...(features && { features }) })[0]!;
        const seconds = (performance.now() - before) / 1000;
        const file = join(out, `${batch.stems[0]}${suffix}.png`);
        const png = await encodePng(image);
        writing(out, () => {
          mkdirSync(dirname(file), { recursive: true });
          writeFileAtomic(file, png);
        });
        onDone(++done, file, seconds);
      }
    }
  } finally {
    await loader.close();
  }
}

/** Whether 255 is no class, though there are two that 0 and 255 could mean. */
function isIgnored255({ labelNc }: Pick<TrainConfig, 'labelNc'>): boolean {
  return labelNc > 1 && labelNc <= IGNORE_LABEL;
}

const maskNotice =
  'some label maps hold 0 and 255 alone, as masks do, but 255 means "no class": give the pixels of a class its own number';

/** How inputs are brought to a network of this configuration: as in training, but at their own size. */
export function translationSpec({
  labelNc,
  labelMap,
  inputNc,
  outputNc,
}: Pick<TrainConfig, 'labelNc' | 'labelMap' | 'inputNc' | 'outputNc'>): SampleSpec {
  return {
    transform: { mode: 'none', loadSize: 1, fineSize: 1, multiple: 1, flip: false },
    labelNc,
    labelMap: parseLabelMap(labelMap),
    sourceChannels: inputNc,
    imageChannels: outputNc,
    alpha: 'drop',
  };
}

function writing(out: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new UserError(
      {
        doing: 'writing the generated pictures',
        where: out,
        found: cause instanceof Error ? cause.message : String(cause),
        expected: 'a folder that can be written to',
        remedy: 'give --out another folder, or change the permissions',
      },
      { cause },
    );
  }
}

function tooManyChannels(channels: number): UserError {
  return new UserError({
    doing: 'choosing how to write the generated pictures',
    found: `a network that makes ${channels} channels`,
    expected: 'at most 4, which is what a PNG file holds',
    remedy: 'use ImageGenerator from a program of your own: it gives the values themselves',
  });
}

/** The PNG file of an image of 1 to 4 channels; one channel stays grey. */
function encodePng({ data, width, height, channels }: GeneratedImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } })
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 4 })
    .toBuffer();
}
