/**
 * What a page begins with: how its inputs are drawn, drawings of a data set, and the size of a blank one. Depends on the data module,
 * the options of a training and the gallery.
 */
import { existsSync } from 'node:fs';
import { type DrawnValues, plainDrawing } from '@pix2pixhd/editor/session';
import type { TrainConfig } from '../config/schema.js';
import { readHeader } from '../data/files/header.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { parseRange } from '../data/values/range.js';
import { UserError } from '../errors.js';
import { Gallery } from './gallery.js';
import { inputValues } from './input-values.js';

/** What a generator takes. */
export interface TakenInputs {
  readonly labelNc: number;
  readonly inputChannels: number;
  readonly needsInstances: boolean;
  /** Of CycleGAN, the other way: its inputs are the images of the other domain. */
  readonly backwards?: boolean;
}

/** Where drawings come from. */
export interface DrawingOptions {
  /** A data set that was named, which must have them. */
  readonly dataroot: string | null;
  /** One that comes with the generator. */
  readonly own: string | null;
  readonly phase: string;
  /** Longest side of a blank drawing. */
  readonly maxSide: number;
}

/** What a page begins with. */
export interface Beginning {
  /** The data set that the generator was trained on, or one like it; null where there is none. */
  readonly dataroot: string | null;
  readonly inputs: DrawnValues;
  readonly gallery: Gallery;
  readonly size: { readonly width: number; readonly height: number };
}

/**
 * Finds what a page begins with.
 * @param config of the training's last stage; null where nothing is known of it.
 * @throws UserError where the data set that was named has no such drawings, or one of them cannot be read.
 */
export async function beginningOf(
  taken: TakenInputs,
  config: TrainConfig | null,
  { dataroot: named, own, phase, maxSide }: DrawingOptions,
): Promise<Beginning> {
  const trainedOn = config !== null && existsSync(config.dataroot) ? config.dataroot : null;
  const dataroot = named ?? own ?? trainedOn;
  const samples = dataroot === null ? [] : samplesOf(dataroot, phase, named !== null, taken);
  const sources = samples.flatMap(({ source }) => source ?? []);
  const { labelNc, inputChannels } = taken;
  const inputs =
    labelNc > 0 ? plainDrawing : await inputValues(parseRange(config?.inputRange ?? 'full'), inputChannels, sources);
  const size = await canvasSize(samples[0], config, maxSide);
  return { dataroot, inputs, gallery: new Gallery(samples, scales(config) ? size.width : null, inputs), size };
}

/** A data set that was named must have drawings; the training's own may have none held out. */
function samplesOf(
  dataroot: string,
  phase: string,
  named: boolean,
  { labelNc, needsInstances, backwards = false }: TakenInputs,
): readonly Sample[] {
  try {
    if (backwards)
      return findSamples(dataroot, phase, { labelNc, useInstance: false, domains: ['image'] }).map(
        ({ stem, image }) => ({
          stem,
          source: image!,
        }),
      );
    return findSamples(dataroot, phase, { labelNc, useInstance: needsInstances, imageOptional: true });
  } catch (error) {
    if (named || !(error instanceof UserError)) throw error;
    return [];
  }
}

/** Whether training brought all images to one width. */
function scales(config: TrainConfig | null): config is TrainConfig {
  return config !== null && config.resizeOrCrop !== 'none' && config.resizeOrCrop !== 'crop';
}

/** The size of a blank canvas: as wide as the training's images, as high as they are. */
async function canvasSize(
  sample: Sample | undefined,
  config: TrainConfig | null,
  maxSide: number,
): Promise<{ width: number; height: number }> {
  const file = sample?.label ?? sample?.source;
  const stored = file === undefined ? { width: 1, height: 1 } : await readHeader(file);
  const width = Math.min(maxSide, scales(config) ? config.loadSize : file === undefined ? 256 : stored.width);
  return { width, height: Math.min(maxSide, Math.max(1, Math.round((width * stored.height) / stored.width))) };
}
