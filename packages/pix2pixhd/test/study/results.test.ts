/** Results from answers that are known: shares, who is left out and why, agreement counted by hand, and an order of methods. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import type { AnswerRecord, StudyRecord } from '../../src/study/answer-log.js';
import { contestant, type Experiment } from '../../src/study/experiment.js';
import { resultsOf } from '../../src/study/results.js';
import { answersCsv, comparisonsCsv } from '../../src/study/results-files.js';
import { renderResultsPage } from '../../src/study/results-page.js';
import { renderResults } from '../../src/study/results-text.js';
import { experimentOf } from './experiments.js';

/** What a rater chooses, and how that is recorded. */
type Behaviour = (seen: { readonly a: string; readonly b: string; readonly ms: number }, rater: number) => 'a' | 'b';

/** The records of raters who behave so; spoilt images are never chosen. @param change of single answers. */
function answered(
  { raters, images }: Experiment,
  behave: Behaviour,
  change: (answer: AnswerRecord) => Partial<AnswerRecord> = () => ({}),
): StudyRecord[] {
  return raters.flatMap(({ trials }, rater) => [
    { type: 'consent', rater, day: '2026-11-26' } as const,
    ...trials.map((trial, number): StudyRecord => {
      const [a, b] = [images[trial.a]!, images[trial.b]!];
      const ms = trial.exposureMs ?? 0;
      const intact = a.role === 'spoilt' ? 'b' : 'a';
      const choice = trial.role === 'attention' ? intact : behave({ a: contestant(a), b: contestant(b), ms }, rater);
      const shown = { shownMs: trial.exposureMs ?? 900, responseMs: 900, views: 1 };
      const answer: AnswerRecord = { type: 'answer', rater, trial: number, choice, ...shown };
      return { ...answer, ...change(answer) };
    }),
  ]);
}

const prefersOurs: Behaviour = ({ a }) => (a === 'ours' ? 'a' : 'b');

test('everyone prefers ours: all answers, the interval and the test; practice and checks do not count', () => {
  const experiment = experimentOf();
  const { results } = resultsOf(experiment, answered(experiment, prefersOurs), 0.8);
  assert.equal(results.answers.counted, 6 * 12);
  assert.deepEqual(results.answers.leftOut, {});
  const [only] = results.comparisons;
  assert.deepEqual([only!.method, only!.against, only!.preferred, only!.answers], ['ours', 'theirs', 72, 72]);
  assert.equal(only!.high, 1);
  assert.ok(Math.abs(only!.p - 2 ** -71) < 1e-30);
  assert.ok(results.raters.every(({ excluded, attention }) => excluded === null && attention.right === 4));
  assert.deepEqual(results.ranking, []);
});

test('raters are left out for what they did: checks, one side, haste; those who did not come far wait', () => {
  const experiment = experimentOf();
  const all = answered(
    experiment,
    ({ a }, rater) => (rater === 1 ? 'b' : a === 'ours' ? 'a' : 'b'),
    ({ rater, trial, choice }) => {
      const { role } = experiment.raters[rater]!.trials[trial]!;
      if (rater === 0 && role === 'attention') return { choice: choice === 'a' ? 'b' : 'a' };
      return rater === 2 ? { responseMs: 120 } : {};
    },
  );
  // Rater 4 stops after the practice, rater 5 never agrees.
  const records = all.filter(one => one.rater !== 5 && (one.rater !== 4 || one.type === 'consent' || one.trial < 2));
  const { results, judgements } = resultsOf(experiment, records, 0.8);
  assert.deepEqual(
    results.raters.map(({ rater, excluded }) => [rater, excluded]),
    [
      [0, '0 of 4 attention checks right'],
      [1, 'always image B'],
      [2, 'half of the answers within 120 ms'],
      [3, null],
      [4, 'no answers yet'],
    ],
  );
  assert.equal(results.answers.counted, 12);
  assert.deepEqual(results.answers.leftOut, { 'rater excluded': 36 });
  assert.equal(judgements.length, 48);
  assert.equal(resultsOf(experiment, records, 0).results.answers.counted, 24);
});

