/** One row of the bench, as `--json` prints it, and the median. Depends on nothing. */
export interface Row {
  readonly name: string;
  /** Median per step, image, or triplet. */
  readonly seconds: number;
  /** GFLOP per second; 0 for the loader. */
  readonly gflops: number;
  /** Peak resident memory of the process, in MB. */
  readonly peakMb: number;
}

/** Median of at least one number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
