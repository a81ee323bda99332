/**
 * Gives every input of `generate` the features of its objects, as `--style` says. Depends on features and the file system.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Sample } from '../data/find/pairs.js';
import type { Batch } from '../data/load/batch.js';
import { UserError } from '../errors.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import { filesByStem, isFile } from '../inference/inputs.js';
import { findInstances } from './instances.js';
import type { StyleBook } from './style-book.js';
import {
  chooseStyle,
  readStyleChoices,
  type StyleChoices,
  type StyleOption,
  sameForAll,
  stylePlanes,
} from './style-choice.js';

/** One way to style an input. */
export interface Variant {
  /** Ending of the file name before `.png`: empty, or `.seed-3`. */
  readonly suffix: string;
  /**
   * @param batch of one input.
   * @returns (featNum, H, W); undefined where the network takes no features.
   */
  readonly features: (batch: Batch) => Float32Array | undefined;
}

/** How inputs are styled. */
export interface Styler {
  /** The inputs, with a real image each where styles are taken from one. */
  readonly samples: readonly Sample[];
  readonly variants: readonly Variant[];
}

/**
 * Styles from the clusters that a checkpoint has.
 *
 * @param seeds one for each image to be made of an input.
 * @throws UserError where a file of choices cannot be read.
 */
export function styleByClusters(
  generator: ImageGenerator,
  book: StyleBook,
  option: Exclude<StyleOption, { kind: 'image' }>,
  seeds: readonly number[],
  samples: readonly Sample[],
): Styler {
  const choices = choicesOf(option, book.featNum);
  const variants = seeds.map(
    (seed): Variant => ({
      suffix: seeds.length > 1 ? `.seed-${seed}` : '',
      features({ label, instance, width, height }) {
        const ids = generator.config.labelFeat ? label! : instance!;
        const instances = findInstances(ids, label, width, height);
        return stylePlanes(ids, instances, found => chooseStyle(book, choices, seed, found), book.featNum);
      },
    }),
  );
  return { samples, variants };
}

/**
 * Styles from images: what the encoder makes of them over the inputs' own instances.
 *
 * @param path an image for all inputs, or a folder with one of the same name for each.
 * @param warn told, in a line, which files of the folder are left out.
 * @throws UserError where an input has no image.
 */
export function styleByImages(
  generator: ImageGenerator,
  path: string,
  samples: readonly Sample[],
  warn?: (line: string) => void,
): Styler {
  const files = filesByStem(path, '--style', warn);
  const only = isFile(path) ? [...files.values()][0] : undefined;
  const features = (batch: Batch) => generator.encodeFeatures(batch.image!, { ...batch, images: 1 });
  return {
    samples: samples.map(sample => {
      const image = only ?? files.get(sample.stem) ?? files.get(basename(sample.stem));
      if (image !== undefined) return { ...sample, image };
      throw new UserError({
        code: 'PARTNER_MISSING',
        doing: 'looking for the image of a style',
        where: path,
        found: `no image ${sample.stem}`,
        expected: 'one for every input, of the same name',
        remedy: 'add it, or give --style image: with one image for all',
      });
    }),
    variants: [{ suffix: '', features }],
  };
}

function choicesOf(option: Exclude<StyleOption, { kind: 'image' }>, featNum: number): StyleChoices {
  switch (option.kind) {
    case 'random':
    case 'mean':
      return sameForAll(option.kind);
    case 'cluster':
      return sameForAll({ cluster: option.cluster });
    case 'file':
      return readStyleChoices(readText(option.path), option.path, featNum);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError(
      {
        code: 'STYLE_INVALID',
        doing: 'reading the choice of styles',
        where: path,
        found: cause instanceof Error ? cause.message : String(cause),
        expected: 'a JSON file',
        remedy: 'check the path after --style file:',
      },
      { cause },
    );
  }
}
