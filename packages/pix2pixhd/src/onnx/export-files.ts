/**
 * The ONNX files of a checkpoint: which there are, and what is in them. Depends on interop, which opens the networks, and output.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { Compute } from '../compute/choose-compute.js';
import type { Direction } from '../config/direction.js';
import { readClasses } from '../data/labels/classes.js';
import { type ExportOptions, prepareExport } from '../interop/export.js';
import { generatorConfig, openGenerator } from '../interop/open-generator.js';
import { encoderModel, generatorModel } from './export-onnx.js';
import type { WeightStorage } from './weights.js';

/** How to export. */
export interface OnnxOptions extends ExportOptions {
  readonly storage: WeightStorage;
  /** Under which the weights may be used; it is written into the files. */
  readonly licence: string | null;
}

const cpu: Compute = { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' };

/**
 * Writes `generator.onnx`, and `encoder.onnx` where there is an encoder; of CycleGAN `generator_A.onnx`, from A to B, and
 * `generator_B.onnx`.
 *
 * @param path a checkpoint, or an exported generator.
 * @returns the files, and the step they were trained up to.
 * @throws UserError where the file is damaged or a network is too large, or a file exists already.
 */
export function exportOnnx(path: string, options: OnnxOptions): { readonly files: string[]; readonly step: number } {
  const { model } = generatorConfig(path);
  const generators: readonly (readonly [string, Direction])[] =
    model === 'cycle-gan'
      ? [
          ['generator_A.onnx', 'AtoB'],
          ['generator_B.onnx', 'BtoA'],
        ]
      : [['generator.onnx', 'AtoB']];
  prepareExport([...generators.map(([name]) => name), 'encoder.onnx'], options);
  const files: string[] = [];
  const write = (name: string, bytes: Uint8Array) => {
    const file = join(options.out, name);
    writeFileAtomic(file, bytes);
    files.push(file);
  };
  let trained = 0;
  for (const [name, direction] of generators) {
    const opened = openGenerator(path, cpu, direction, options.live);
    using generator = opened.generator;
    const { config, step, book } = opened;
    const classes = opened.classes ?? (config.labelNc > 0 ? readClasses(config.dataroot) : undefined);
    const { storage, licence } = options;
    const parts = {
      generator,
      config,
      step,
      book,
      classes,
      storage,
      licence: licence ?? undefined,
      version: version(),
    };
    write(name, generatorModel(parts));
    const encoder = encoderModel(parts);
    if (encoder !== undefined) write('encoder.onnx', encoder);
    trained = step;
  }
  return { files, step: trained };
}

/** The version of this package. */
function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (description as { version: string }).version;
}
