import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/errors.js';
import { LossLog, type LossRecord, readLossLog } from '../../src/run/loss-log.js';

const folder = mkdtempSync(join(tmpdir(), 'loss-log-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `losses-${files++}.jsonl`);

const record = (step: number): LossRecord => ({ step, epoch: 1, seconds: 0.5, G_GAN: step / 10 });

function write(path: string, from: number, to: number): void {
  const log = LossLog.open(path, from - 1);
  for (let step = from; step <= to; step++) log.append(record(step));
  log.close();
}

test('what is appended is read back, one JSON object a line', () => {
  const path = newPath();
  write(path, 1, 3);
  assert.deepEqual(readLossLog(path), [record(1), record(2), record(3)]);
  assert.equal(readFileSync(path, 'utf8').split('\n')[1], '{"step":2,"epoch":1,"seconds":0.5,"G_GAN":0.2}');
});

test('resuming at a step cuts off the lines of later steps', () => {
  const path = newPath();
  write(path, 1, 10);
  const log = LossLog.open(path, 6);
  assert.equal(log.dropped, 4);
  log.append(record(7));
  log.close();
  assert.deepEqual(
    readLossLog(path).map(({ step }) => step),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

test('a half-written last line is not read, and is cut off on resuming', () => {
  for (const half of ['{"step":4,"epo', '{"step":4}', '\0\0\0\0\n']) {
    const path = newPath();
    write(path, 1, 3);
    appendFileSync(path, half);
    assert.equal(readLossLog(path).length, 3);
    write(path, 4, 5);
    assert.deepEqual(readLossLog(path), [1, 2, 3, 4, 5].map(record));
  }
});

test('a damaged line before the last is refused with its number, and nothing is lost', () => {
  const path = newPath();
  writeFileSync(path, '{"step":1}\noops\n{"step":3}\n');
  assert.throws(
    () => LossLog.open(path, 3),
    (error: unknown) => error instanceof UserError && error.parts.where === `${path}, line 2`,
  );
  assert.equal(readFileSync(path, 'utf8'), '{"step":1}\noops\n{"step":3}\n');
});

test('a log of many blocks is read block by block: lines across block borders, records passed on, steps cut off', () => {
  const path = newPath();
  // A megabyte is read at a time; these lines, of many lengths, make three.
  const words = (step: number) => 'ä'.repeat(1 + ((step * 37) % 300));
  const lines = Array.from({ length: 9000 }, (_, i) => `${JSON.stringify({ ...record(i + 1), note: words(i + 1) })}\n`);
  writeFileSync(path, lines.join(''));
  assert.ok(statSync(path).size > 2.5 * 2 ** 20);
  const told: number[] = [];
  const log = LossLog.open(path, 8000, ({ step }) => told.push(step));
  assert.equal(log.dropped, 1000);
  log.append(record(8001));
  log.close();
  assert.deepEqual(
    told,
    Array.from({ length: 8000 }, (_, i) => i + 1),
  );
  assert.equal(readFileSync(path, 'utf8'), `${lines.slice(0, 8000).join('')}${JSON.stringify(record(8001))}\n`);
});

test('opening a long log takes no memory for it', () => {
  const path = newPath();
  const line = `${JSON.stringify({ ...record(1), note: 'x'.repeat(1000) })}\n`;
  writeFileSync(path, line.repeat(30_000));
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const log = LossLog.open(path, 1, ({ step }) => {
    most = Math.max(most, step && process.memoryUsage().arrayBuffers - before);
  });
  log.close();
  assert.ok(most < statSync(path).size / 3, `${most} bytes of ${statSync(path).size}`);
});

test('a full disk is a clear error that leaves the log as it was', { skip: !existsSync('/dev/full') }, () => {
  const path = newPath();
  symlinkSync('/dev/full', path);
  const log = LossLog.open(path, 0);
  assert.throws(
    () => log.append(record(1)),
    (error: unknown) =>
      error instanceof UserError && error.parts.where === path && /ENOSPC.*--resume/s.test(error.message),
  );
  log.close();
});

test('a loss that is not finite is stored as null', () => {
  const path = newPath();
  const log = LossLog.open(path, 0);
  log.append({ ...record(1), G_GAN: Number.NaN });
  log.close();
  assert.equal(readLossLog(path)[0]?.G_GAN, null);
});

test('steps must grow, and a closed log refuses more', () => {
  const log = LossLog.open(newPath(), 5);
  assert.throws(() => log.append(record(5)), /step 5 after step 5/);
  log.append(record(6));
  assert.throws(() => log.append(record(6)), /step 6 after step 6/);
  log.close();
  log.close();
  assert.throws(() => log.append(record(7)), /closed/);
});

test('a log that does not exist has no records', () => {
  assert.deepEqual(readLossLog(newPath()), []);
});

async function killAfterSomeLines(child: ChildProcess, path: string): Promise<void> {
  while (readLossLog(path).length < 50) await sleep(5);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('every step that was logged before kill -9 is there after it', { timeout: 20_000 }, async () => {
  const path = newPath();
  const program = `
    const { LossLog } = await import(${JSON.stringify(new URL('../../src/run/loss-log.js', import.meta.url).href)});
    const log = LossLog.open(${JSON.stringify(path)}, 0);
    for (let step = 1; ; step++) log.append({ step, epoch: 1, seconds: 0, G_GAN: Math.random() });`;
  await killAfterSomeLines(spawn(process.execPath, ['--input-type=module', '-e', program]), path);
  const steps = readLossLog(path).map(({ step }) => step);
  assert.deepEqual(
    steps,
    steps.map((_, i) => i + 1),
  );
  write(path, steps.length + 1, steps.length + 1);
  assert.equal(readLossLog(path).length, steps.length + 1);
});
