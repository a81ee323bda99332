/** How the values of images are distributed, as text for a terminal. Depends on the report's types and the survey. */
import type { Report, UsedValues } from '../data/check/findings.js';
import { cutOff } from '../data/survey/survey.js';

const bars = ' ▁▂▃▄▅▆▇█';
const SATURATED_SHOWN = 5;

/** What `check` says of values; empty where there is nothing to say. */
export function renderValues({ values }: Report): string {
  if (values === undefined) return '';
  const { sources, image } = values;
  const several = sources.length > 1;
  return [
    ...sources.map((source, i) => renderOne(`Values of the input images${several ? `, input ${i + 1}` : ''}`, source)),
    ...(image ? [renderOne('Values of the target images', image)] : []),
  ].join('\n');
}

function renderOne(title: string, values: UsedValues): string {
  const { files, of, storage, least, most, used, stuck, saturated } = values;
  const looked = files < of ? `${files} of ${of} files` : `${of} files`;
  const lines = [
    `${title}: ${short(least)} to ${short(most)}, stored as ${storage.map(name => inWords[name] ?? name).join(' and ')}, in ${looked}`,
    `    ${short(least)} ${drawn(values)} ${short(most)}`,
    `  used from black to white: ${rangeInWords(values)}`,
  ];
  if (typeof used === 'object' && (used.high - used.low) * 4 < most - least)
    lines.push('  the rest is hardly there: a few values lie far outside');
  if (stuck > 0) lines.push(`  ${stuck} pixels have the same value in all files: the sensor's dead pixels, perhaps`);
  if (saturated.length > 0) {
    const named = saturated.slice(0, SATURATED_SHOWN).join(', ');
    lines.push(
      `  ${saturated.length} files are saturated, more than 2 % at the largest value: ${named}${saturated.length > SATURATED_SHOWN ? ', …' : ''}`,
    );
  }
  return lines.join('\n');
}

function rangeInWords(values: UsedValues): string {
  const { used } = values;
  if (used === 'per-frame') return 'percentiles of each image by itself';
  if (used === 'clahe') return 'percentiles of each image by itself, contrast equalised locally';
  const { low, high } = cutOff(values, used);
  return `${short(used.low)} to ${short(used.high)}; ${percent(low)} lie below, ${percent(high)} above`;
}

/** The histogram, heights by the square root, so that rare values are seen too. */
function drawn({ histogram }: UsedValues): string {
  const highest = Math.max(...histogram);
  return histogram.map(count => bars[Math.ceil(Math.sqrt(count / highest) * (bars.length - 1))]).join('');
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

const inWords: Readonly<Record<string, string>> = {
  uchar: '8 bits',
  char: 'signed 8 bits',
  ushort: '16 bits',
  short: 'signed 16 bits',
  uint: '32 bits',
  int: 'signed 32 bits',
  float: 'floating point',
  double: '64-bit floating point',
};
