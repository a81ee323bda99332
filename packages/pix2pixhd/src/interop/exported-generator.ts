/**
 * The file that {@link exportSafetensors} writes: a generator to share, with what belongs to it. Depends on the networks,
 * inference, the styles' tensors and torch's files.
 *
 * Tensors: the generator's state dict; `encoder.<key>`, the encoder's, if it has one; `styles.…`, its style book without crops. Metadata:
 * `config`, the options as JSON, all but the paths of this machine; `step`; `classes`, those of the data set as JSON, where it has
 * them. Loading takes weights of any precision.
 */

import {
  fromData,
  nn,
  noGrad,
  ops,
  readSafetensors,
  type SafetensorsContent,
  scope,
  type TensorData,
  withSafetensors,
  writeSafetensors,
} from '@pix2pixhd/torch';
import type { StyleBook } from '@pix2pixhd/web/scene';
import { unusable } from '../checkpoint/unusable.js';
import type { Compute } from '../compute/choose-compute.js';
import { computeForInference, placeForInference } from '../compute/place-network.js';
import type { TrainConfig } from '../config/schema.js';
import { fromStoredConfig, toStoredConfig } from '../config/stored.js';
import { type LabelClass, parseClasses } from '../data/labels/classes.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { buildEncoder, buildGenerator } from '../networks/build.js';
import { isCropTensor, isStyleTensor, toStyleTensors } from '../styles/files/style-book-tensors.js';

/** The precisions of stored weights. bf16 and fp16 halve the file. */
export type WeightPrecision = 'fp32' | 'bf16' | 'fp16';

const dtypes = { fp32: 'float32', bf16: 'bfloat16', fp16: 'float16' } as const;

const encoderPrefix = 'encoder.';

/** Options with paths of this machine, which do not belong in a file to be shared. */
const localPaths = new Set(['dataroot', 'checkpointsDir', 'loadPretrain', 'vggWeights', 'cacheDir']);

/** What is in the file. */
export interface ExportedParts {
  /** The options of the stage that was saved. */
  readonly config: TrainConfig;
  readonly step: number;
  readonly generator: ReadonlyMap<string, TensorData>;
  /** Empty where there is none. */
  readonly encoder: ReadonlyMap<string, TensorData>;
  readonly styles: StyleBook | undefined;
  readonly classes: readonly LabelClass[] | undefined;
}

/** Writes a generator to share. */
export function writeExported(file: string, precision: WeightPrecision, parts: ExportedParts): void {
  const { config, step, generator, encoder, styles, classes } = parts;
  // The configuration of a stage already describes its networks, so the stages themselves are left out.
  const stored = Object.entries(toStoredConfig({ ...config, stages: null })).filter(([key]) => !localPaths.has(key));
  const tensors = [
    ...[...generator].map(([key, data]) => [key, inPrecision(data, precision)] as const),
    ...[...encoder].map(([key, data]) => [encoderPrefix + key, inPrecision(data, precision)] as const),
    // Without the crops, which the page of styles shows: they would be a fifth of a small network's file.
    ...(styles === undefined ? [] : [...toStyleTensors(styles)].filter(([key]) => !isCropTensor(key))),
  ];
  writeSafetensors(file, new Map(tensors), {
    format: 'pt',
    config: JSON.stringify(Object.fromEntries(stored)),
    step: String(step),
    ...(classes !== undefined && { classes: JSON.stringify(classes) }),
  });
}

/** Whether the metadata of a safetensors file are those of an exported generator. */
export function isExportedGenerator(metadata: SafetensorsContent['metadata']): boolean {
  return metadata.config !== undefined && metadata.state === undefined;
}

/**
 * The options of an exported generator.
 * @throws UserError where the file is damaged.
 */
export function exportedConfig(path: string): TrainConfig {
  try {
    const { config } = readSafetensors(path, () => false).metadata;
    return fromStoredConfig(storedIn(config!), path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/**
 * Loads an exported generator and its encoder, if it has one; its styles are read as those of a checkpoint. To be disposed of.
 *
 * @throws UserError where the file is damaged, or its weights do not fit its options.
 */
export function loadExported(
  path: string,
  compute: Compute,
): {
  readonly generator: ImageGenerator;
  readonly config: TrainConfig;
  readonly step: number;
  readonly classes: readonly LabelClass[] | undefined;
} {
  try {
    return withSafetensors(path, ({ tensors, metadata }) => {
      const config = fromStoredConfig(storedIn(metadata.config!), path);
      const own = computeForInference(compute, config);
      const isEncoders = (name: string) => name.startsWith(encoderPrefix);
      const ofGenerator = [...tensors].filter(([name]) => !isEncoders(name) && !isStyleTensor(name));
      const ofEncoder = [...tensors]
        .filter(([name]) => isEncoders(name))
        .map(([name, data]) => [name.slice(encoderPrefix.length), data] as const);
      const network = nn.skipInit(() => buildGenerator(config));
      network.loadStateDict(new Map(ofGenerator));
      placeForInference(network, own);
      // Files of earlier versions have none, whatever their options say.
      const encoder = ofEncoder.length === 0 ? undefined : nn.skipInit(() => buildEncoder(config));
      if (encoder !== undefined) {
        encoder.loadStateDict(new Map(ofEncoder));
        placeForInference(encoder, own);
      }
      return {
        generator: new ImageGenerator(network, config, own, encoder),
        config,
        step: Number(metadata.step ?? 0),
        classes: metadata.classes === undefined ? undefined : parseClasses(metadata.classes, path),
      };
    });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** The stored options with a place for the data: exported files do not say where that was. */
function storedIn(json: string): unknown {
  return { dataroot: '(exported)', ...(JSON.parse(json) as object) };
}

/** Floating-point values, rounded to a precision; running counts stay as they are. */
function inPrecision(data: TensorData, precision: WeightPrecision): TensorData {
  const dtype = dtypes[precision];
  if (!data.dtype.startsWith('float') || data.dtype === dtype) return data;
  return noGrad(() => scope(() => ops.toDtype(fromData(data), dtype).toData()));
}
