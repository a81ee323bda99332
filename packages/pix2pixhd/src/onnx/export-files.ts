/**
 * The ONNX files of a checkpoint: which there are, and what is in them. Depends on interop, which opens the networks, and output.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { Compute } from '../compute/choose-compute.js';
import type { Direction } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import { cityscapesClasses } from '../data/labels/cityscapes.js';
import { type LabelClass, readClasses } from '../data/labels/classes.js';
import { type ExportOptions, prepareExport } from '../interop/export.js';
import { generatorConfig, type OpenedGenerator, openGenerator } from '../interop/open-generator.js';
import { encoderModel, generatorModel } from './export-onnx.js';
import type { WeightStorage } from './weights.js';

/** What is exported. */
export interface ModelOptions {
  /** The weights as trained, even if the run keeps their EMA. */
  readonly live: boolean;
  readonly storage: WeightStorage;
  /** Under which the weights may be used; it is written into the files. */
  readonly licence: string | null;
}

/** The file of a generator, and that of its encoder where there is one. */
export interface Models {
  readonly generator: Uint8Array;
  readonly encoder: Uint8Array | undefined;
  /** What they are, without weights. */
  readonly opened: Pick<OpenedGenerator, 'config' | 'step' | 'classes'>;
}

const cpu: Compute = { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' };

/**
 * Makes the ONNX files of a direction.
 *
 * @param path a checkpoint, or an exported generator.
 * @throws UserError where the file is damaged, or a network is too large.
 */
export function modelsOf(path: string, direction: Direction, { live, storage, licence }: ModelOptions): Models {
  const opened = openGenerator(path, cpu, direction, live);
  using generator = opened.generator;
  const { config, step, book } = opened;
  const classes = opened.classes ?? (config.labelNc > 0 ? namedClasses(config) : undefined);
  const parts = { generator, config, step, book, classes, storage, licence: licence ?? undefined, version: version() };
  return { generator: generatorModel(parts), encoder: encoderModel(parts), opened: { config, step, classes } };
}

/**
 * Writes `generator.onnx`, and `encoder.onnx` where there is an encoder; of CycleGAN `generator_A.onnx`, from A to B, and
 * `generator_B.onnx`.
 *
 * @param path a checkpoint, or an exported generator.
 * @returns the files, and the step they were trained up to.
 * @throws UserError where the file is damaged or a network is too large, or a file exists already.
 */
export function exportOnnx(
  path: string,
  options: ModelOptions & Pick<ExportOptions, 'out' | 'force'>,
): { readonly files: string[]; readonly step: number } {
  const isBoth = generatorConfig(path).model === 'cycle-gan';
  const named: readonly (readonly [string, Direction])[] = isBoth
    ? [
        ['generator_A.onnx', 'AtoB'],
        ['generator_B.onnx', 'BtoA'],
      ]
    : [['generator.onnx', 'AtoB']];
  prepareExport([...named.map(([name]) => name), 'encoder.onnx'], options);
  // That of an earlier generator would be taken for this one's.
  rmSync(join(options.out, 'encoder.onnx'), { force: true });
  const files: string[] = [];
  const write = (name: string, bytes: Uint8Array) => {
    const file = join(options.out, name);
    writeFileAtomic(file, bytes);
    files.push(file);
  };
  let trained = 0;
  for (const [name, direction] of named) {
    const { generator, encoder, opened } = modelsOf(path, direction, options);
    write(name, generator);
    if (encoder !== undefined) write('encoder.onnx', encoder);
    trained = opened.step;
  }
  return { files, step: trained };
}

/** The classes of the data set, or those of Cityscapes where there are as many. */
function namedClasses({ dataroot, labelNc }: TrainConfig): readonly LabelClass[] | undefined {
  return readClasses(dataroot) ?? (labelNc === cityscapesClasses.length ? cityscapesClasses : undefined);
}

/** The version of this package. */
function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (description as { version: string }).version;
}
