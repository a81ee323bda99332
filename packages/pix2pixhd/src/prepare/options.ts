/**
 * The options of training that follow from a prepared data set: classes, channels, ranges of values. Depends on data.
 */
import { join } from 'node:path';
import { mapConcurrently } from '../concurrently.js';
import type { DatasetOptions } from '../data/dataset-file.js';
import { decodeLabelMap } from '../data/decode/decode.js';
import { readHeader } from '../data/files/header.js';
import { IGNORE_LABEL, WIDE_IGNORE_LABEL } from '../data/labels/values.js';
import { depthOf, spread, surveyValues, type ValueSurvey } from '../data/survey/survey.js';
import { formatRange } from '../data/values/range.js';
import { UserError } from '../errors.js';
import type { WrittenPair } from './prepare.js';
import type { PartRole } from './raw-pair.js';

/** What was found out about the images. */
export interface DataFacts {
  readonly options: DatasetOptions;
  /** Where images have more than 8 bits. */
  readonly values: { readonly source?: ValueSurvey; readonly image?: ValueSurvey };
}

/** Files whose headers are looked at. */
const HEADERS = 32;

/**
 * Looks at the training pairs.
 *
 * @param classes how many there are, where that is known.
 * @param ranges that were asked for; `auto` is decided by the values.
 */
export async function factsOf(
  out: string,
  pairs: readonly WrittenPair[],
  classes: number | undefined,
  ranges: { readonly inputRange: string; readonly outputRange: string },
): Promise<DataFacts> {
  const training = pairs.filter(({ phase }) => phase === 'train');
  const filesOf = (role: PartRole) => training.flatMap(({ files }) => (files[role] ? [join(out, files[role])] : []));
  const [sources, images] = [filesOf('source'), filesOf('image')];
  // A class may be in held-out maps alone.
  const labels = pairs.flatMap(({ files }) => (files.label ? [join(out, files.label)] : []));
  const input = await valuesOf(sources, ranges.inputRange);
  const output = await valuesOf(images, ranges.outputRange);
  return {
    options: {
      labelNc: labels.length === 0 ? 0 : (classes ?? (await classesIn(labels))),
      noInstance: filesOf('instance').length === 0,
      ...(sources.length > 0 && { inputNc: await channelsOf(sources), inputRange: input.range }),
      ...(images.length > 0 && { outputNc: await channelsOf(images), outputRange: output.range }),
    },
    values: {
      ...(input.survey && { source: input.survey }),
      ...(output.survey && { image: output.survey }),
    },
  };
}

/**
 * One more than the largest class of all label maps.
 * @throws UserError where the value for "no class" is that of more classes than there are.
 */
async function classesIn(files: readonly string[]): Promise<number> {
  let most = 0;
  let wide: string | undefined;
  await mapConcurrently(files, async file => {
    const { data } = await decodeLabelMap(file);
    for (const id of data) {
      if (id === WIDE_IGNORE_LABEL) wide = file;
      else if (id !== IGNORE_LABEL && id > most) most = id;
    }
  });
  if (wide === undefined || most > IGNORE_LABEL) return most + 1;
  throw new UserError({
    code: 'LABEL_OUT_OF_RANGE',
    doing: 'counting the classes of label maps',
    where: wide,
    found: `the value ${WIDE_IGNORE_LABEL}, and classes up to ${most}`,
    expected: `${IGNORE_LABEL} for pixels without a class: ${WIDE_IGNORE_LABEL} is that where there are more than ${IGNORE_LABEL} classes`,
    remedy: `save these pixels as ${IGNORE_LABEL}`,
  });
}

async function valuesOf(files: readonly string[], wanted: string): Promise<{ range: string; survey?: ValueSurvey }> {
  if (files.length === 0) return { range: 'full' };
  const isDeep = (await depthOf(files)) !== '8';
  if (!isDeep && wanted !== 'percentile') return { range: wanted === 'auto' ? 'full' : wanted };
  const survey = await surveyValues(files);
  return { range: wanted === 'auto' || wanted === 'percentile' ? formatRange(survey.range) : wanted, survey };
}

/** Channels without alpha, the most that occur. */
async function channelsOf(files: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    spread(files, HEADERS).map(async file => {
      const { channels, alpha } = await readHeader(file);
      return alpha ? channels - 1 : channels;
    }),
  );
  return Math.max(...counts);
}
