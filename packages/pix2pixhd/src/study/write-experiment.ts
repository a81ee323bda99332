/**
 * Writes the folder of an experiment: its images, all of one kind of file, and the plan. The folder appears when it is complete. Depends on
 * the decoder, the file system, and what an experiment is.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { mapConcurrently } from '../concurrently.js';
import { decodeLabelMap } from '../data/decode/decode.js';
import { readHeader } from '../data/files/header.js';
import { classColours, readClasses } from '../data/labels/classes.js';
import { Random } from '../data/random.js';
import { UserError } from '../errors.js';
import { makeFolder } from '../output/make-folder.js';
import { readToShow } from '../prepare/read-to-show.js';
import type { Image8 } from '../raster.js';
import { labelColours, paintLabels } from '../report/colour-labels.js';
import { showable, toSharp } from '../sharp-image.js';
import { EXPERIMENT_FILE, type Experiment, IMAGES_FOLDER, type StudyImage } from './experiment.js';
import { spoilt } from './spoil.js';

/** Where the images of an experiment come from: files by stem. */
export interface Material {
  readonly methods: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly real: ReadonlyMap<string, string> | null;
  readonly labels: ReadonlyMap<string, string> | null;
}

/** How writing is followed and stopped. */
export interface WriteHooks {
  readonly onImage: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** @throws UserError where an experiment of that name is there. */
export function expectNew(study: string, name: string): void {
  const folder = join(study, name);
  if (!existsSync(folder)) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'making an experiment',
    where: folder,
    found: 'an experiment or a folder of that name',
    expected: 'nothing: an experiment is not changed once raters may have its links',
    remedy: 'choose another --name, or another --out',
  });
}

/**
 * Writes `STUDY/NAME`.
 *
 * @returns the folder.
 * @throws UserError where an image cannot be read or the folder is there; what `signal` was aborted with. Nothing is left then.
 */
export async function writeExperiment(
  study: string,
  experiment: Experiment,
  material: Material,
  { onImage, signal }: WriteHooks,
): Promise<string> {
  expectNew(study, experiment.name);
  const folder = join(study, experiment.name);
  const unfinished = join(study, `.${experiment.name}.unfinished-${process.pid}`);
  makeFolder(study);
  try {
    // Its links are for whoever runs the study.
    mkdirSync(unfinished, { mode: 0o700 });
    mkdirSync(join(unfinished, IMAGES_FOLDER));
    let done = 0;
    await mapConcurrently([...experiment.images.entries()], async ([place, image]) => {
      signal.throwIfAborted();
      const pixels = await pixelsOf(image, material, new Random(experiment.seed, place));
      // Nothing of the file that it came from: neither tags nor profile, and colours in three channels whatever it had.
      const png = await toSharp(pixels).toColourspace('srgb').png().toBuffer();
      writeFileAtomic(join(unfinished, IMAGES_FOLDER, image.file), png);
      onImage(++done, experiment.images.length);
    });
    writeFileAtomic(join(unfinished, EXPERIMENT_FILE), `${JSON.stringify(experiment)}\n`);
    expectNew(study, experiment.name);
    renameSync(unfinished, folder);
    return folder;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function pixelsOf({ role, stem, method }: StudyImage, material: Material, random: Random): Promise<Image8> {
  if (role === 'label') return readLabels(material.labels!.get(stem)!);
  const from =
    method === undefined ? (material.real ?? [...material.methods.values()][0]!) : material.methods.get(method)!;
  const image = await readColours(from.get(stem)!);
  return role === 'spoilt' ? spoilt(image, random) : image;
}

/** Three channels; what is transparent is white. */
async function readColours(file: string): Promise<Image8> {
  const image = await readToShow(file);
  const { data, info } = await toSharp(image.channels > 4 ? showable(image) : image)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) };
}

/** An image in colours as it is; a map of ids in the colours of the data set's `classes.json`, or in distinct ones. */
async function readLabels(file: string): Promise<Image8> {
  const { channels } = await readHeader(file);
  if (channels >= 3) return readColours(file);
  const { width, height, data } = await decodeLabelMap(file);
  const classes = readClasses(dirname(dirname(file)));
  const colours = classes === undefined ? labelColours(256) : classColours(classes);
  return { width, height, channels: 3, data: paintLabels(data, colours) };
}
