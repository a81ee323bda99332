/** Results in words, for the terminal and the page alike. Depends on the types of results. */
import { pInWords } from '../report/p-value.js';
import type { Comparison, ExperimentResults, Ranked, RaterResult } from './results.js';

/** A share as `62.5 %`; a dash where there is none. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`;
}

/** An interval of shares as `55.1 … 69.4 %`. */
export function percents({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${(100 * low).toFixed(1)} … ${(100 * high).toFixed(1)} %`;
}

/** A time as people say it: `1/8 s`, `4 s`. */
export function seconds(ms: number): string {
  const parts = 1000 / ms;
  return ms < 1000 && Number.isInteger(parts) ? `1/${parts} s` : `${ms / 1000} s`;
}

/** Rows of a table: the headings first. */
export type Rows = readonly (readonly string[])[];

/** The comparisons of an experiment. */
export function comparisonRows({ kind, comparisons }: ExperimentResults): Rows {
  const timed = kind === 'limited-time';
  const row = (one: Comparison) => [
    `${one.method} over ${one.against}`,
    ...(timed ? [one.exposureMs === null ? 'all' : seconds(one.exposureMs)] : []),
    String(one.answers),
    percent(one.share),
    ...(one.answers === 0 ? ['–', '–'] : [percents(one), pInWords(one.p)]),
  ];
  return [['preferred', ...(timed ? ['time'] : []), 'answers', 'share', '95 %', 'p'], ...comparisons.map(row)];
}

/** The order of more than two methods. */
export function rankingRows(ranking: readonly Ranked[]): Rows {
  const figure = (value: number) => value.toFixed(2);
  const row = ({ method, strength, low, high }: Ranked, i: number) => [
    String(i + 1),
    method,
    figure(strength),
    Number.isFinite(low) ? `${figure(low)} … ${figure(high)}` : '–',
  ];
  return [['', 'method', 'strength', '95 %'], ...ranking.map(row)];
}

/** Every rater, with the number that they have in the files. */
export function raterRows(raters: readonly RaterResult[]): Rows {
  const row = ({ rater, answers, of, attention, shareOfA, medianResponseMs, agreement, excluded }: RaterResult) => [
    String(rater + 1),
    `${answers} of ${of}`,
    `${attention.right} of ${attention.answered}`,
    agreement.compared === 0 ? '–' : `${percent(agreement.agreeing / agreement.compared)} of ${agreement.compared}`,
    percent(shareOfA),
    medianResponseMs === null ? '–' : `${(medianResponseMs / 1000).toFixed(1)} s`,
    excluded ?? '',
  ];
  return [
    ['rater', 'answers', 'attention', 'agrees with others', 'chose A', 'median time', 'excluded'],
    ...raters.map(row),
  ];
}

/** What does not count, one line for each reason. */
export function leftOutLines({ answers, raters }: ExperimentResults): readonly string[] {
  const excluded = raters.flatMap(({ rater, excluded }) =>
    excluded === null ? [] : [`rater ${rater + 1}: ${excluded}`],
  );
  const single = Object.entries(answers.leftOut).map(([reason, count]) => `${count} answers: ${reason}`);
  return [...excluded, ...single];
}

/** The results of a study as a text for a terminal. */
export function renderResults(all: readonly ExperimentResults[]): string {
  return `${all.map(renderExperiment).join('\n\n')}\n`;
}

function renderExperiment(results: ExperimentResults): string {
  const { name, question, invited, raters, answers, ranking } = results;
  const counted = raters.filter(({ excluded }) => excluded === null).length;
  const leftOut = leftOutLines(results);
  return [
    `${name}: ${question}`,
    `${answers.counted} answers of ${counted} raters count; ${raters.length} of ${invited} raters began.`,
    '',
    table(comparisonRows(results)),
    ...(ranking.length > 0 ? ['', 'Ranking (Bradley–Terry)', table(rankingRows(ranking))] : []),
    ...(leftOut.length > 0 ? ['', 'Left out', ...leftOut.map(line => `  ${line}`)] : []),
  ].join('\n');
}

/** Columns as wide as they must be; figures to the right. */
function table(rows: Rows): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => row[i]!.length)));
  const isFigure = (i: number) => rows.slice(1).every(row => /^[\d<–-]/.test(row[i]!));
  return rows
    .map(row =>
      `  ${row.map((cell, i) => (isFigure(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}
