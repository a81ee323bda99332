/** Losses and the bar as text that fits a terminal. Pure; depends on nothing. */

const longestBar = 24;
const shortestBar = 6;

/**
 * One line of at most `columns - 1` characters: bar, text, and as many of the losses as fit. Where it is too long, the
 * bar goes first, then the last losses.
 *
 * @param fraction from 0 to 1.
 */
export function barLine(fraction: number, text: string, losses: readonly string[], columns: number): string {
  const width = columns - 1;
  const shown = [...losses];
  const words = (): string => [text, ...shown].join('  ');
  while (words().length > width && shown.length > 0) shown.pop();
  const cells = Math.min(longestBar, width - words().length - '[] '.length);
  const bar = cells < shortestBar ? '' : `${drawBar(fraction, cells)} `;
  return (bar + words()).slice(0, Math.max(0, width));
}

function drawBar(fraction: number, cells: number): string {
  const full = Math.floor(fraction * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}]`;
}

/** Three significant digits without an exponent between 0.001 and 9999: `0.0721`, `3.21`, `128`. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 10000)) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
