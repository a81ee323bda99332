/**
 * `npm run soak:study`: a simulated study. Scripts in real Chromium take part in two experiments, some of them careless, while the server is
 * killed with SIGKILL again and again and started anew. Every answer that a page was told is stored must be in the log, once; every rater
 * must come to the end; careless raters must be excluded; and the intervals must contain the preference that the scripts have.
 *
 * Options: --raters N (40), --kills N (20), --trials N (20) and --timed N (14) of each rater, --at-once N (5), --seed N (1), --folder FOLDER (a
 * temporary one, deleted at the end). Exit code 1 if anything is lost, twice there, or not as it should be.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { mapConcurrently } from '../src/concurrently.js';
import { Random } from '../src/data/random.js';
import { readAnswers } from '../src/study/answer-log.js';
import { ANSWERS_FILE, readStudy, type StoredExperiment } from '../src/study/experiment.js';
import { type Comparison, resultsOf } from '../src/study/results.js';
import { renderResults } from '../src/study/results-text.js';
import { browserLaunch } from '../test/support/browser.js';
import { succeed } from '../test/support/cli.js';
import { drawScenes, type Seen, type ServingStudy, serveStudy, takePart } from '../test/support/study.js';

const { values } = parseArgs({
  options: {
    raters: { type: 'string', default: '40' },
    kills: { type: 'string', default: '20' },
    trials: { type: 'string', default: '20' },
    timed: { type: 'string', default: '14' },
    'at-once': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
  },
});
const [raters, kills, seed] = [Number(values.raters), Number(values.kills), Number(values.seed)];
const root = values.folder ?? mkdtempSync(join(tmpdir(), 'pix2pixhd-study-'));
const study = join(root, 'study');

/** How often a script prefers ours to theirs. */
const PREFERENCE = 0.75;
/** How often it takes ours for the real image after a look of so many milliseconds: less the longer it looks. */
const fooled = (ms: number) => 0.5 - 0.06 * Math.log2(ms / 125);
/** Every so many-th rater takes the spoilt image in attention checks. */
const CARELESS = 20;
const attention = 0.8;
const faults: string[] = [];
const begun = performance.now();
const say = (text: string) =>
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);

// However this ends, no server goes on.
process.once('exit', () => server?.child.kill('SIGKILL'));
let server: ServingStudy | undefined;

await drawScenes(root, ['ours', 'theirs', 'real'], 30);
const results = (name: string) => ['--results', `${name}=${join(root, name)}`];
const shared = ['--raters', values.raters, '--practice', '1', '--checks', '4', '--real', join(root, 'real')];
const drawn = [...shared, '--seed', values.seed, '--out', study, '--quiet'];
await succeed('study', 'create', ...results('ours'), ...results('theirs'), '--trials', values.trials, ...drawn);
await succeed(...['study', 'create', '--kind', 'limited-time', ...results('ours'), '--trials', values.timed, ...drawn]);
const experiments = readStudy(study);

/** What pages were told is stored: experiment, rater, trial, choice. */
const stored = new Map<string, string>();
const planned = experiments.reduce(
  (sum, { experiment }) => sum + experiment.raters.reduce((all, { trials }) => all + trials.length, 0),
  0,
);

server = await serveStudy(study);
const { address } = server;
const browser = await chromium.launch(browserLaunch());
const killing = killNowAndThen();
const people = experiments.flatMap(stored => Array.from({ length: raters }, (_, rater) => ({ ...stored, rater })));
// Both experiments at the same time, rater by rater.
people.sort((a, b) => a.rater - b.rater);
await mapConcurrently(people, takesPart, Number(values['at-once']));
await killing;
await browser.close();
server.child.kill('SIGKILL');
await server.ended;

