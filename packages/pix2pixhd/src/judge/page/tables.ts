/** The tables of an evaluation, as HTML. Depends on the report module and the results. */

import { formatNumber, type MetricFacts } from '../../evaluation/metric.js';
import { escapeHtml } from '../../report/html.js';
import { pInWords } from '../../report/p-value.js';
import { type Judgement, rowNames } from '../judge.js';
import type { Difference, Summary } from '../summary.js';

/** `↑`: higher is better. */
const arrow = ({ better }: Pick<MetricFacts, 'better'>) => (better === 'higher' ? '↑' : '↓');

/** A metric's name with its unit and arrow: `PSNR ↑ dB`. */
export function heading(metric: MetricFacts): string {
  return `${metric.title} ${arrow(metric)}${metric.unit === '' ? '' : ` ${metric.unit}`}`;
}

/** An interval or a standard error in words; empty where there is none. */
export function spreadInWords(metric: MetricFacts, { low, high, standardError }: Partial<Summary>): string {
  if (standardError !== undefined) return `± ${formatNumber(metric, standardError)}`;
  if (low === undefined || high === undefined) return '';
  return `${formatNumber(metric, low)} to ${formatNumber(metric, high)}`;
}

/** A difference with its sign. */
export function signed(metric: MetricFacts, value: number): string {
  const text = formatNumber(metric, Math.abs(value));
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** Which method is the best by a metric; undefined where two are, or figures are missing. */
function bestOf({ better }: MetricFacts, summaries: readonly Summary[]): number | undefined {
  const values = summaries.map(({ value }) => value);
  if (values.length < 2 || values.some(Number.isNaN)) return undefined;
  const best = better === 'higher' ? Math.max(...values) : Math.min(...values);
  const at = values.indexOf(best);
  return values.lastIndexOf(best) === at ? at : undefined;
}

/** Whether a method is above the real images in a score of segmentation, which is flagged. */
export function isAboveOracle({ segmentation }: Judgement, { name }: MetricFacts, method: number): boolean {
  return segmentation !== undefined && segmentation.methods[method]!.aboveOracle.includes(name);
}

/** A method a row, the oracle last where there is one; a metric a column. */
export function meansTable(judgement: Judgement): string {
  const { methods, metrics, summaries } = judgement;
  const head = metrics.map(metric => `<th scope="col">${escapeHtml(heading(metric))}</th>`);
  const rows = rowNames(judgement).map((name, method) => {
    const cells = metrics.map(metric => {
      const all = summaries.get(metric.name)!;
      const summary = all[method];
      if (summary === undefined) return '<td>–</td>';
      const best = bestOf(metric, all.slice(0, methods.length)) === method ? ' class="best"' : '';
      const spread = spreadInWords(metric, summary);
      const above = isAboveOracle(judgement, metric, method) ? '<small class="worse">above the oracle</small>' : '';
      return `<td${best}>${formatNumber(metric, summary.value)}${spread === '' ? '' : `<small>${spread}</small>`}${above}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  return table(['method', ...head], rows);
}

/** Methods but the first a row, metrics of pairs a column. */
export function differencesTable({ methods, metrics, figures, differences }: Judgement): string {
  const paired = metrics.filter(({ name }) => figures.has(name));
  const head = paired.map(metric => `<th scope="col">${escapeHtml(heading(metric))}</th>`);
  const rows = methods.slice(1).map(({ name }) => {
    const cells = paired.map(metric => {
      const found = differences.find(one => one.metric === metric.name && one.method === name);
      return found === undefined ? '<td>–</td>' : differenceCell(metric, found);
    });
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  return table([`less ${methods[0]!.name}`, ...head], rows);
}

function differenceCell(metric: MetricFacts, difference: Difference): string {
  const { value, low, high, p } = difference;
  const words = low === undefined || high === undefined ? '' : `${signed(metric, low)} to ${signed(metric, high)}; `;
  return `<td class="${verdict(metric, difference)}">${signed(metric, value)}<small>${words}p ${escapeHtml(pInWords(p))}</small></td>`;
}

/** `better` or `worse` where the interval leaves out 0, else empty. */
function verdict({ better }: MetricFacts, { low, high }: Difference): '' | 'better' | 'worse' {
  if (low === undefined || high === undefined || (low <= 0 && high >= 0)) return '';
  return low > 0 === (better === 'higher') ? 'better' : 'worse';
}

/** A table in a card; the cells are HTML. */
export function table([corner, ...head]: readonly string[], rows: readonly string[]): string {
  return `<div class="card figures"><table><thead><tr><th>${escapeHtml(corner!)}</th>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** What each metric is. */
export function protocolsTable({ metrics }: Judgement): string {
  const rows = metrics.map(
    ({ title, version, protocol }) =>
      `<tr><th scope="row">${escapeHtml(title)}</th><td>version ${version}: ${escapeHtml(protocol)}</td></tr>`,
  );
  return `<table class="protocols">${rows.join('')}</table>`;
}
