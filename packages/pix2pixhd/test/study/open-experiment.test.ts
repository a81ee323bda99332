/** An experiment under way: answers are stored once, in their turn, and all is known again after a restart. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAnswers } from '../../src/study/answer-log.js';
import { ANSWERS_FILE } from '../../src/study/experiment.js';
import { OpenExperiment, OutOfTurn } from '../../src/study/open-experiment.js';
import { workFolder } from '../support/work-folder.js';
import { experimentOf } from './experiments.js';

const root = workFolder();
let folders = 0;
function place(): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  return folder;
}
const answer = (trial: number, choice: 'a' | 'b' = 'a') => ({ trial, choice, shownMs: 1, responseMs: 1, views: 1 });
const stored = (folder: string) => readAnswers(join(folder, ANSWERS_FILE)).filter(({ type }) => type === 'answer');

test('an answer that is sent again and again is stored once, and each time acknowledged', async () => {
  const folder = place();
  const open = new OpenExperiment({ folder, experiment: experimentOf() });
  await Promise.all([open.consent(0, '2026-11-26'), open.consent(0, '2026-11-26')]);
  const told = await Promise.all([0, 0, 0].map(trial => open.answer(0, answer(trial))));
  assert.deepEqual(told, [1, 1, 1]);
  // Another choice for the same trial comes too late.
  assert.equal(await open.answer(0, answer(0, 'b')), 1);
  assert.equal(await open.answer(0, answer(1, 'b')), 2);
  await open.close();
  assert.deepEqual(
    stored(folder).map(record => record.type === 'answer' && [record.trial, record.choice]),
    [
      [0, 'a'],
      [1, 'b'],
    ],
  );
});

test('what is not its turn, without consent, or after the last trial is refused and not stored', async () => {
  const folder = place();
  const open = new OpenExperiment({ folder, experiment: experimentOf() });
  await assert.rejects(open.answer(0, answer(0)), OutOfTurn);
  await open.consent(0, '2026-11-26');
  await assert.rejects(open.answer(0, answer(1)), OutOfTurn);
  const all = 12 + 2 + 4;
  for (let trial = 0; trial < all; trial++) await open.answer(0, answer(trial));
  await assert.rejects(open.answer(0, answer(all)), OutOfTurn);
  assert.equal(open.complete, 1);
  await open.close();
  assert.equal(stored(folder).length, all);
});

test('opened again it knows who agreed, and how far each rater is', async () => {
  const folder = place();
  const experiment = experimentOf();
  const first = new OpenExperiment({ folder, experiment });
  await first.consent(3, '2026-11-26');
  await first.answer(3, answer(0));
  await first.answer(3, answer(1));
  await first.close();
  const again = new OpenExperiment({ folder, experiment });
  assert.deepEqual([again.consented(3), again.consented(2)], [true, false]);
  assert.deepEqual([again.answered(3), again.answered(2)], [2, 0]);
  assert.equal(await again.answer(3, answer(1)), 2);
  await again.close();
  assert.equal(stored(folder).length, 2);
});
