/**
 * `train_opt.txt`, in which the public implementation of pix2pix and CycleGAN records a training's options: reads it into our options,
 * and writes it for one of our runs. Depends on the options' descriptions and the file system.
 */
import { readFileSync, statSync } from 'node:fs';
import { optionsOf } from '../config/option.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { maxOptionBytes, pythonText, readValue } from './opt-txt.js';

/** The name of the file. */
export const baselineOptionsFile = 'train_opt.txt';

const firstLine = '----------------- Options ---------------';
const lastLine = '----------------- End -------------------';

/** Their names of options that mean the same here, today's first; the others are those of 2017. */
const sameMeaning: Readonly<Partial<Record<keyof TrainConfig, readonly string[]>>> = {
  dataroot: ['dataroot'],
  batchSize: ['batch_size', 'batchSize'],
  beta1: ['beta1'],
  fineSize: ['crop_size', 'fineSize'],
  ganMode: ['gan_mode'],
  inputNc: ['input_nc'],
  lambdaA: ['lambda_A'],
  lambdaB: ['lambda_B'],
  lambdaIdentity: ['lambda_identity'],
  lambdaL1: ['lambda_L1'],
  loadSize: ['load_size', 'loadSize'],
  lr: ['lr'],
  nLayersD: ['n_layers_D'],
  ndf: ['ndf'],
  ngf: ['ngf'],
  niter: ['n_epochs', 'niter'],
  niterDecay: ['n_epochs_decay', 'niter_decay'],
  noDropout: ['no_dropout'],
  noFlip: ['no_flip'],
  norm: ['norm'],
  outputNc: ['output_nc'],
  poolSize: ['pool_size'],
  resizeOrCrop: ['preprocess', 'resize_or_crop'],
  serialBatches: ['serial_batches'],
};

/** Values of theirs that are said by other options here. */
const otherWords: Readonly<Record<string, Readonly<Record<string, Partial<TrainConfig>>>>> = {
  model: { pix2pix: { model: 'pix2pix' }, cycle_gan: { model: 'cycle-gan' } },
  netG: {
    unet_256: { netG: 'unet', nDownsampleUnet: 8 },
    unet_128: { netG: 'unet', nDownsampleUnet: 7 },
    resnet_9blocks: { netG: 'global', nBlocksGlobal: 9 },
    resnet_6blocks: { netG: 'global', nBlocksGlobal: 6 },
  },
  // With n_layers the number is an option of its own.
  netD: { basic: { nLayersD: 3 }, n_layers: {} },
};

/** Whether a file is one of these, by its first line. */
export function isBaselineOptions(path: string): boolean {
  return linesOf(path)[0]?.trim() === firstLine.trim();
}

/**
 * Reads the options that both implementations have.
 *
 * @param overridden keys of our options whose lines are ignored, since they were given elsewhere.
 * @param notices receives a sentence about what is not taken.
 * @throws UserError naming file, line, and what would be accepted.
 */
export function readBaselineOptions(
  path: string,
  overridden: ReadonlySet<string>,
  notices: string[],
): Partial<TrainConfig> {
  const byKey = new Map(optionsOf(trainSchema).map(option => [option.key, option]));
  const keys = new Map(Object.entries(sameMeaning).flatMap(([key, names]) => names.map(name => [name, key] as const)));
  const read: Record<string, unknown> = {};
  for (const [i, line] of linesOf(path).entries()) {
    const [, name, text] = /^\s*(\w+): (.*?)\s*(?:\[default: .*\])?\s*$/.exec(line) ?? [];
    if (name === undefined || text === undefined) continue;
    const where = `${path}, line ${i + 1}`;
    if (name === 'direction' && text === 'BtoA')
      notices.push(`${where}: it was trained from B to A: what is called A here are its images of B`);
    const key = keys.get(name);
    const words = otherWords[name];
    if (words !== undefined) {
      const said = words[text];
      if (said === undefined) throw unknown(where, name, text, Object.keys(words));
      // The basic discriminator has three layers, whatever the option beside it says.
      Object.assign(read, said);
    } else if (key !== undefined && !overridden.has(key) && !(key === 'nLayersD' && 'nLayersD' in read)) {
      read[key] = readValue(byKey.get(key)!, text, where, name);
    }
  }
  for (const key of overridden) delete read[key];
  return read as Partial<TrainConfig>;
}

function linesOf(path: string): string[] {
  return statSync(path).size > maxOptionBytes ? [] : readFileSync(path, 'utf8').split(/\r?\n/);
}

function unknown(where: string, name: string, text: string, known: readonly string[]): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the options of an official checkpoint',
    where: `${where}, ${name}`,
    found: text,
    expected: known.join(', '),
    remedy: 'there is nothing like it here; remove the line if the weights are of one of these after all',
  });
}

/** The text of the file for one of our runs, as its networks and its training have it. */
export function formatBaselineOptions(config: TrainConfig): string {
  const values = new Map<string, string>([
    ['name', config.name],
    ['isTrain', 'True'],
    ['phase', 'train'],
    ['direction', 'AtoB'],
    ['dataset_mode', config.model === 'pix2pix' ? 'aligned' : 'unaligned'],
    ['init_type', 'normal'],
    ['init_gain', '0.02'],
    ['lr_policy', 'linear'],
    ['model', config.model === 'pix2pix' ? 'pix2pix' : 'cycle_gan'],
    ['netG', officialGenerator(config)!],
    ['netD', config.nLayersD === 3 ? 'basic' : 'n_layers'],
  ]);
  const ofTheOther = config.model === 'pix2pix' ? ['lambdaA', 'lambdaB', 'lambdaIdentity'] : ['lambdaL1'];
  for (const option of optionsOf(trainSchema)) {
    const name = sameMeaning[option.key as keyof TrainConfig]?.[0];
    if (name === undefined || ofTheOther.includes(option.key)) continue;
    values.set(name, pythonText(option, (config as Record<string, unknown>)[option.key]));
  }
  if (config.ganMode === 'hinge') values.set('gan_mode', 'lsgan');
  // Without dropout whatever the option says.
  if (config.model === 'cycle-gan') values.set('no_dropout', 'True');
  const lines = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${[firstLine, ...lines.map(([name, value]) => `${name.padStart(25)}: ${value}`), lastLine].join('\n')}\n`;
}

/** What the public implementation calls such a generator; undefined where it has none. */
export function officialGenerator(config: TrainConfig): string | undefined {
  const { model, nDownsampleUnet, nDownsampleGlobal, nBlocksGlobal, upsample, skips } = config;
  if (model === 'pix2pix') return { 7: 'unet_128', 8: 'unet_256' }[nDownsampleUnet];
  if (nDownsampleGlobal !== 2 || upsample !== 'transpose' || skips !== 'none') return undefined;
  return { 6: 'resnet_6blocks', 9: 'resnet_9blocks' }[nBlocksGlobal];
}
