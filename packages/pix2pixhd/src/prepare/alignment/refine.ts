/**
 * From a transform that is about right to the best one of a model, at one level. Depends on compare.ts, solve.ts, levels.ts
 * and transform.ts.
 */
import { CELL_SUMS, compare, SUMS, type Workspace, workspaceFor } from './compare.js';
import type { Level } from './levels.js';
import { addCells, stepOfTotal } from './solve.js';
import { compose, cornerDistance, identity, type Transform, type TransformModel } from './transform.js';

/** Where a level's images agree best. */
export interface Refined {
  /** From A's pixels to B's, at this level. */
  readonly transform: Transform;
  readonly correlation: number;
  /** How well each pair agrees: its own correlation, 0 without edges. */
  readonly correlations: readonly number[];
  /** How much each pair counted, 0 to 1. */
  readonly weights: readonly number[];
  /** Sums of each pair there, for what is computed from them afterwards. */
  readonly sums: readonly Float64Array[];
}

/** A step that moves the corners by less than this many pixels is the last. */
const CLOSE = 0.01;
/** A step moves the corners by no more than this. */
const LONGEST = 3;

/**
 * Refine `start` by steps that are halved where they make things worse.
 * @returns undefined where there are no edges to go by.
 */
export function refine(
  level: Level,
  start: Transform,
  model: TransformModel,
  iterations: number,
  startWeights: readonly number[],
): Refined | undefined {
  const workspace = workspaceFor(level.size);
  let weights = startWeights;
  let best = stateAt(level, start, weights, workspace);
  for (let i = 0; i < iterations; i++) {
    const step = stepOfTotal(best.total, level.size, model);
    if (step === undefined) return i === 0 ? undefined : finished(best, weights);
    let change = limited(step.change, cornerDistance(step.change, identity, level.size));
    let next = stateAt(level, compose(best.transform, change), weights, workspace);
    for (let halving = 0; halving < 3 && !(next.correlation > best.correlation); halving++) {
      change = mixed(change, 0.5);
      next = stateAt(level, compose(best.transform, change), weights, workspace);
    }
    if (!(next.correlation > best.correlation)) break;
    const moved = cornerDistance(change, identity, level.size);
    weights = weightsOf(next.sums);
    best = { ...next, ...totalOf(next.sums, weights) };
    if (moved < CLOSE) break;
  }
  return finished(best, weights);
}

interface State {
  readonly transform: Transform;
  readonly sums: readonly Float64Array[];
  readonly total: Float64Array;
  readonly correlation: number;
}

function stateAt(level: Level, transform: Transform, weights: readonly number[], workspace: Workspace): State {
  const sums = level.pairs.map(pair => compare(pair, transform, workspace));
  return { transform, sums, ...totalOf(sums, weights) };
}

function totalOf(sums: readonly Float64Array[], weights: readonly number[]): Pick<State, 'total' | 'correlation'> {
  const total = addCells(sums, pair => weights[pair]!);
  return { total, correlation: correlationOf(total) };
}

function finished({ transform, sums, correlation }: State, weights: readonly number[]): Refined {
  return { transform, correlation, correlations: sums.map(correlationOf), weights, sums };
}

/** u·v / (|u| |v|) of cells. */
function correlationOf(sums: Float64Array): number {
  let [aa, bb, ab] = [0, 0, 0];
  for (let o = 0; o < sums.length; o += CELL_SUMS) {
    aa += sums[o + SUMS.aa]!;
    bb += sums[o + SUMS.bb]!;
    ab += sums[o + SUMS.ab]!;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** Pairs that agree as well as the median of those that agree at all count fully, others less, those that do not agree nothing. */
function weightsOf(sums: readonly Float64Array[]): readonly number[] {
  const correlations = sums.map(correlationOf);
  const positive = correlations.filter(c => c > 0).sort((p, q) => p - q);
  const median = positive[positive.length >> 1];
  if (median === undefined) return correlations.map(() => 1);
  return correlations.map(c => Math.min(1, Math.max(0, c / median)));
}

function limited(change: Transform, moves: number): Transform {
  return moves <= LONGEST ? change : mixed(change, LONGEST / moves);
}

/** A share of a small change. */
function mixed(change: Transform, share: number): Transform {
  return change.map((v, k) => identity[k]! + share * (v - identity[k]!)) as unknown as Transform;
}
