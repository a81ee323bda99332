/** Shares with their intervals as SVG: by time, and of pairs below each other. Depends on the report module and the results' types. */
import { fixed } from '../report/axis.js';
import { escapeHtml } from '../report/html.js';
import { drawIntervals, type PlottedRow } from '../report/interval-plot.js';
import type { Comparison } from './results.js';
import { percent, percents, seconds } from './results-text.js';

const WIDTH = 640;
const HEIGHT = 300;
const PLOT = { left: 56, right: 620, top: 16, bottom: 240 };
/** Methods of different colours; further ones begin again. */
const LINES = 4;
/** Dots of methods at the same time stand this far apart. */
const APART = 7;

const colour = (i: number): string => `var(--line-${(i % LINES) + 1})`;

/** How often each method was preferred after how long a look; times on a logarithmic axis. Intervals are bars. */
export function timeChart(comparisons: readonly Comparison[]): string {
  const timed = comparisons.filter(({ exposureMs, answers }) => exposureMs !== null && answers > 0);
  const methods = [...new Set(timed.map(({ method }) => method))];
  const times = [...new Set(timed.map(({ exposureMs }) => exposureMs!))].sort((a, b) => a - b);
  if (times.length === 0) return '';
  const [first, last] = [Math.log(times[0]!), Math.log(times.at(-1)!)];
  const x = (ms: number) =>
    last === first
      ? (PLOT.left + PLOT.right) / 2
      : PLOT.left + 30 + ((Math.log(ms) - first) / (last - first)) * (PLOT.right - PLOT.left - 60);
  const y = (share: number) => PLOT.bottom - share * (PLOT.bottom - PLOT.top);
  const lines = methods.map((method, i) => {
    const own = timed.filter(one => one.method === method);
    const shift = (i - (methods.length - 1) / 2) * APART;
    const place = ({ exposureMs, share }: Comparison) => `${fixed(x(exposureMs!) + shift)} ${fixed(y(share!))}`;
    const marks = own.map(one => mark(one, x(one.exposureMs!) + shift, y));
    return `<g stroke="${colour(i)}" fill="${colour(i)}"><path fill="none" stroke-width="2" d="M${own.map(place).join('L')}"/>${marks.join('')}</g>`;
  });
  const words = `share preferred over the real image, by time: ${timed.map(one => `${one.method}, ${seconds(one.exposureMs!)}: ${percent(one.share)}`).join('; ')}`;
  return figure(
    words,
    [
      axis(y),
      ...times.map(
        ms => `<text x="${fixed(x(ms))}" y="${PLOT.bottom + 20}" text-anchor="middle">${seconds(ms)}</text>`,
      ),
      `<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">time for which the pictures were seen</text>`,
      ...lines,
    ],
    methods,
  );
}

function mark(one: Comparison, x: number, y: (share: number) => number): string {
  const title = `<title>${escapeHtml(`${one.method}, ${seconds(one.exposureMs!)}: ${percent(one.share)} (${percents(one)}) of ${one.answers}`)}</title>`;
  const bar = `M${fixed(x)} ${fixed(y(one.low))}V${fixed(y(one.high))}M${fixed(x - 4)} ${fixed(y(one.low))}h8M${fixed(x - 4)} ${fixed(y(one.high))}h8`;
  return `<g>${title}<path fill="none" stroke-width="1.5" d="${bar}"/><circle cx="${fixed(x)}" cy="${fixed(y(one.share!))}" r="4.5" stroke="none"/></g>`;
}

/** From 0 to 100 %, with chance as a line. */
function axis(y: (share: number) => number): string {
  const line = (share: number) =>
    `<line class="${share === 0.5 ? 'cursor' : 'grid'}" x1="${PLOT.left}" x2="${PLOT.right}" y1="${fixed(y(share))}" y2="${fixed(y(share))}"/><text x="${PLOT.left - 8}" y="${fixed(y(share) + 4)}" text-anchor="end">${100 * share} %</text>`;
  return [0, 0.25, 0.5, 0.75, 1].map(line).join('');
}

/** How often the first of each pair was preferred, pairs below each other. */
export function pairChart(comparisons: readonly Comparison[]): string {
  const answered = comparisons.filter(({ answers }) => answers > 0);
  if (answered.length === 0) return '';
  const rows = answered.map((one): PlottedRow => {
    const name = `${one.method} over ${one.against}`;
    const words = `${name}: ${percent(one.share)} (${percents(one)}) of ${one.answers}`;
    return { name, colour: 0, values: [], mean: one.share!, low: one.low, high: one.high, words };
  });
  return drawIntervals({
    title: 'How often the first was preferred',
    remark: 'with Wilson’s intervals of 95 %; one half is chance',
    ...{ rows, reference: 0.5, range: [0, 1] },
    label: share => `${Math.round(100 * share)} %`,
  });
}

function figure(words: string, parts: readonly string[], methods: readonly string[]): string {
  const legend = methods.map((name, i) => `<span><i style="background:${colour(i)}"></i>${escapeHtml(name)}</span>`);
  return `<figure class="card panel preference"><div class="legend">${legend.join('')}</div><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(words)}">${parts.join('')}</svg></figure>`;
}
