/**
 * Which stored values become black and white in a run, decided once, over its training pairs, and kept with it. Depends on
 * data/survey and the configuration.
 */
import type { TrainConfig } from '../config/schema.js';
import { type Sample, sourcesOf } from '../data/find/pairs.js';
import { depthOf, surveyValues } from '../data/survey/survey.js';
import { formatRange } from '../data/values/range.js';
import { UserError } from '../errors.js';

/** The options that are decided. */
export type ValueOptions = Pick<TrainConfig, 'model' | 'inputRange' | 'outputRange' | 'outputDepth'>;

/**
 * The options with a range in place of `auto` and `percentile`, and a depth in place of `auto`: images of 8 bits have the full
 * range, all others that of {@link surveyValues}.
 *
 * @param say is told of each range that was taken from the data.
 * @throws UserError naming a file that cannot be read, or holds values that are not finite; where two domains have two depths.
 */
export async function decideValues<C extends ValueOptions>(
  config: C,
  samples: readonly Sample[],
  say: (line: string) => void = () => {},
): Promise<C> {
  const images = samples.flatMap(({ image }) => image ?? []);
  if (config.model === 'cycle-gan' && config.outputDepth === 'auto')
    await checkOneDepth(samples.flatMap(sourcesOf), images);
  const rangeFor = async (wanted: string, files: readonly string[], what: string): Promise<string> => {
    if (wanted !== 'percentile' && wanted !== 'auto') return wanted;
    if (files.length === 0 || (wanted === 'auto' && (await depthOf(files)) === '8')) return 'full';
    const { range, least, most, files: looked } = await surveyValues(files);
    say(
      `values of ${what} images: ${short(least)} to ${short(most)} in ${looked} files; ${short(range.low)} to ${short(range.high)} are used, black to white`,
    );
    return formatRange(range);
  };
  const wanted = config.inputRange.split('/');
  const inputRanges: string[] = [];
  const inputs = samples[0] === undefined ? 0 : sourcesOf(samples[0]).length;
  for (let i = 0; i < Math.max(1, inputs); i++) {
    const files = samples.flatMap(sample => sourcesOf(sample)[i] ?? []);
    const what = inputs > 1 ? `input ${i + 1}'s` : 'input';
    inputRanges.push(await rangeFor(wanted[Math.min(i, wanted.length - 1)]!, files, what));
  }
  return {
    ...config,
    inputRange: inputRanges.join('/'),
    outputRange: await rangeFor(config.outputRange, images, 'target'),
    outputDepth: config.outputDepth !== 'auto' ? config.outputDepth : images.length === 0 ? '8' : await depthOf(images),
  };
}

/** Results of either direction are written in the one depth that a run has. */
async function checkOneDepth(a: readonly string[], b: readonly string[]): Promise<void> {
  const [ofA, ofB] = [await depthOf(a), await depthOf(b)];
  if (ofA === ofB) return;
  const words = { '8': '8 bits', '16': '16 bits', float: 'floating point' };
  throw new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'deciding the depth of results',
    where: `${a[0]}, ${b[0]}`,
    found: `images of ${words[ofA]} in domain A, and of ${words[ofB]} in domain B`,
    expected: 'one depth in both folders',
    remedy: 'convert the images of one folder, or give --output-depth for the results of both directions',
  });
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}
