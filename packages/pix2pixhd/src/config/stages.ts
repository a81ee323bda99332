/**
 * Coarse to fine (section 3.2 of the paper): `--stages`, and the stages that it divides a run into, each with its own
 * configuration. A run without `--stages` is one stage. Depends on the schema and `errors.ts`.
 */
import { UsageError } from '../errors.js';
import type { TrainConfig } from './schema.js';

/** One stage of a run: one set of networks at one size with one schedule. */
export interface Stage {
  /** Counted from 1. */
  readonly number: number;
  /** How many stages the run has. */
  readonly of: number;
  /** 1: the global generator by itself; n: with n − 1 enhancers. */
  readonly level: number;
  /** Whether only the newest enhancer is trained, while everything trained before is frozen. */
  readonly frozen: boolean;
  /** Steps after which the stage ends; `null` where its epochs, `config.niter + config.niterDecay`, end it. */
  readonly steps: number | null;
  /** The run's options with those of this stage: networks, size, batch and schedule. */
  readonly config: TrainConfig;
}

/** One entry of `--stages`. */
interface Level {
  readonly width: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly fix?: number;
  readonly batch?: number;
  readonly lr?: number;
}

const settings = ['epochs', 'steps', 'fix', 'batch', 'lr'] as const;
type Setting = (typeof settings)[number];

/**
 * The stages of a run, in order.
 *
 * @throws UsageError where `--stages` cannot be read, or contradicts another option.
 */
export function stagesOf(config: TrainConfig): readonly Stage[] {
  if (config.stages === null) return [{ number: 1, of: 1, level: 1, frozen: false, steps: null, config }];
  const levels = parseStages(config.stages);
  checkStages(config, levels);
  const unnumbered = levels.flatMap((level, index) => stagesOfLevel(config, levels, level, index + 1));
  return unnumbered.map((stage, i) => ({ ...stage, number: i + 1, of: unnumbered.length }));
}

/** The stage with a number, as checkpoints have it. */
export function stageOf(config: TrainConfig, number: number): Stage {
  const stage = stagesOf(config)[number - 1];
  if (stage === undefined) throw new RangeError(`stage ${number} of a run that has ${stagesOf(config).length}`);
  return stage;
}

/** A stage in words: `stage 2 of 3: enhancer 1 alone, 128 wide`. */
export function describeStage({ number, of, level, frozen, steps, config }: Stage): string {
  const what =
    level === 1
      ? 'the global generator'
      : frozen
        ? `enhancer ${level - 1} alone, what came before frozen`
        : `global generator and ${level === 2 ? 'enhancer' : `${level - 1} enhancers`} together`;
  const end = steps === null ? `${config.niter + config.niterDecay} epochs` : `${steps} steps`;
  return `stage ${number} of ${of}: ${what}, ${config.loadSize} wide, batch ${config.batchSize}, ${end}`;
}

type Unnumbered = Omit<Stage, 'number' | 'of'>;

function stagesOfLevel(config: TrainConfig, levels: readonly Level[], level: Level, number: number): Unnumbered[] {
  const enhancers = number - 1;
  const base: TrainConfig = {
    ...config,
    netG: enhancers === 0 ? 'global' : 'local',
    nLocalEnhancers: Math.max(1, enhancers),
    // The option is the global generator's; each local enhancer has half as many as the level below.
    ngf: config.ngf / 2 ** enhancers,
    // One finer scale per level: the trained scales then see what they saw before.
    numD: config.numD + enhancers,
    loadSize: level.width,
    fineSize: Math.round((config.fineSize * level.width) / levels.at(-1)!.width),
    batchSize: level.batch ?? config.batchSize,
    lr: level.lr ?? config.lr,
  };
  const epochs = level.epochs ?? config.niter + config.niterDecay;
  const share = config.niter / Math.max(1, config.niter + config.niterDecay);
  const niter = Math.round(epochs * share);
  const joint: Unnumbered = {
    level: number,
    frozen: false,
    steps: level.steps ?? null,
    config: { ...base, niter, niterDecay: epochs - niter },
  };
  if (enhancers === 0) return [joint];
  const alone: Unnumbered = {
    level: number,
    frozen: true,
    steps: level.steps === undefined ? null : (level.fix ?? Math.ceil(level.steps / 10)),
    config: { ...base, niter: level.fix ?? config.nIterFixGlobal, niterDecay: 0 },
  };
  return [alone, joint];
}

function parseStages(text: string): Level[] {
  return text.split(',').map(entry => {
    const [width, ...rest] = entry.trim().split(':');
    if (!/^[1-9]\d{0,5}$/.test(width!))
      throw refused(text, `${width === '' ? 'nothing' : width} where a width should be`);
    const given: Partial<Record<Setting, number>> = {};
    for (const part of rest) {
      const [, key, value] = /^([^=]*)=?(.*)$/.exec(part)!;
      if (!settings.some(setting => setting === key))
        throw refused(text, `the setting ${part}`, `one of ${settings.join(', ')}, as in epochs=20`);
      if (given[key as Setting] !== undefined)
        throw refused(text, `${key} twice for the width ${width}`, 'each setting once');
      const number = Number(value);
      const whole = Number.isInteger(number) && number > 0;
      if (key === 'lr' ? !(number > 0 && Number.isFinite(number)) : !whole)
        throw refused(text, part, key === 'lr' ? 'a number above 0' : 'a whole number from 1');
      given[key as Setting] = number;
    }
    return { width: Number(width), ...given };
  });
}

function checkStages(config: TrainConfig, levels: readonly Level[]): void {
  const { stages: text, ngf, netG, resizeOrCrop } = config;
  const list = text!;
  if (levels.length > 5) throw refused(list, `${levels.length} widths`, 'at most 5');
  levels.forEach((level, i) => {
    const before = levels[i - 1];
    if (before !== undefined && level.width !== 2 * before.width)
      throw refused(
        list,
        `${level.width} after ${before.width}`,
        `each width twice the one before: ${2 * before.width}`,
      );
    if (level.epochs !== undefined && level.steps !== undefined)
      throw refused(list, `epochs and steps for the width ${level.width}`, 'only one of them');
    if (i === 0 && level.fix !== undefined)
      throw refused(list, 'fix for the first width', 'fix only for the others, which have an enhancer to train alone');
  });
  if (ngf % 2 ** (levels.length - 1) !== 0 || ngf < 2 ** (levels.length - 1))
    throw contradiction(
      '--ngf',
      String(ngf),
      `a multiple of ${2 ** (levels.length - 1)}: each enhancer has half the filters of the level below`,
    );
  if (config.niter + config.niterDecay === 0 && levels.some(({ epochs, steps }) => (epochs ?? steps) === undefined))
    throw contradiction('--niter', '0, and --niter-decay 0', 'epochs to train for, or epochs or steps for every width');
  if (netG !== 'global') throw contradiction('--netG', netG, 'global, to which --stages adds the local enhancers');
  if (resizeOrCrop === 'none' || resizeOrCrop === 'crop')
    throw contradiction(
      '--resize-or-crop',
      resizeOrCrop,
      'scale_width, scale_width_and_crop or resize_and_crop: the stages need images of their sizes',
    );
}

function refused(
  stages: string,
  found: string,
  expected = 'widths, each twice the one before, as in 512,1024',
): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'reading the stages of a run',
    where: `--stages ${stages}`,
    found,
    expected,
    remedy: 'pix2pixhd train --help explains --stages',
  });
}

function contradiction(option: string, found: string, expected: string): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'reading the stages of a run',
    where: option,
    found,
    expected,
    remedy: `give another ${option}, or leave --stages out`,
  });
}
