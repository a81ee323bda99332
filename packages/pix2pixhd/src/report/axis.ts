/** Scales and ticks of charts. Depends on `html.ts`. */
import { grouped } from './html.js';

/** The ends of a scale. */
export type Range = readonly [low: number, high: number];

/** About five round numbers in a range: multiples of 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: Range): number[] {
  const rough = (high - low) / 5;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find(factor => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** A value beside a tick, in few characters. */
export function tickLabel(value: number): string {
  return Math.abs(value) >= 1000 ? grouped(value) : String(Number(value.toPrecision(4)));
}

/** Where a value of one range lies in another. */
export function scale(value: number, [low, high]: Range, [from, to]: Range): number {
  return high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from);
}

/** A coordinate with one decimal. */
export function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
