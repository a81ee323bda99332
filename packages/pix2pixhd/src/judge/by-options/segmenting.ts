/** What images are segmented by, and against: the segmenter and the label maps that the options name. Depends on the segmenters. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chooseCompute } from '../../compute/choose-compute.js';
import type { EvaluateConfig } from '../../config/commands/evaluate.js';
import { readClasses } from '../../data/labels/classes.js';
import { openSegmenter } from '../../segmentation/open-segmenter.js';
import type { Segmenting } from '../segmentation/measure-scenes.js';
import { labelMaps } from './sources.js';

/** @returns undefined where nothing is to be segmented; else what to dispose of, with its segmenter. */
export async function segmentingOf(
  config: EvaluateConfig,
  warn: (line: string) => void,
): Promise<(Segmenting & AsyncDisposable) | undefined> {
  const { segmenter: file, dataroot } = config;
  if (file === null) return undefined;
  const { path, files } = labelMaps(config, warn);
  // In float32 everywhere: scores must not depend on what the hardware multiplies.
  const segmenter = await openSegmenter(file, chooseCompute({ ...config, precision: 'fp32' }), process.cwd());
  const classes = readClasses(dataroot!) ?? [];
  return {
    segmenter,
    digest: await digestOf(segmenter.files),
    labels: files,
    folder: path,
    classNames: new Map(classes.map(({ id, name }) => [id, name])),
    [Symbol.asyncDispose]: () => segmenter[Symbol.asyncDispose](),
  };
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest('hex');
}
