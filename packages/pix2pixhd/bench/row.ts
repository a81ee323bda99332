/** One row of the bench, as `--json` prints it. Depends on nothing. */
export interface Row {
  readonly name: string;
  /** Median of a step, an image, or a triplet. */
  readonly seconds: number;
  /** GFLOP a second; 0 where nothing is multiplied. */
  readonly gflops: number;
  /** Peak resident memory of the process, in MB. */
  readonly peakMb: number;
}

/** Median of at least one number. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
