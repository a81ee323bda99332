import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../src/cli/progress.js';
import { barLine, formatLoss } from '../../src/cli/progress-line.js';
import { formatDuration } from '../../src/duration.js';
import type { StartEvent } from '../../src/run/events.js';

/** A progress whose clock is moved by hand. */
function start({
  tty,
  columns = 100,
  printFreq = 100,
  ...limits
}: Partial<StartEvent> & { tty: boolean; columns?: number; printFreq?: number }) {
  const written: string[] = [];
  let ms = 0;
  const stream = { write: (text: string) => written.push(text), isTTY: tty, columns };
  const progress = new Progress(stream, printFreq, () => ms);
  const data = { folder: 'checkpoints/run', pairs: 5, device: 'cpu', precision: 'fp32', threads: 1 } as const;
  progress.show({ type: 'start', ...data, step: 0, totalSteps: 1000, maxSeconds: null, ...limits });
  written.length = 0;
  const step = (number: number, seconds: number, G_GAN = 1): void => {
    ms += seconds * 1000;
    progress.show({ type: 'step', step: number, epoch: 1, losses: { G_GAN }, seconds, applied: true });
  };
  return { progress, step, written, text: () => written.join('') };
}

test('without a terminal there are plain lines: the first step, every so many, and the last', () => {
  const { progress, step, text } = start({ tty: false, printFreq: 5, totalSteps: 12 });
  for (let i = 1; i <= 12; i++) step(i, 2);
  progress.finish();
  const lines = text().trimEnd().split('\n');
  assert.deepEqual(
    lines.map(line => /step (\d+)/.exec(line)?.[1]),
    ['1', '5', '10', '12'],
  );
  assert.equal(lines[1], 'epoch 1  step 5/12  2.00 s/step  14 s left  G_GAN 1.00');
  assert(!text().includes('\x1b') && !text().includes('\r'));
});

test('a step that has its line already is not printed again at the end', () => {
  const { progress, step, text } = start({ tty: false, printFreq: 2 });
  step(1, 1);
  step(2, 1);
  progress.finish();
  assert.equal(text().trimEnd().split('\n').length, 2);
});

test('losses are means since the line before', () => {
  const { step, written } = start({ tty: false, printFreq: 4 });
  step(1, 1, 100);
  for (const [i, loss] of [1, 2, 6].entries()) step(i + 2, 1, loss);
  assert.match(written[1]!, /G_GAN 3\.00/);
});

test('time left is that of the limit which is reached first', () => {
  const bySteps = start({ tty: false, totalSteps: 10, maxSeconds: 1000 });
  bySteps.step(1, 3);
  assert.match(bySteps.text(), /27 s left/);
  assert.match(bySteps.text(), /step 1\/10 /);
  const byTime = start({ tty: false, totalSteps: 1000, maxSeconds: 60 });
  byTime.step(1, 3);
  assert.match(byTime.text(), /57 s left/);
  // A thousand steps will not be done.
  assert.match(byTime.text(), /step 1 /);
});

test('a slow first step is soon forgotten', () => {
  const { progress, step, written } = start({ tty: false, totalSteps: 1000 });
  step(1, 60);
  for (let i = 2; i <= 99; i++) step(i, 1);
  progress.finish();
  const shown = Number(/([\d.]+) s\/step/.exec(written.at(-1)!)?.[1]);
  assert(shown >= 1 && shown < 1.2, String(shown));
});

test('on a terminal one line is redrawn, at most ten times a second', () => {
  const { progress, step, written } = start({ tty: true, totalSteps: 1000 });
  for (let i = 1; i <= 1000; i++) step(i, 0.001);
  progress.finish();
  assert(written.length >= 10 && written.length <= 13, String(written.length));
  for (const text of written.slice(0, -1)) {
    assert(text.startsWith('\r\x1b[K'));
    assert.match(text, /\[[#.]+\] step/);
  }
  assert.match(written.at(-2)!, /\[#+\] step 1000\/1000/);
  assert.equal(written.at(-1), '\n');
});

test('the bar of a resumed run begins empty', () => {
  const { step, written } = start({ tty: true, step: 40, totalSteps: 60, columns: 200 });
  step(50, 1);
  assert.match(written[0]!, /\[#{12}\.{12}\] step 50\/60/);
});

test('a run is introduced by what it trains on and with, its stages by their descriptions; an end finishes the bar', () => {
  const { progress, step, written } = start({ tty: true, totalSteps: 10 });
  const data = { folder: 'checkpoints/run', pairs: 1, device: 'cpu', precision: 'bf16', threads: 2 } as const;
  progress.show({ type: 'start', ...data, step: 0, totalSteps: 10, maxSeconds: null });
  assert.equal(written[0], '\r\x1b[K1 pair; bf16 on cpu, 2 threads; run folder checkpoints/run\n');
  progress.show({ type: 'stage', number: 2, of: 3, description: 'stage 2 of 3: enhancer 1 alone' });
  assert.equal(written[1], '\r\x1b[Kstage 2 of 3: enhancer 1 alone\n');
  step(1, 1);
  const result = {
    reason: 'finished',
    step: 1,
    seconds: 1,
    secondsPerStep: 1,
    waitShare: 0,
    time: '',
    health: '',
  } as const;
  progress.show({ type: 'end', result });
  assert.equal(written.at(-1), '\n');
});

test('a note stands above the bar', () => {
  const { progress, step, written } = start({ tty: true, totalSteps: 10 });
  step(1, 1);
  const bar = written[0]!.slice('\r\x1b[K'.length);
  progress.note('saved step 1');
  assert.equal(written[1], `\r\x1b[Ksaved step 1\n${bar}`);
});

test('a line never reaches the last column: the bar goes first, then the losses', () => {
  const losses = ['G_GAN 0.812', 'G_GAN_Feat 3.21', 'D_real 0.402', 'D_fake 0.311'];
  for (let columns = 1; columns <= 160; columns++) {
    assert(barLine(0.5, 'step 1200/3500  0.0721 s/step', losses, columns).length <= Math.max(0, columns - 1));
  }
  assert.equal(barLine(0.5, 'step 5/10', losses, 24), 'step 5/10  G_GAN 0.812');
  assert.equal(barLine(0.5, 'step 5/10', ['G 1.00'], 40), '[#########..........] step 5/10  G 1.00');
});

test('numbers and durations are short and readable', () => {
  assert.deepEqual([0, 0.07214, 3.2149, 128.4, 0.00001, 123456, Number.NaN].map(formatLoss), [
    '0.00',
    '0.0721',
    '3.21',
    '128',
    '1.0e-5',
    '1.2e+5',
    'NaN',
  ]);
  assert.deepEqual([0.4, 59.4, 59.6, 160, 245, 3600, 3905, 12000].map(formatDuration), [
    '0 s',
    '59 s',
    '1 min 00 s',
    '2 min 40 s',
    '4 min 05 s',
    '1 h 00 min',
    '1 h 05 min',
    '3 h 20 min',
  ]);
});
