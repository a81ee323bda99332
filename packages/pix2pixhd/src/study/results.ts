/**
 * What the answers of an experiment say: how often each method is preferred and how sure that is, an order of more than two, and how far
 * raters agree. Depends on judgements.ts and the statistics.
 */
import { Random } from '../data/random.js';
import { binomialTest } from '../statistics/binomial.js';
import { bradleyTerry } from '../statistics/bradley-terry.js';
import { wilsonInterval } from '../statistics/wilson.js';
import type { StudyRecord } from './answer-log.js';
import { type Experiment, REAL } from './experiment.js';
import { type Judgement, judge, type RaterRecord } from './judgements.js';

/** Where a figure lies, with 95 % confidence. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How often one of two was preferred. */
export interface Comparison extends Interval {
  readonly method: string;
  readonly against: string;
  /** Milliseconds; null for all times together, and where there was no limit. */
  readonly exposureMs: number | null;
  readonly preferred: number;
  readonly answers: number;
  readonly share: number | null;
  /** Of the exact two-sided binomial test of a share of one half. */
  readonly p: number;
}

/** A place in the order of more than two methods. */
export interface Ranked extends Interval {
  readonly method: string;
  /** Bradley–Terry's log strength; their mean is 0, and the difference of two is their log odds. */
  readonly strength: number;
}

/** How often a rater agrees with the majority of the others who judged the same pair. */
export interface RaterResult extends RaterRecord {
  readonly agreement: { readonly agreeing: number; readonly compared: number };
}

/** The results of an experiment. */
export interface ExperimentResults {
  readonly name: string;
  readonly kind: Experiment['kind'];
  readonly question: string;
  readonly invited: number;
  readonly raters: readonly RaterResult[];
  readonly answers: { readonly counted: number; readonly leftOut: Readonly<Record<string, number>> };
  readonly comparisons: readonly Comparison[];
  /** From the strongest; empty for two. */
  readonly ranking: readonly Ranked[];
}

/** Draws of raters, with replacement, for the intervals of the ranking. */
const draws = 1000;
/** Of each pair each method is given half a win more: a method that never lost would be infinitely strong otherwise. */
const prior = 0.5;

/** The results of an experiment, and its judgements. @param attention as {@link judge} has it. */
export function resultsOf(
  experiment: Experiment,
  records: readonly StudyRecord[],
  attention: number,
): { readonly results: ExperimentResults; readonly judgements: readonly Judgement[] } {
  const { judgements, raters } = judge(experiment, records, attention);
  const counted = judgements.filter(({ leftOut }) => leftOut === null);
  const { name, kind, question, methods } = experiment;
  const votes = votesOf(counted);
  const of = (rater: number) => counted.filter(judgement => judgement.rater === rater);
  const results = {
    ...{ name, kind, question },
    invited: experiment.raters.length,
    raters: raters.map(rater => ({ ...rater, agreement: agreementOf(of(rater.rater), votes) })),
    answers: { counted: counted.length, leftOut: reasonsOf(judgements) },
    comparisons: kind === 'pairwise' ? pairwise(methods, counted) : byTime(experiment, counted),
    ranking: kind === 'pairwise' && methods.length > 2 ? rank(methods, counted) : [],
  };
  return { results, judgements };
}

function pairwise(methods: readonly string[], counted: readonly Judgement[]): Comparison[] {
  return methods.flatMap((method, i) => methods.slice(i + 1).map(against => compare(method, against, null, counted)));
}

/** For each method all times together, then each by itself. */
function byTime({ methods, raters }: Experiment, counted: readonly Judgement[]): Comparison[] {
  const trials = raters.flatMap(({ trials }) => trials);
  const times = [...new Set(trials.flatMap(({ role, exposureMs }) => (role === 'trial' ? (exposureMs ?? []) : [])))];
  return methods.flatMap(method =>
    [null, ...times.sort((a, b) => a - b)].map(time => compare(method, REAL, time, counted)),
  );
}

function compare(
  method: string,
  against: string,
  exposureMs: number | null,
  counted: readonly Judgement[],
): Comparison {
  const both = counted.filter(
    judgement =>
      (exposureMs === null || judgement.exposureMs === exposureMs) &&
      [judgement.preferred, judgement.over].every(name => name === method || name === against),
  );
  const preferred = both.filter(judgement => judgement.preferred === method).length;
  return {
    ...{ method, against, exposureMs, preferred, answers: both.length },
    ...(both.length === 0 ? { share: null, low: 0, high: 1 } : wilsonInterval(preferred, both.length)),
    p: binomialTest(preferred, both.length),
  };
}

/** The order of the methods. Answers of one rater are alike, so the intervals are of drawing raters, not answers. */
function rank(methods: readonly string[], counted: readonly Judgement[]): Ranked[] {
  const raters = [...new Set(counted.map(({ rater }) => rater))];
  const perRater = raters.map(rater =>
    winsOf(
      methods,
      counted.filter(judgement => judgement.rater === rater),
    ),
  );
  const strengths = bradleyTerry(withPrior(methods, perRater));
  const random = new Random(1);
  const drawn = Array.from({ length: raters.length > 1 ? draws : 0 }, () =>
    bradleyTerry(
      withPrior(
        methods,
        raters.map(() => perRater[random.integer(raters.length)]!),
      ),
    ),
  );
  const ranked = methods.map((method, i) => {
    const sorted = drawn.map(each => each[i]!).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    return { method, strength: strengths[i]!, low: at(0.025) ?? -Infinity, high: at(0.975) ?? Infinity };
  });
  return ranked.sort((a, b) => b.strength - a.strength);
}

type Wins = readonly (readonly number[])[];

function winsOf(methods: readonly string[], judgements: readonly Judgement[]): Wins {
  const wins = methods.map(() => methods.map(() => 0));
  for (const { preferred, over } of judgements) wins[methods.indexOf(preferred)]![methods.indexOf(over)]!++;
  return wins;
}

function withPrior(methods: readonly string[], parts: readonly Wins[]): Wins {
  return methods.map((_, i) =>
    methods.map((_, j) => (i === j ? 0 : parts.reduce((sum, wins) => sum + wins[i]![j]!, prior))),
  );
}

/** By pair, scene and time: how many preferred which of the two. */
type Votes = ReadonlyMap<string, ReadonlyMap<string, number>>;

function votesOf(counted: readonly Judgement[]): Votes {
  const votes = new Map<string, Map<string, number>>();
  for (const judgement of counted) {
    const pair = pairOf(judgement);
    const own = votes.get(pair) ?? new Map<string, number>();
    votes.set(pair, own.set(judgement.preferred, (own.get(judgement.preferred) ?? 0) + 1));
  }
  return votes;
}

function pairOf({ stem, preferred, over, exposureMs }: Judgement): string {
  return JSON.stringify([stem, [preferred, over].sort(), exposureMs]);
}

/** With the majority of the others; where they are split, or there are none, it says nothing. */
function agreementOf(own: readonly Judgement[], votes: Votes): RaterResult['agreement'] {
  let agreeing = 0;
  let compared = 0;
  for (const judgement of own) {
    const all = votes.get(pairOf(judgement))!;
    const lead = all.get(judgement.preferred)! - 1 - (all.get(judgement.over) ?? 0);
    if (lead === 0) continue;
    compared++;
    if (lead > 0) agreeing++;
  }
  return { agreeing, compared };
}

function reasonsOf(judgements: readonly Judgement[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { leftOut } of judgements) {
    if (leftOut === null) continue;
    const reason = leftOut.replace(/^(rater excluded): .*/, '$1');
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