for (const experiment of experiments) inspect(experiment);
const all = experiments.map(resultsAt);
for (const { name, raters: counted, comparisons } of all) {
  const careless = counted.filter(({ excluded }) => excluded !== null).map(({ rater }) => rater);
  const expected = Array.from({ length: raters }, (_, rater) => rater).filter(isCareless);
  if (String(careless) !== String(expected))
    faults.push(`${name}: excluded are ${careless}, careless were ${expected}`);
  for (const { exposureMs, method, against, low, high } of comparisons) {
    const truth = name === 'pairwise' ? PREFERENCE : exposureMs === null ? meanFooled(comparisons) : fooled(exposureMs);
    const inside = low <= truth && truth <= high;
    say(
      `${name}, ${method} over ${against}${exposureMs === null ? '' : ` after ${exposureMs} ms`}: ${truth.toFixed(3)} is ${inside ? 'inside' : 'outside'} ${low.toFixed(3)} … ${high.toFixed(3)}`,
    );
    // Of intervals of 95 %, one in twenty may miss: only those of all answers must not.
    if (!inside && exposureMs === null) faults.push(`${name}: the true preference ${truth} is not inside`);
  }
}
process.stdout.write(`\n${renderResults(all)}\n`);
if (values.folder === undefined) rmSync(root, { recursive: true, force: true });
const told = `${raters} raters, ${experiments.length} experiments, ${kills} kills, ${stored.size} answers that pages were told are stored`;
process.stdout.write(
  faults.length === 0
    ? `${told}: each is in the log once.\n`
    : `${told}; ${faults.length} faults:\n${faults.join('\n')}\n`,
);
process.exitCode = faults.length > 0 ? 1 : 0;

function isCareless(rater: number): boolean {
  return rater % CARELESS === CARELESS - 1;
}

async function takesPart({ experiment, rater }: StoredExperiment & { rater: number }): Promise<void> {
  const middle = experiment.raters[rater]!.trials.length >> 1;
  await takePart(browser, address, {
    experiment,
    rater,
    think: 300,
    reloadBefore: rater % 5 === 0 ? [middle] : [],
    choose: seen => choice(seen, rater, experiment.kind === 'pairwise' ? 0 : 1),
    onStored(trial, choice) {
      const key = `${experiment.name} ${rater} ${trial}`;
      const before = stored.get(key);
      if (before !== undefined && before !== choice) faults.push(`${key}: ${choice} after ${before}`);
      stored.set(key, choice);
    },
  });
  if (rater % 5 === 4) say(`${experiment.name}: rater ${rater + 1} is through`);
}

/** By the script's preference, drawn by lot for the trial: the same whenever it is asked. */
function choice({ trial, number, a, intact }: Seen, rater: number, experiment: number): 'a' | 'b' {
  const right = intact ?? 'a';
  if (trial.role === 'attention') return isCareless(rater) ? (right === 'a' ? 'b' : 'a') : right;
  const share = trial.exposureMs === undefined ? PREFERENCE : fooled(trial.exposureMs);
  const ours = new Random(seed, experiment, rater, number).uniform() < share;
  return (a === 'ours') === ours ? 'a' : 'b';
}

/** Kills the server at moments spread over all answers, and starts it again. */
async function killNowAndThen(): Promise<void> {
  const random = new Random(seed, 99);
  for (let kill = 1; kill <= kills; kill++) {
    while (stored.size < (kill * planned) / (kills + 1)) await sleep(20);
    await sleep(400 * random.uniform());
    server!.child.kill('SIGKILL');
    await once(server!.child, 'exit');
    server = await serveStudy(study, Number(address.port));
    if (kill % 5 === 0) say(`${kill} kills, ${stored.size} of ${planned} answers`);
  }
}

/** Every answer that was acknowledged is there; no trial has two; nobody is missing one. */
function inspect({ folder, experiment }: StoredExperiment): void {
  const found = new Map<string, string>();
  for (const record of readAnswers(join(folder, ANSWERS_FILE))) {
    if (record.type !== 'answer') continue;
    const key = `${experiment.name} ${record.rater} ${record.trial}`;
    if (found.has(key)) faults.push(`${key} is there twice`);
    found.set(key, record.choice);
  }
  for (const [key, choice] of stored)
    if (key.startsWith(`${experiment.name} `) && found.get(key) !== choice)
      faults.push(`${key}: stored was ${choice}, found is ${found.get(key)}`);
  const expected = experiment.raters.reduce((sum, { trials }) => sum + trials.length, 0);
  if (found.size !== expected) faults.push(`${experiment.name}: ${found.size} answers of ${expected}`);
}

function resultsAt({ folder, experiment }: StoredExperiment) {
  return resultsOf(experiment, readAnswers(join(folder, ANSWERS_FILE)), attention).results;
}

/** Of all times, each as often as it was answered: on a busy machine more of the short ones are shown too long, and left out. */
function meanFooled(comparisons: readonly Comparison[]): number {
  const timed = comparisons.filter(({ exposureMs }) => exposureMs !== null);
  const answers = timed.reduce((sum, { answers }) => sum + answers, 0);
  return timed.reduce((sum, { exposureMs, answers }) => sum + fooled(exposureMs!) * answers, 0) / answers;
}
