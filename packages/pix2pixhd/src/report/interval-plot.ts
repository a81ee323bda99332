/** A panel of figures below each other: dots of single images, the figure of all and its interval, as SVG. Depends on `axis.ts` and `html.ts`. */
import { fixed, type Range, scale, tickLabel, ticks } from './axis.js';
import { evenly } from './curves.js';
import { escapeHtml } from './html.js';

/** The figures of one method. */
export interface PlottedRow {
  readonly name: string;
  /** Which of the lines' colours, from 0: a method has the same one everywhere. */
  readonly colour: number;
  /** Of each image, finite; none where only their summary is shown. */
  readonly values: readonly number[];
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Said where the pointer rests on it. */
  readonly words?: string;
}

/** A panel. */
export interface IntervalPlot {
  readonly title: string;
  /** Below the title, in few words. */
  readonly remark: string;
  readonly rows: readonly PlottedRow[];
  /** A value with a line of its own: 0 of differences, one half of preferences. */
  readonly reference?: number;
  /** The ends of the axis; default those of the figures. */
  readonly range?: Range;
  /** A value beside a tick; default the number. */
  readonly label?: (value: number) => string;
}

const WIDTH = 400;
const PLOT = { left: 14, right: 386, top: 8 };
const ROW_HEIGHT = 46;
/** Of a row: where its name stands, and the middle of its dots. */
const NAME_AT = 12;
const DOTS_AT = 29;
const SCATTER = 8;
const AXIS_HEIGHT = 26;
/** `--line-1` to `--line-4` of the page's style. */
const COLOURS = 4;
const MOST_DOTS = 300;
/** Shares of the values that may lie beyond the panel's ends, where they are cut off. */
const RARE = 0.005;
/** The golden ratio spreads the dots of a row without a pattern. */
const GOLDEN = 0.618033988749895;

/** Draws the panel. */
export function drawIntervals({ title, remark, rows, reference, label = tickLabel, ...plot }: IntervalPlot): string {
  const range = plot.range ?? rangeOf(rows, reference);
  const x = (value: number) => scale(Math.min(range[1], Math.max(range[0], value)), range, [PLOT.left, PLOT.right]);
  const bottom = PLOT.top + rows.length * ROW_HEIGHT;
  const parts = [
    ...ticks(range).map(
      tick =>
        `<line class="grid" x1="${fixed(x(tick))}" x2="${fixed(x(tick))}" y1="${PLOT.top}" y2="${bottom}"/>` +
        `<text x="${fixed(x(tick))}" y="${bottom + 16}" text-anchor="middle">${label(tick)}</text>`,
    ),
    reference === undefined
      ? ''
      : `<line class="reference" x1="${fixed(x(reference))}" x2="${fixed(x(reference))}" y1="${PLOT.top}" y2="${bottom}"/>`,
    ...rows.map((row, i) => drawRow(row, i, x)),
  ];
  return [
    `<figure class="card panel intervals"><h3>${escapeHtml(title)}</h3><p class="quiet">${escapeHtml(remark)}</p>`,
    `<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS_HEIGHT}" role="img" aria-label="${escapeHtml(`${title} by method`)}">`,
    ...parts,
    '</svg></figure>',
  ].join('');
}

function drawRow(
  { name, colour: number, values, mean, low, high, words }: PlottedRow,
  i: number,
  x: (value: number) => number,
): string {
  const top = PLOT.top + i * ROW_HEIGHT;
  const middle = top + DOTS_AT;
  const colour = `var(--line-${(number % COLOURS) + 1})`;
  const dots = evenly(values, MOST_DOTS).map((value, k) => {
    const y = middle + SCATTER * (2 * ((k * GOLDEN) % 1) - 1);
    return `<circle cx="${fixed(x(value))}" cy="${fixed(y)}" r="2"/>`;
  });
  const interval =
    low === undefined || high === undefined
      ? ''
      : `<line class="whisker" x1="${fixed(x(low))}" x2="${fixed(x(high))}" y1="${middle}" y2="${middle}"/>`;
  return (
    `<text class="name" x="${PLOT.left}" y="${top + NAME_AT}">${escapeHtml(name)}</text>` +
    `<g class="dots" fill="${colour}">${dots.join('')}</g>` +
    `<g stroke="${colour}" fill="${colour}">${words === undefined ? '' : `<title>${escapeHtml(words)}</title>`}${interval}<circle class="mean" cx="${fixed(x(mean))}" cy="${middle}" r="4.5"/></g>`
  );
}

function rangeOf(rows: readonly PlottedRow[], reference: number | undefined): Range {
  const values = rows.flatMap(row => row.values).sort((a, b) => a - b);
  const rare = Math.floor(values.length * RARE);
  const shown = values.length === 0 ? [] : [values[rare]!, values[values.length - 1 - rare]!];
  const ends = [
    ...shown,
    ...rows.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ...(reference === undefined ? [] : [reference]),
  ];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = high > low ? 0.03 * (high - low) : 0.5;
  return [low - margin, high + margin];
}
