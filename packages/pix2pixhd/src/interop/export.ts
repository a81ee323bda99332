/**
 * Exports a checkpoint for other programs: as the public implementation's files, or as one file to
 * generate with. Depends on the checkpoint, the styles' file, the options and torch's file writers.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorData, writePth } from '@pix2pixhd/torch';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { type NetworkLetter, networkLetters } from '../checkpoint/network-names.js';
import { toFlatDiscriminator } from '../checkpoint/official-keys.js';
import { usesImages } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { readClasses } from '../data/labels/classes.js';
import { UserError } from '../errors.js';
import { usesFeatures } from '../networks/build.js';
import { makeFolder } from '../output/make-folder.js';
import { readStyles } from '../styles/files/style-book-file.js';
import { baselineOptionsFile, formatBaselineOptions, officialGenerator } from './baseline-options.js';
import { type WeightPrecision, writeExported } from './exported-generator.js';
import { formatOptTxt } from './opt-txt.js';

/** How to export. */
export interface ExportOptions {
  /** The folder to write to; it is created. */
  readonly out: string;
  /** Export the weights as trained even if the run keeps their EMA. */
  readonly live: boolean;
  /** Replace existing files. */
  readonly force: boolean;
}

/**
 * Writes `latest_net_G.pth`, `latest_net_D.pth`, `latest_net_E.pth` if there is an encoder, `opt.txt` and `iter.txt`; of the
 * baselines `latest_net_G_A.pth` and so on, and `train_opt.txt`. The public implementations load them with `strict=True`.
 *
 * @returns the files.
 * @throws UserError if the public implementation has no such network, or a file exists already.
 */
export function exportPth(checkpoint: Checkpoint, options: ExportOptions): string[] {
  const { stageConfig: config } = checkpoint;
  checkHasCounterpart(config);
  const states = networkLetters.flatMap(letter => {
    const state = letter === 'G' ? generatorOf(checkpoint, options) : checkpoint.stateData(letter);
    return state.size === 0 ? [] : [[`latest_net_${letter}.pth`, officialKeys(config, letter, state)] as const];
  });
  const texts = textsOf(checkpoint);
  const names = [...states, ...texts].map(([name]) => name);
  prepareExport(names, options);
  for (const [name, weights] of states) writePth(join(options.out, name), new Map(weights));
  for (const [name, text] of texts) writeFileAtomic(join(options.out, name), text);
  return names.map(name => join(options.out, name));
}

/** Without feature matching NVIDIA's implementation numbers the discriminator's layers differently. */
function officialKeys(
  { model, noGanFeatLoss }: TrainConfig,
  letter: NetworkLetter,
  state: ReadonlyMap<string, TensorData>,
): ReadonlyMap<string, TensorData> {
  return letter === 'D' && model === 'pix2pixHD' && noGanFeatLoss ? toFlatDiscriminator(state) : state;
}

/** What is written beside the weights. */
function textsOf({ stageConfig: config, state }: Checkpoint): [name: string, text: string][] {
  if (config.model !== 'pix2pixHD') return [[baselineOptionsFile, formatBaselineOptions(config)]];
  return [
    ['opt.txt', formatOptTxt(config)],
    ['iter.txt', `${state.epoch}\n${state.batch * config.batchSize}\n`],
  ];
}

/**
 * Writes `generator.safetensors`, all that generating takes in one file: the generator, its encoder, the styles that `encode`
 * has found, and the names of its classes.
 *
 * @returns the files.
 * @throws UserError if the file exists already.
 */
export function exportSafetensors(
  checkpoint: Checkpoint,
  options: ExportOptions & { readonly precision: WeightPrecision },
): string[] {
  const { stageConfig: config, state, path } = checkpoint;
  if (config.model === 'cycle-gan') throw twoGenerators();
  const file = join(options.out, 'generator.safetensors');
  prepareExport(['generator.safetensors'], options);
  writeExported(file, options.precision, {
    config,
    step: state.step,
    generator: generatorOf(checkpoint, options),
    encoder: checkpoint.stateData('E'),
    styles: usesFeatures(config) ? readStyles(path) : undefined,
    classes: config.labelNc > 0 ? readClasses(config.dataroot) : undefined,
  });
  return [file];
}

/** The EMA if the run keeps one, unless `live`. */
function generatorOf(checkpoint: Checkpoint, { live }: ExportOptions): Map<string, TensorData> {
  const average = checkpoint.stateData('EMA');
  return live || average.size === 0 ? checkpoint.stateData('G') : average;
}

function twoGenerators(): UserError {
  return new UserError({
    code: 'NOT_EXPORTABLE',
    doing: 'exporting a generator',
    found: 'a run of --model cycle-gan, which has two generators',
    expected: 'a run with one',
    remedy: 'give --format pth or onnx, which have both',
  });
}

/** @throws UserError where the public implementation cannot read such images, or build such a network. */
function checkHasCounterpart({ netG, upsample, skips, inputs, ...config }: TrainConfig): void {
  const isBaseline = config.model !== 'pix2pixHD';
  const refuse = (found: string, expected: string) =>
    new UserError({
      code: 'NOT_EXPORTABLE',
      doing: `exporting a run for ${isBaseline ? 'the public code of pix2pix and CycleGAN' : "NVIDIA's code"}`,
      found,
      expected,
      remedy:
        config.model === 'cycle-gan'
          ? 'train such a run; generate works with the run as it is'
          : 'give --format safetensors, which holds any generator of this program',
    });
  if (inputs !== null) throw refuse(`several inputs (--inputs ${inputs}), which that code cannot read`, 'one input');
  const ranges = [...(usesImages({ ...config, inputs }) ? [config.inputRange] : []), config.outputRange];
  const ranged = ranges.find(range => range !== 'full' && range !== 'auto');
  if (ranged !== undefined)
    throw refuse(
      `images in a range of values (${ranged}), which that code does not have`,
      'images in their full range',
    );
  if (isBaseline) {
    if (config.labelNc > 0) throw refuse('label maps, which that code cannot read', 'images as inputs');
    if (officialGenerator({ netG, upsample, skips, inputs, ...config }) === undefined)
      throw refuse(
        'a generator that it has no name for',
        config.model === 'pix2pix'
          ? 'a U-Net of 7 or 8 halvings (--n-downsample-unet)'
          : '6 or 9 blocks, two halvings, transposed convolutions and no skips',
      );
    return;
  }
  if (netG === 'unet')
    throw refuse(
      'a U-Net (--netG unet), which that code does not have',
      'a run of pix2pixhd train --netG global or local',
    );
  if (upsample === 'resize')
    throw refuse(
      'upsampling by resize and convolution, which that code does not have',
      'a run of pix2pixhd train --upsample transpose',
    );
  if (skips !== 'none')
    throw refuse(`skips (--skips ${skips}), which that code does not have`, 'a run of pix2pixhd train --skips none');
}

/**
 * Makes the folder to export to.
 * @throws UserError where one of the files is there and must not be replaced.
 */
export function prepareExport(files: readonly string[], { out, force }: Pick<ExportOptions, 'out' | 'force'>): void {
  makeFolder(out);
  const there = files.filter(file => existsSync(join(out, file)));
  if (force || there.length === 0) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'exporting a run',
    where: out,
    found: `${there.join(', ')}, which would be overwritten`,
    expected: 'a folder without such files',
    remedy: 'give another --out, or --force to replace them',
  });
}
