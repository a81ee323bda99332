/** One panel of loss curves as SVG. Depends on `axis.ts`, `curves.ts` and `html.ts`. */

import { fixed, type Range, scale, tickLabel, ticks } from './axis.js';
import type { Curve, CurveGroup } from './curves.js';
import { escapeHtml, grouped } from './html.js';

/** The panel in its own units; it is scaled to the width of the page. */
const WIDTH = 400;
const HEIGHT = 230;
const PLOT = { left: 46, right: 392, top: 10, bottom: 190 };

type Points = ReadonlyArray<readonly [number, number]>;

/** What the page's script needs to read values off a panel. */
export interface PanelData {
  readonly plot: typeof PLOT;
  readonly width: number;
  readonly steps: Range;
  readonly curves: ReadonlyArray<readonly [step: number, loss: number][]>;
}

/** A panel: its HTML, and its data for the script. */
export interface Panel {
  readonly html: string;
  readonly data: PanelData;
}

/** Draws the curves of a group over the steps of the whole run. */
export function drawPanel({ title, curves }: CurveGroup, steps: Range): Panel {
  const losses = lossRange(curves);
  const x = (step: number) => scale(step, steps, [PLOT.left, PLOT.right]);
  const y = (loss: number) => scale(loss, losses, [PLOT.bottom, PLOT.top]);
  const lines = (kind: 'raw' | 'smooth') =>
    curves
      .map((curve, i) => `<path class="${kind}" stroke="var(--line-${i + 1})" d="${path(curve[kind], x, y)}"/>`)
      .join('');
  const spreads = curves
    .map(({ spread }, i) =>
      spread.length === 0 ? '' : `<path class="spread" fill="var(--line-${i + 1})" d="${outline(spread, x, y)}"/>`,
    )
    .join('');
  const clip = `plot-${title.replace(/\W+/g, '-')}`;
  const drawing = [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title}: loss over steps`)}">`,
    `<clipPath id="${clip}"><rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}"/></clipPath>`,
    axes(steps, losses, x, y),
    `<g clip-path="url(#${clip})">${spreads}${lines('raw')}${lines('smooth')}</g>`,
    `<line class="cursor" y1="${PLOT.top}" y2="${PLOT.bottom}" visibility="hidden"/>`,
    '</svg>',
  ];
  return {
    html: `<figure class="card panel"><h3>${escapeHtml(title)}</h3>${legend(curves)}${drawing.join('')}</figure>`,
    data: {
      plot: PLOT,
      width: WIDTH,
      steps,
      curves: curves.map(({ smooth }) => smooth.map(([step, loss]) => [Math.round(step), Number(loss.toPrecision(4))])),
    },
  };
}

function legend(curves: readonly Curve[]): string {
  const entries = curves.map(({ name, smooth }, i) => {
    const last = smooth.at(-1)?.[1] ?? 0;
    return `<span><i style="background:var(--line-${i + 1})"></i>${escapeHtml(name)} <b>${last.toPrecision(3)}</b></span>`;
  });
  return `<div class="legend">${entries.join('')}<span class="at"></span></div>`;
}

function axes(steps: Range, losses: Range, x: (v: number) => number, y: (v: number) => number): string {
  const horizontal = ticks(losses).map(
    loss =>
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${fixed(y(loss))}" y2="${fixed(y(loss))}"/>` +
      `<text x="${PLOT.left - 7}" y="${fixed(y(loss) + 4)}" text-anchor="end">${tickLabel(loss)}</text>`,
  );
  const vertical = ticks(steps)
    .filter(Number.isInteger)
    .map(step => stepLabel(shortNumber(step), x(step)));
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return [
    ...horizontal,
    ...vertical,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">step</text>`,
    `<text x="10" y="${middle}" text-anchor="middle" transform="rotate(-90 10 ${middle})">loss</text>`,
  ].join('');
}

/**
 * The range of losses that a panel shows: all of the smooth curves, the raw ones without their rarest spikes, which would
 * flatten the rest, and the part of their spread that a quarter of the points stay within. From zero if that is near.
 */
function lossRange(curves: readonly Curve[]): Range {
  const smooth = curves.flatMap(curve => curve.smooth.map(([, loss]) => loss));
  const raw = curves.flatMap(curve => curve.raw.map(([, loss]) => loss)).sort((a, b) => a - b);
  const spikes = Math.floor(raw.length * 0.01);
  const spread = curves.flatMap(curve => usualSpread(curve.spread));
  const ends = [...smooth, raw[spikes]!, raw[raw.length - 1 - spikes]!, ...spread];
  let low = ends.reduce((a, b) => Math.min(a, b));
  let high = ends.reduce((a, b) => Math.max(a, b));
  if (low > 0 && low < 0.5 * high) low = 0;
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) [low, high] = [low - 0.5, high + 0.5];
  return [low, high + 0.05 * (high - low)];
}

/** A minimum and a maximum: a quarter of the points stay above the former, a quarter below the latter. */
function usualSpread(spread: Curve['spread']): number[] {
  if (spread.length === 0) return [];
  const quarter = spread.length >> 2;
  const least = spread.map(([, min]) => min).sort((a, b) => b - a);
  const greatest = spread.map(([, , max]) => max).sort((a, b) => a - b);
  return [least[quarter]!, greatest[quarter]!];
}

/** The width of a digit at the size of the labels, rounded up a little. */
const FIGURE_WIDTH = 6.4;

/** A label below the axis, at its place but never beyond the edge of the panel. */
function stepLabel(text: string, x: number): string {
  const half = (text.length * FIGURE_WIDTH) / 2;
  return `<text x="${fixed(Math.min(x, WIDTH - half))}" y="${PLOT.bottom + 16}" text-anchor="middle">${text}</text>`;
}

/** A round number in few characters: `500`, `20k`, `1.2M`. */
function shortNumber(value: number): string {
  if (value >= 1e6 && value % 1e4 === 0) return `${value / 1e6}M`;
  return value >= 1e4 && value % 100 === 0 ? `${value / 1e3}k` : grouped(value);
}

/** Along the maxima and back along the minima. */
function outline(spread: Curve['spread'], x: (v: number) => number, y: (v: number) => number): string {
  const upper = spread.map(([step, , max]) => `${fixed(x(step))} ${fixed(y(max))}`);
  const lower = spread.map(([step, min]) => `${fixed(x(step))} ${fixed(y(min))}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

function path(points: Points, x: (step: number) => number, y: (loss: number) => number): string {
  const places = points.map(([step, loss]) => `${fixed(x(step))} ${fixed(y(loss))}`);
  // A single point is a line of no length, which a round cap makes a dot.
  return places.length === 1 ? `M${places[0]}h0` : `M${places.join('L')}`;
}
