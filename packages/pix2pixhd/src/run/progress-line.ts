/** Numbers, durations and the bar as text that fits a terminal. Pure; depends on nothing. */

const longestBar = 24;
const shortestBar = 6;

/**
 * One line of at most `columns - 1` characters: bar, text, and as many of the losses as fit. The bar gives way to the
 * losses, and the last losses give way to the text.
 *
 * @param fraction from 0 to 1, or `null` where no end is known and no bar can be drawn.
 */
export function barLine(fraction: number | null, text: string, losses: readonly string[], columns: number): string {
  const room = columns - 1;
  const shown = [...losses];
  const words = (): string => [text, ...shown].join('  ');
  while (words().length > room && shown.length > 0) shown.pop();
  const barRoom = Math.min(longestBar, room - words().length - '[] '.length);
  const bar = fraction === null || barRoom < shortestBar ? '' : `${drawBar(fraction, barRoom)} `;
  return (bar + words()).slice(0, Math.max(0, room));
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

/** `12 s`, `2 min 40 s`, `1 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
