/**
 * Translates many inputs to files: decoding runs ahead in threads, writing is atomic, and an input that cannot be used
 * does not stop the others. Depends on data, the generator and the output module.
 */
import { join } from 'node:path';
import sharp from 'sharp';
import type { TrainConfig } from '../config/schema.js';
import type { Sample } from '../data/find/pairs.js';
import { parseLabelMap } from '../data/judge/label-map.js';
import { looksLikeMask } from '../data/judge/label-values.js';
import type { Batch } from '../data/load/batch.js';
import { Loader } from '../data/load/loader.js';
import type { SampleSpec } from '../data/load/sample.js';
import { IGNORE_LABEL } from '../data/raster.js';
import { UserError } from '../errors.js';
import type { OutputGuard } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import { markedPng } from '../output/own-png.js';
import type { Variant } from '../styles/styler.js';
import type { GeneratedImage, ImageGenerator } from './image-generator.js';

/** The one image of an input that a network without styles makes. */
const unstyled: readonly Variant[] = [{ suffix: '', features: () => undefined }];

/** What is to be translated, and where to. */
export interface Translation {
  readonly samples: readonly Sample[];
  /** The folder of the results; it is made. */
  readonly out: string;
  /** How to style the inputs, of networks that take styles. */
  readonly variants?: readonly Variant[];
  /** Keeps the inputs, and files of others. */
  readonly guard: OutputGuard;
}

/** How the work is watched and ended. */
export interface TranslationWatch {
  /** Called after each image with the number done, the file written and the seconds the network took. */
  readonly onDone: (done: number, file: string, seconds: number) => void;
  /** Called with what went wrong with an input; the others follow, unless this throws. Default: it does. */
  readonly onFailure?: (sample: Sample, error: unknown) => void;
  /** Is told, once each, what was done to inputs that their owner may not expect. */
  readonly onNotice?: (notice: string) => void;
  /** Asked after each image. */
  readonly stopped?: () => boolean;
}

/**
 * Writes `OUT/STEM.png` for every sample, at the input's own size; for each variant with its ending of the name.
 *
 * @returns the number of inputs that were looked at: all, unless stopped.
 * @throws UserError where a file would be overwritten that must not be, nothing can be written to `out`, or no PNG holds so
 *   many channels; and what `onFailure` throws.
 */
export async function translateAll(
  generator: ImageGenerator,
  config: Pick<TrainConfig, 'labelNc' | 'labelMap' | 'inputNc' | 'outputNc' | 'seed'>,
  { samples, out, guard, variants = unstyled }: Translation,
  { onDone, onFailure = rethrow, onNotice = () => {}, stopped = () => false }: TranslationWatch,
): Promise<number> {
  // Before the first image is computed: it may take a while.
  if (config.outputNc > 4) throw tooManyChannels(config.outputNc);
  const fileOf = ({ stem }: Sample, { suffix }: Variant) => join(out, `${stem}${suffix}.png`);
  guard.checkAll(samples.flatMap(sample => variants.map(variant => fileOf(sample, variant))));
  writing(out, () => makeFolder(out));
  let done = 0;
  const translate = async (sample: Sample, batch: Batch, variant: Variant): Promise<void> => {
    const before = performance.now();
    const features = variant.features(batch);
    const image = generator.translate({ ...batch, images: 1, ...(features && { features }) })[0]!;
    const seconds = (performance.now() - before) / 1000;
    const png = markedPng(await encodePng(image));
    const file = fileOf(sample, variant);
    writing(out, () => guard.write(file, png));
    onDone(++done, file, seconds);
  };
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
    let masks = 0;
    for (const [index, sample] of samples.entries()) {
      try {
        const batch = await loader.batch(0, index);
        if (isIgnored255(config) && looksLikeMask(batch.label ?? []) && masks++ === 0) onNotice(maskNotice);
        for (const variant of variants) {
          await translate(sample, batch, variant);
          if (stopped()) return index + 1;
        }
      } catch (error) {
        // A disk that is full is not the fault of this input.
        if (error instanceof CannotWrite) throw error;
        onFailure(sample, error);
      }
      if (stopped()) return index + 1;
    }
    return samples.length;
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

function rethrow(_: Sample, error: unknown): never {
  throw error;
}

/** Nothing more can be written. */
class CannotWrite extends UserError {}

function writing(out: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    // Of this one name: what is there already, or a name that is too long.
    if (cause instanceof UserError || (cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw cause;
    throw new CannotWrite(
      {
        code: 'CANNOT_WRITE',
        doing: 'writing the generated images',
        where: out,
        found: isFileInTheWay(cause) ? 'a file of that name' : cause instanceof Error ? cause.message : String(cause),
        expected: 'a folder that can be written to',
        remedy: `give --out another folder${isFileInTheWay(cause) ? '' : ', or change the permissions'}`,
      },
      { cause },
    );
  }
}

function isFileInTheWay(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return code === 'EEXIST' || code === 'ENOTDIR';
}

function tooManyChannels(channels: number): UserError {
  return new UserError({
    code: 'WRONG_CHANNELS',
    doing: 'choosing how to write the generated images',
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