test('limited time: a share for each time; answers after another time than planned, or a second look, are left out', () => {
  const exposures = [125, 1000, 8000];
  const experiment = experimentOf({ kind: 'limited-time', methods: ['ours'], exposures, trials: 12 });
  const records = answered(
    experiment,
    ({ a, ms }) => ((a === 'ours') === (ms === 125) ? 'a' : 'b'),
    ({ rater, trial, shownMs }) => {
      const { role, exposureMs } = experiment.raters[rater]!.trials[trial]!;
      if (role !== 'trial' || rater > 1) return { shownMs: shownMs + 30 };
      if (rater === 0 && exposureMs === 125) return { shownMs: shownMs + 50 };
      return rater === 1 && exposureMs === 8000 ? { views: 2 } : {};
    },
  );
  const { comparisons, answers } = resultsOf(experiment, records, 0.8).results;
  assert.deepEqual(
    comparisons.map(({ exposureMs, preferred, answers }) => [exposureMs, preferred, answers]),
    [
      [null, 20, 64],
      [125, 20, 20],
      [1000, 0, 24],
      [8000, 0, 20],
    ],
  );
  assert.deepEqual(answers.leftOut, { 'shown for another time than planned': 4, 'seen more than once': 4 });
});

test('agreement is with the majority of the others on the same pair', () => {
  // Three scenes, one pair of methods, every rater judges all three.
  const experiment = experimentOf({ trials: 3, practice: 0, checks: 0 }, 3);
  const records = answered(experiment, ({ a }, rater) => ((a === 'ours') === rater < 4 ? 'a' : 'b'));
  const { results } = resultsOf(experiment, records, 0.8);
  const agreement = results.raters.map(({ agreement: { agreeing, compared } }) => [agreeing, compared]);
  // Of six raters four prefer ours: each of them finds three of five others on their side, the other two one of five.
  assert.deepEqual(agreement, [...new Array(4).fill([3, 3]), ...new Array(2).fill([0, 3])]);
});

test('four methods are put in their order, each within its interval', () => {
  const strengths: Readonly<Record<string, number>> = { a: 1, b: 0.3, c: -0.3, d: -1 };
  const methods = Object.keys(strengths);
  const tokens = Array.from({ length: 40 }, (_, rater) => `token-of-rater-${rater}`);
  const experiment = experimentOf({ methods, tokens, trials: 60 }, 80);
  const random = new Random(5);
  const records = answered(experiment, ({ a, b }) => {
    const chance = 1 / (1 + Math.exp(strengths[b]! - strengths[a]!));
    return random.uniform() < chance ? 'a' : 'b';
  });
  const { results } = resultsOf(experiment, records, 0.8);
  assert.deepEqual(
    results.ranking.map(({ method }) => method),
    methods,
  );
  for (const { method, strength, low, high } of results.ranking) {
    assert.ok(low < strength && strength < high);
    assert.ok(low < strengths[method]! && strengths[method]! < high, `${method}: ${low} … ${high}`);
    assert.ok(high - low < 0.5);
  }
  assert.equal(results.comparisons.length, 6);
});

test('tables, page and text say the same, and names are escaped', () => {
  const hostile = '<b>"ours",\n=1';
  const experiment = experimentOf({ methods: [hostile, 'theirs', 'third'], name: 'a "test"' });
  const found = resultsOf(
    experiment,
    answered(experiment, ({ a }) => (a === hostile ? 'a' : 'b')),
    0.8,
  );
  const csv = comparisonsCsv([found.results]);
  assert.match(
    csv,
    /^experiment,method,against,seconds,answers,preferred,share,low,high,p\r\n"a ""test""","<b>""ours"",\n=1",theirs,,24,24,1,/,
  );
  const answers = answersCsv([{ name: 'x', judgements: found.judgements }]);
  assert.equal(answers.split('\r\n').length, 1 + 72 + 1);
  const html = renderResultsPage([found.results], 'pix2pixhd study results');
  assert.ok(!html.includes('<b>'));
  assert.match(html, /&lt;b&gt;&quot;ours/);
  assert.match(html, /<svg /);
  assert.match(renderResults([found.results]), /Ranking/);
  const empty = resultsOf(experiment, [], 0.8).results;
  assert.match(renderResults([empty]), /0 answers of 0 raters count; 0 of 6 raters began/);
  assert.ok(!renderResultsPage([empty], 'c').includes('NaN'));
  assert.equal(JSON.stringify(empty).includes('null'), true);
});
