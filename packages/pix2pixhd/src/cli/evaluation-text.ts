/** An evaluation as text for a terminal. Depends on the results and the metrics' interfaces. */

import { formatNumber } from '../evaluation/metric.js';
import { type Judgement, rowNames } from '../judge/judge.js';
import type { Exclusion } from '../judge/match.js';
import { exclusionInWords } from '../judge/page/evaluation-page.js';
import { segmentationInWords } from '../judge/page/segmentation.js';
import { heading, isAboveOracle, signed, spreadInWords } from '../judge/page/tables.js';
import { pInWords } from '../report/p-value.js';

const LISTED = 5;

/** The table: a method a row, below each but the first its differences, and last the oracle where there is one. */
export function renderEvaluation(judgement: Judgement): string {
  const { rows, methods, metrics, summaries, differences, segmentation } = judgement;
  const lines = [['method', ...metrics.map(heading)]];
  for (const [i, name] of rowNames(judgement).entries()) {
    lines.push([
      name,
      ...metrics.map(metric => {
        const summary = summaries.get(metric.name)![i];
        if (summary === undefined) return '–';
        const spread = spreadInWords(metric, summary);
        const inWords = spread.startsWith('±') ? ` ${spread}` : spread === '' ? '' : ` (${spread})`;
        return formatNumber(metric, summary.value) + inWords + (isAboveOracle(judgement, metric, i) ? ' !' : '');
      }),
    ]);
    const own = differences.filter(({ method }) => method === name);
    if (own.length === 0) continue;
    lines.push([
      `  less ${methods[0]!.name}`,
      ...metrics.map(metric => {
        const found = own.find(one => one.metric === metric.name);
        if (found === undefined) return '';
        const { value, low, high, p } = found;
        const ends =
          low === undefined || high === undefined ? '' : `${signed(metric, low)} to ${signed(metric, high)}, `;
        return `${signed(metric, value)} (${ends}p ${pInWords(p)})`;
      }),
    ]);
  }
  const images = `${rows.length} ${rows.length === 1 ? 'image' : 'images'}, the same for every method; intervals of 95 %`;
  const scored = segmentation === undefined ? '' : `${segmentationInWords(segmentation)}\n`;
  return `${images}\n\n${inBlocks(lines).join('\n\n')}\n${scored}`;
}

/** Columns that are aligned; those that do not fit beside each other follow below, the first column again before them. */
function inBlocks(lines: readonly (readonly string[])[], columns = 120): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)));
  const blocks: number[][] = [];
  let room = 0;
  for (const [column, width] of widths.entries()) {
    if (column === 0) continue;
    room -= width + 2;
    if (blocks.length === 0 || room < 0) {
      blocks.push([]);
      room = columns - widths[0]! - width - 2;
    }
    blocks.at(-1)!.push(column);
  }
  return blocks.map(block =>
    lines
      .map(line =>
        [0, ...block]
          .map(column => line[column]!.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n'),
  );
}

/** One line for each reason why images are not compared, with counts and the first few. */
export function exclusionsInWords({ exclusions, rows }: Judgement): string[] {
  const groups = new Map<string, Exclusion[]>();
  for (const one of exclusions) {
    const key = one.why === 'unreadable' ? 'unreadable' : `${one.why} ${one.methods.join(', ')}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map(group => {
    const { why, methods } = group[0]!;
    const of = methods.join(', ');
    const reason =
      why === 'missing'
        ? `real images have no counterpart in ${of}; every method is compared on the other ${rows.length}`
        : why === 'no-real'
          ? `results of ${of} have no real image`
          : why === 'no-labels'
            ? 'images have no label map'
            : 'images cannot be read and are left out of every method';
    const names = group.slice(0, LISTED).map(one => (why === 'unreadable' ? exclusionInWords(one) : one.stem));
    return `not compared: ${group.length} ${reason}: ${names.join(', ')}${group.length > LISTED ? ', …' : ''}`;
  });
}
