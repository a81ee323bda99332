/** The log of answers: what is there after a crash at any byte, what is refused, and that answers are on the disk in order. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../../src/errors.js';
import { AnswerLog, readAnswers, type StudyRecord } from '../../src/study/answer-log.js';
import { smallDisk } from '../support/small-disk.js';
import { workFolder } from '../support/work-folder.js';

const folder = workFolder();
const path = join(folder, 'answers.jsonl');
const answer = (trial: number): StudyRecord => ({
  ...({ type: 'answer', rater: 2, trial, choice: 'a' } as const),
  ...{ shownMs: 120.5, responseMs: 800, views: 1 },
});
const records: readonly StudyRecord[] = [{ type: 'consent', rater: 2, day: '2026-11-26' }, answer(0), answer(1)];

async function written(): Promise<Buffer> {
  writeFileSync(path, '');
  const log = AnswerLog.open(path, () => assert.fail('an empty log'));
  await Promise.all(records.map(record => log.append(record)));
  await log.close();
  return readFileSync(path);
}

test('what was appended is read, in order; a file that is not there is empty, and not made by reading', async () => {
  assert.equal((await written()).toString().split('\n').length, 4);
  assert.deepEqual(readAnswers(path), records);
  assert.deepEqual(readAnswers(join(folder, 'none.jsonl')), []);
  assert.equal(existsSync(join(folder, 'none.jsonl')), false);
});

test('a log that ends at any byte has all complete lines, and goes on after them', async () => {
  const bytes = await written();
  const ends = [...bytes.keys()].filter(i => bytes[i] === 10).map(i => i + 1);
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    const complete = ends.filter(end => end <= length).length;
    assert.deepEqual(readAnswers(path), records.slice(0, complete));
    if (length % 20 !== 0) continue;
    const seen: StudyRecord[] = [];
    const log = AnswerLog.open(path, record => seen.push(record));
    await log.append(answer(9));
    await log.close();
    assert.deepEqual(seen, records.slice(0, complete));
    assert.deepEqual(readAnswers(path), [...seen, answer(9)]);
  }
});

test('a last line of zeros, as a power failure leaves it, is dropped; a damaged line before others is an error', async () => {
  const bytes = await written();
  appendFileSync(path, Buffer.concat([Buffer.alloc(40), Buffer.from('\n')]));
  assert.deepEqual(readAnswers(path), records);
  appendFileSync(path, `${JSON.stringify(answer(2))}\n`);
  const damaged = (error: unknown) => error instanceof UserError && error.code === 'STUDY_DAMAGED';
  assert.throws(() => readAnswers(path), damaged);
  assert.throws(() => AnswerLog.open(path, () => {}), damaged);
  // Nothing was cut off.
  assert.ok(readFileSync(path).length > bytes.length + 41);
});

test('records that this program does not write are damage', async () => {
  const bytes = await written();
  for (const line of ['{"type":"answer","rater":-1}', '[]', '{"type":"other"}', '{"type":"consent","rater":0}']) {
    writeFileSync(path, `${line}\n${bytes}`);
    assert.throws(() => readAnswers(path), UserError);
  }
});

test('after it is closed nothing is appended', async () => {
  await written();
  truncateSync(path);
  const log = AnswerLog.open(path, () => {});
  await log.close();
  await assert.rejects(log.append(answer(0)), /closed/);
  assert.equal(readFileSync(path).length, 0);
});

test('a full disk: the answer is refused, the log stays whole, and goes on when there is room', async t => {
  const disk = smallDisk(t, 8192);
  if (disk === undefined) return;
  const file = join(disk.folder, 'answers.jsonl');
  const log = AnswerLog.open(file, () => {});
  let stored = 0;
  const full = (error: unknown) => error instanceof UserError && error.code === 'CANNOT_WRITE';
  for (let refused = false; !refused; )
    await log.append(answer(stored)).then(
      () => stored++,
      error => {
        assert.ok(full(error), String(error));
        refused = true;
      },
    );
  assert.ok(stored > 20, `${stored}`);
  assert.equal(readAnswers(file).length, stored);
  disk.grow(1 << 20);
  await log.append(answer(stored));
  await log.close();
  assert.deepEqual(
    readAnswers(file),
    Array.from({ length: stored + 1 }, (_, trial) => answer(trial)),
  );
});
