/**
 * From many inputs to image files: decoding runs ahead in threads, writing is atomic, and an input that cannot be used does
 * not stop the others. Depends on data, the generator and the output module.
 */
import { join } from 'node:path';
import type { Sample } from '../data/find/pairs.js';
import type { Batch } from '../data/load/batch.js';
import { reasonOf, UserError } from '../errors.js';
import type { OutputGuard } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import { encodeImage, type OutputFormat } from './encode-image.js';
import type { ImageGenerator } from './image-generator.js';
import { type InputConfig, InputReader } from './input-reader.js';

/** One image to be made of every input. */
export interface ImageVariant {
  /** Ending of the file name before its extension: empty, or `.seed-3`. */
  readonly suffix: string;
  /**
   * @param batch of one input.
   * @returns (featNum, H, W); undefined where the network takes no styles.
   */
  readonly styleFeatures: (batch: Batch) => Float32Array | undefined;
}

/** The one image of an input that a network without styles makes. */
const unstyled: readonly ImageVariant[] = [{ suffix: '', styleFeatures: () => undefined }];

/** What {@link generateFiles} makes images of, and where it writes them. */
export interface FileGeneration {
  readonly samples: readonly Sample[];
  /** The folder of the images; it is made. */
  readonly out: string;
  /** The styles of the images, of networks that take styles. */
  readonly variants?: readonly ImageVariant[];
  /** Of networks with noise; default 0. */
  readonly noiseSeed?: number;
  /** Of the files. */
  readonly format: OutputFormat;
  /** Keeps the inputs, and files of others. */
  readonly guard: OutputGuard;
}

/** What {@link generateFiles} reports while it runs, and how it is stopped. */
export interface FileGenerationOptions {
  /** Called after each image with the number done, the file written and the seconds the network took. */
  readonly onDone: (done: number, file: string, seconds: number) => void;
  /** Called with what went wrong with an input; the others follow, unless this throws. Default: it does. */
  readonly onFailure?: (sample: Sample, error: unknown) => void;
  /** Called with what was done to inputs that their owner may not expect, once for each kind. */
  readonly onNotice?: (notice: string) => void;
  /** Stops after the image at hand. */
  readonly signal?: AbortSignal;
}

/**
 * Writes `OUT/STEM.png`, or another format, for every sample, at the input's own size; for each variant with its ending of the name.
 *
 * @returns the number of inputs that were looked at: all, unless stopped.
 * @throws UserError where a file would be overwritten that must not be, or nothing can be written to `out`; and what
 *   `onFailure` throws.
 */
export async function generateFiles(
  generator: ImageGenerator,
  config: InputConfig,
  { samples, out, guard, format, variants = unstyled, noiseSeed = 0 }: FileGeneration,
  { onDone, onFailure = rethrow, onNotice, signal }: FileGenerationOptions,
): Promise<number> {
  const fileOf = ({ stem }: Sample, { suffix }: ImageVariant) => join(out, `${stem}${suffix}.${format.extension}`);
  guard.checkAll(samples.flatMap(sample => variants.map(variant => fileOf(sample, variant))));
  writing(out, () => makeFolder(out));
  let done = 0;
  const generate = async (sample: Sample, batch: Batch, variant: ImageVariant): Promise<void> => {
    const before = performance.now();
    const image = generator.generateBatch(batch, variant.styleFeatures(batch), noiseSeed)[0]!;
    const seconds = (performance.now() - before) / 1000;
    const bytes = await encodeImage(image, format);
    const file = fileOf(sample, variant);
    writing(out, () => guard.write(file, bytes));
    onDone(++done, file, seconds);
  };
  await using reader = new InputReader(samples, config, onNotice);
  for (const [index, sample] of samples.entries()) {
    try {
      const batch = await reader.read(index);
      for (const variant of variants) {
        await generate(sample, batch, variant);
        if (signal?.aborted) return index + 1;
      }
    } catch (error) {
      // A disk that is full is not the fault of this input.
      if (error instanceof CannotWrite) throw error;
      onFailure(sample, error);
    }
    if (signal?.aborted) return index + 1;
  }
  return samples.length;
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
        found: isFileInTheWay(cause) ? 'a file of that name' : reasonOf(cause),
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
