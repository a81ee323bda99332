/**
 * Loads what {@link exportSafetensors} writes: a generator alone, with the options that say what it is. Depends on the
 * networks, inference and torch's files.
 */
import { nn, type SafetensorsContent, withSafetensors } from '@pix2pixhd/torch';
import { unusable } from '../checkpoint/unusable.js';
import type { Compute } from '../compute/choose-compute.js';
import { computeForInference, placeForInference } from '../compute/place-network.js';
import type { TrainConfig } from '../config/schema.js';
import { fromStoredConfig } from '../config/stored.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { buildGenerator } from '../networks/build.js';

/** Whether the metadata of a safetensors file are those of an exported generator. */
export function isExportedGenerator(metadata: SafetensorsContent['metadata']): boolean {
  return metadata.config !== undefined && metadata.state === undefined;
}

/**
 * Loads an exported generator; there is never an encoder beside it. To be disposed of.
 *
 * @throws UserError where the file is damaged, or its weights do not fit its options.
 */
export function loadExported(
  path: string,
  compute: Compute,
): { readonly generator: ImageGenerator; readonly config: TrainConfig; readonly step: number } {
  const own = computeForInference(compute);
  try {
    return withSafetensors(path, ({ tensors, metadata }) => {
      const config = fromStoredConfig(storedIn(metadata.config!), path);
      const network = nn.skipInit(() => buildGenerator(config));
      network.loadStateDict(tensors);
      placeForInference(network, own);
      return { generator: new ImageGenerator(network, config, own), config, step: Number(metadata.step ?? 0) };
    });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** The stored options with a place for the data: exported files do not say where that was. */
function storedIn(json: string): unknown {
  return { dataroot: '(exported)', ...(JSON.parse(json) as object) };
}
