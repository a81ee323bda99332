/**
 * What was answered, and what of it counts: raters and answers that are left out, each for a reason that is given. Depends on the log's
 * records and what an experiment is.
 */
import { median } from '../statistics/mean.js';
import type { AnswerRecord, StudyRecord } from './answer-log.js';
import { contestant, type Experiment, type Trial } from './experiment.js';

/** A choice between two. */
export interface Judgement {
  readonly rater: number;
  readonly trial: number;
  readonly stem: string;
  readonly preferred: string;
  readonly over: string;
  /** Milliseconds; null where there was no limit. */
  readonly exposureMs: number | null;
  readonly answer: AnswerRecord;
  /** Why it does not count; null where it does. */
  readonly leftOut: string | null;
}

/** How a rater went about it. */
export interface RaterRecord {
  readonly rater: number;
  /** Of the trials that count for something. */
  readonly answers: number;
  readonly of: number;
  readonly attention: { readonly right: number; readonly answered: number };
  /** Share of answers for image A; null without answers. */
  readonly shareOfA: number | null;
  readonly medianResponseMs: number | null;
  /** Why none of the rater's answers counts; null where they do. */
  readonly excluded: string | null;
}

/** What counts, and what does not. */
export interface Judged {
  readonly judgements: readonly Judgement[];
  /** Raters who have agreed to take part. */
  readonly raters: readonly RaterRecord[];
}

/** Measured times may be off by two frames of a usual screen, or by a tenth. */
const exposureToleranceMs = 34;
const exposureToleranceShare = 0.1;
/** Half of a rater's answers came faster: nobody looks at two images and chooses within that. */
const leastMedianMs = 250;
/** From so many answers on, all of one side are no chance. */
const enoughForSides = 12;

/**
 * Judges the answers of an experiment.
 *
 * @param attention share of the attention checks that a rater must have right.
 */
export function judge(experiment: Experiment, records: readonly StudyRecord[], attention: number): Judged {
  const answers = experiment.raters.map((): AnswerRecord[] => []);
  const agreed = new Set<number>();
  for (const record of records)
    if (record.type === 'consent') agreed.add(record.rater);
    else answers[record.rater]?.push(record);
  const raters = [...agreed]
    .filter(rater => rater < answers.length)
    .sort((a, b) => a - b)
    .map(rater => describeRater(experiment, rater, answers[rater]!, attention));
  const excluded = new Map(raters.map(({ rater, excluded }) => [rater, excluded]));
  const judgements = answers.flatMap((list, rater) =>
    list.flatMap(answer => {
      const trial = experiment.raters[rater]!.trials[answer.trial];
      if (trial?.role !== 'trial') return [];
      return [judgementOf(experiment, trial, answer, excluded.get(rater) ?? null)];
    }),
  );
  return { judgements, raters };
}

function judgementOf(experiment: Experiment, trial: Trial, answer: AnswerRecord, excluded: string | null): Judgement {
  const [a, b] = [experiment.images[trial.a]!, experiment.images[trial.b]!];
  const [preferred, over] = answer.choice === 'a' ? [a, b] : [b, a];
  return {
    rater: answer.rater,
    trial: answer.trial,
    stem: a.stem,
    preferred: contestant(preferred),
    over: contestant(over),
    exposureMs: trial.exposureMs ?? null,
    answer,
    leftOut: excluded === null ? faultOf(trial, answer) : `rater excluded: ${excluded}`,
  };
}

/** Why an answer of a rater who is counted does not count itself. */
function faultOf({ exposureMs }: Trial, { shownMs, views }: AnswerRecord): string | null {
  if (exposureMs === undefined) return null;
  if (views > 1) return 'seen more than once';
  const tolerance = Math.max(exposureToleranceMs, exposureToleranceShare * exposureMs);
  return Math.abs(shownMs - exposureMs) > tolerance ? 'shown for another time than planned' : null;
}

function describeRater(
  { raters, images }: Experiment,
  rater: number,
  answers: readonly AnswerRecord[],
  attention: number,
): RaterRecord {
  const { trials } = raters[rater]!;
  const roleOf = ({ trial }: AnswerRecord) => trials[trial]?.role;
  const checks = answers.filter(answer => roleOf(answer) === 'attention');
  const right = checks.filter(({ trial, choice }) => images[trials[trial]![choice]]!.role !== 'spoilt').length;
  const counted = answers.filter(answer => roleOf(answer) === 'trial');
  const forA = counted.filter(({ choice }) => choice === 'a').length;
  const figures = {
    rater,
    answers: counted.length,
    of: trials.filter(({ role }) => role === 'trial').length,
    attention: { right, answered: checks.length },
    shareOfA: counted.length === 0 ? null : forA / counted.length,
    medianResponseMs: counted.length === 0 ? null : median(counted.map(({ responseMs }) => responseMs)),
  };
  const planned = trials.some(({ role }) => role === 'attention');
  return { ...figures, excluded: exclusionOf(figures, planned, attention) };
}

function exclusionOf(
  { answers, attention, shareOfA, medianResponseMs }: Omit<RaterRecord, 'excluded'>,
  checksArePlanned: boolean,
  least: number,
): string | null {
  if (answers === 0) return 'no answers yet';
  if (checksArePlanned && attention.answered === 0) return 'no attention check reached yet';
  if (attention.right < least * attention.answered)
    return `${attention.right} of ${attention.answered} attention checks right`;
  if (answers >= enoughForSides && (shareOfA === 0 || shareOfA === 1))
    return `always image ${shareOfA === 1 ? 'A' : 'B'}`;
  if (medianResponseMs! < leastMedianMs) return `half of the answers within ${Math.round(medianResponseMs!)} ms`;
  return null;
}
