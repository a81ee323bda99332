/**
 * `--profile`: which operators a row's time goes to. Depends on the jobs and the recorder of @pix2pixhd/torch.
 */
import { countOperators, getThreads, type OperatorRow, operatorTable, profile } from '@pix2pixhd/torch';
import type { BenchCase } from './cases.js';
import { prepareWork, secondsOf } from './jobs.js';

/** Where a row's time goes, as `--profile --json` prints it. */
export interface WorkProfile {
  readonly name: string;
  readonly threads: number;
  /** The fastest run without the profiler. */
  readonly seconds: number;
  /** The fastest run with it; everything below is from this run. */
  readonly recordedSeconds: number;
  /** Peak bytes of the tensors made in the run, without the weights and moments that existed before. */
  readonly peakBytes: number;
  /** Operators that ran; those that convolutions call are not counted. */
  readonly operatorCount: number;
  /** Sums by operator, the longest first. */
  readonly operators: readonly OperatorRow[];
  /** The same, separated by the shapes of their tensors. */
  readonly shapes: readonly OperatorRow[];
}

/** Profiles a row in this process. Keeps the fastest of several runs: the one least disturbed by other work. */
export function profileWork(benchCase: BenchCase, runs: number, warmup: number): WorkProfile {
  const work = prepareWork(benchCase);
  for (let i = 0; i < warmup; i++) work();
  const plain = Array.from({ length: runs }, () => secondsOf(work));
  const recorded = Array.from({ length: runs }, () => profile(work));
  const fastest = recorded.reduce((best, next) => (next.milliseconds < best.milliseconds ? next : best));
  return {
    name: benchCase.name,
    threads: getThreads(),
    seconds: Math.min(...plain),
    recordedSeconds: fastest.milliseconds / 1000,
    peakBytes: fastest.peakBytes,
    operatorCount: countOperators(fastest.calls),
    operators: operatorTable(fastest.calls, 'name'),
    shapes: operatorTable(fastest.calls, 'shapes'),
  };
}

/** Rows with a smaller share of the time are summed up in one line. */
const shownShare = 0.005;

/** The tables as text. */
export function profileText(taken: WorkProfile): string {
  const { name, threads, seconds, recordedSeconds, peakBytes, operatorCount, operators, shapes } = taken;
  const inside = operators.reduce((sum, row) => sum + row.milliseconds, 0);
  const outside = {
    name: 'outside operators',
    shapes: '',
    calls: 0,
    milliseconds: recordedSeconds * 1000 - inside,
    gflop: 0,
  };
  const table = (rows: readonly OperatorRow[]) => lines([...rows, outside], recordedSeconds * 1000).join('\n');
  return `${name}: ${seconds.toFixed(3)} s, ${recordedSeconds.toFixed(3)} s while profiled; ${threads} threads; ${operatorCount} operators; tensors' peak ${Math.round(peakBytes / 1e6)} MB

${table(operators)}

${table(shapes)}
`;
}

function lines(rows: readonly OperatorRow[], wholeMilliseconds: number): string[] {
  const sorted = [...rows].sort((a, b) => b.milliseconds - a.milliseconds);
  const shown = sorted.filter(row => row.milliseconds >= shownShare * wholeMilliseconds);
  const rest = sorted.slice(shown.length);
  const sum = (pick: (row: OperatorRow) => number) => rest.reduce((total, row) => total + pick(row), 0);
  const small = {
    name: `${rest.length} smaller rows`,
    shapes: '',
    calls: sum(row => row.calls),
    milliseconds: sum(row => row.milliseconds),
    gflop: 0,
  };
  const cells = [...shown, small].map(row => [
    `${((100 * row.milliseconds) / wholeMilliseconds).toFixed(1)} %`,
    row.milliseconds.toFixed(1),
    row.calls > 0 ? String(row.calls) : '',
    row.gflop > 0 ? Math.round(row.gflop / (row.milliseconds / 1000)).toString() : '',
    `${row.name}  ${row.shapes}`.trim(),
  ]);
  return [['share', 'ms', 'calls', 'GFLOP/s', 'operator'], ...cells].map(
    ([share, ms, calls, rate, what]) =>
      `${share!.padStart(8)}${ms!.padStart(10)}${calls!.padStart(7)}${rate!.padStart(9)}  ${what}`,
  );
}
