/** Images of a run's generators as they are now, as samples and validation take them. Depends on inference and data. */
import { conditionOf } from '../conditioning/condition.js';
import type { Batch } from '../data/load/batch.js';
import { packImage } from '../data/load/pack.js';
import type { SampleSpec } from '../data/load/sample.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import { type Image8, imageToShow } from '../raster.js';

/** How training prepares samples, without what is drawn anew in every epoch. */
export function stillSpec(spec: SampleSpec): SampleSpec {
  return { ...spec, transform: { ...spec.transform, flip: false, jitter: 0, zoom: 1, shift: 0 } };
}

/** The image of a batch of one pair, in the real image's style, so that the remaining difference is the generator's. */
export function generated(generator: ImageGenerator, batch: Batch): Image8 {
  const styleFeatures = generator.hasEncoder ? generator.encodeStyles(batch.image!, conditionOf(batch)) : undefined;
  return imageToShow(generator.generateBatch(batch, styleFeatures)[0]!);
}

/** An image brought to the generator's other domain. */
export function translated(generator: ImageGenerator, image: Image8): Image8 {
  const { width, height, channels } = image;
  const source = packImage(image, channels, false);
  return imageToShow(generator.generate({ images: 1, width, height, source, sourceChannels: channels })[0]!);
}
