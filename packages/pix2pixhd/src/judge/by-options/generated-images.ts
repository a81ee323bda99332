/** The images of a checkpoint, made for the comparison. Depends on interop, inference, styles and data. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { CheckpointStore } from '../../checkpoint/store.js';
import type { Compute } from '../../compute/choose-compute.js';
import { conditionOf } from '../../conditioning/condition.js';
import type { EvaluateConfig } from '../../config/commands/evaluate.js';
import { layoutFor } from '../../config/inputs.js';
import type { Named } from '../../config/named-values.js';
import { findSamples, type Sample } from '../../data/find/pairs.js';
import { UsageError, UserError } from '../../errors.js';
import { outputFormat } from '../../inference/encode-image.js';
import { generateFiles, type ImageVariant } from '../../inference/generate-files.js';
import { outputScale } from '../../inference/to-images.js';
import { type OpenedGenerator, openGenerator } from '../../interop/open-generator.js';
import { OutputGuard } from '../../output/guard.js';
import { makeFolder } from '../../output/make-folder.js';
import { styleByClusters } from '../../styles/apply/styler.js';
import { fileIdentity } from '../figure-cache.js';
import type { ImageFolder } from '../result-files.js';
import { isDamage } from '../survey.js';

/** What is told while images are made, and what stops it. */
export interface GeneratingHooks {
  readonly note: (line: string) => void;
  readonly onProgress: (done: number, total: number, what: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the images of a checkpoint, those that are not there from an earlier call.
 *
 * Of networks with an encoder the styles are those of the real image: what is judged is the drawing, not the choice. Others that
 * take styles get the mean style of each class.
 *
 * @returns the images that could be made, in `OUT/images/NAME`.
 * @throws UserError where there is no such checkpoint, its inputs are missing, or files that are not its own are in the way.
 */
export async function generatedImages(
  { name, value }: Named,
  config: EvaluateConfig,
  compute: Compute,
  { note, onProgress, signal }: GeneratingHooks,
): Promise<ImageFolder> {
  const { dataroot, phase, whichEpoch, out, force } = config;
  if (dataroot === null) throw withoutInputs(name);
  const checkpoint = checkpointAt(value, whichEpoch);
  const opened = openGenerator(checkpoint, compute);
  try {
    const { generator, config: trained } = opened;
    const samples = findSamples(dataroot, phase, {
      ...layoutFor(trained),
      useFeatures: trained.loadFeatures,
      imageOptional: !generator.hasEncoder,
      warn: note,
    });
    const path = join(out, 'images', name);
    const format = outputFormat('auto', trained.outputNc, outputScale(trained).depth, 100);
    const fileOf = ({ stem }: Sample) => join(path, `${stem}.${format.extension}`);
    const since = madeSince(join(out, 'images', `${name}.json`), checkpoint, config, compute);
    const isMade = (sample: Sample) => (statSync(fileOf(sample), { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since;
    const missing = samples.filter(sample => !isMade(sample));
    if (missing.length > 0) {
      const inputs = samples.flatMap(filesOf);
      const guard = new OutputGuard({
        doing: 'writing the images of a checkpoint',
        elsewhere: 'give --out another folder',
        ...{ inputs, inputFolders: new Set(inputs.map(dirname)), force },
      });
      const [before, total] = [samples.length - missing.length, samples.length];
      await generateFiles(
        generator,
        trained,
        { samples: missing, out: path, format, guard, variants: variantsOf(opened, missing) },
        {
          onDone: done => onProgress(before + done, total, `images made by ${name}`),
          onFailure: (sample, error) => {
            // What is wrong with all of them, such as their channels, is one error.
            if (!isDamage(error) || samples.length === 1) throw error;
            note(`warning: ${name} cannot make ${sample.stem}: ${error.parts.where ?? ''} ${error.parts.found}`);
          },
          onNotice: notice => note(`warning: ${notice}`),
          signal,
        },
      );
    }
    const files = new Map(samples.filter(isMade).map(sample => [sample.stem, fileOf(sample)]));
    return { path, files, ending: '', others: 0 };
  } finally {
    opened.generator.dispose();
  }
}

/**
 * Since when the images of a method are made of what they are made of now: the time of a file that says what that is. Older
 * images are another checkpoint's.
 */
function madeSince(
  file: string,
  checkpoint: string,
  { dataroot, phase }: EvaluateConfig,
  { device, precision }: Compute,
): number {
  const text = `${JSON.stringify({ checkpoint: fileIdentity(checkpoint), dataroot, phase, device, precision })}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    makeFolder(dirname(file));
    writeFileAtomic(file, text);
  }
  return statSync(file).mtimeMs;
}

function variantsOf({ file, generator, book }: OpenedGenerator, samples: readonly Sample[]): readonly ImageVariant[] {
  const plain: readonly ImageVariant[] = [{ suffix: '', styleFeatures: () => undefined }];
  if (!generator.takesStyles || samples.every(({ features }) => features !== undefined)) return plain;
  if (generator.hasEncoder)
    return [{ suffix: '', styleFeatures: batch => generator.encodeStyles(batch.image!, conditionOf(batch)) }];
  if (book !== undefined) return styleByClusters(generator, book, { kind: 'mean' }, [0], samples).variants;
  throw new UserError({
    code: 'STYLES_MISSING',
    doing: 'choosing the styles of the images to compare',
    where: file,
    found: 'a network that takes styles, without an encoder and without styles in its checkpoint',
    expected: 'one of them',
    remedy: 'make the images with pix2pixhd generate, and give their folder with --results',
  });
}

function filesOf({ label, source, sources = [], instance, features, image }: Sample): string[] {
  return [label, source, ...sources, instance, features, image].filter(file => file !== undefined);
}

/** The checkpoint of a run's folder, or the file itself. */
function checkpointAt(path: string, whichEpoch: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return path;
  if (found?.isDirectory() && existsSync(join(path, 'config.json')))
    return new CheckpointStore(join(path, 'checkpoints')).find(whichEpoch);
  throw new UserError({
    code: 'RUN_NOT_FOUND',
    doing: 'looking for a checkpoint to compare',
    where: path,
    found: found === undefined ? 'no such file or folder' : 'a folder without config.json',
    expected: 'the folder of a run, a checkpoint, or an exported generator',
    remedy: 'correct --checkpoints NAME=PATH, or --name and --checkpoints-dir',
  });
}

function withoutInputs(name: string): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: `making the images of ${name}`,
    where: '--checkpoints',
    found: 'no dataset',
    expected: '--dataroot, whose inputs the images are made of',
    remedy: 'give --dataroot FOLDER, and --phase if it is not test',
  });
}
