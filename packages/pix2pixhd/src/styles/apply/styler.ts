/**
 * The styles of every image that `generate` makes, as `--style` asks for them. Depends on the styles, on data and on
 * inference.
 */

import { basename } from 'node:path';
import { choosePlanes, type StyleBook, type StyleChoices, sameForAll } from '@pix2pixhd/web/scene';
import { conditionOf } from '../../conditioning/condition.js';
import type { Sample } from '../../data/find/pairs.js';
import { UserError } from '../../errors.js';
import type { ImageVariant } from '../../inference/generate-files.js';
import { filesByStem, isFile } from '../../inference/image-files.js';
import type { ImageGenerator } from '../../inference/image-generator.js';
import { readStyleChoices } from '../files/style-choices-file.js';
import type { StyleOption } from './style-option.js';

/** How inputs are styled. */
export interface Styler {
  /** The inputs, with a real image each where styles are taken from one. */
  readonly samples: readonly Sample[];
  readonly variants: readonly ImageVariant[];
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
    (seed): ImageVariant => ({
      suffix: seeds.length > 1 ? `.seed-${seed}` : '',
      styleFeatures: batch => choosePlanes(book, choices, seed, batch, generator.config.labelFeat),
    }),
  );
  return { samples, variants };
}

/**
 * Styles from images: what the encoder finds in them, over the inputs' own instances.
 *
 * @param path an image for all inputs, or a folder with one of the same name for each.
 * @param warn called with a line that says which files of the folder are left out.
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
    variants: [{ suffix: '', styleFeatures: batch => generator.encodeStyles(batch.image!, conditionOf(batch)) }],
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
      return readStyleChoices(option.path, featNum);
  }
}
