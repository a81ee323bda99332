import assert from 'node:assert/strict';
import { test } from 'node:test';

interface Progress {
  progressLine(
    what: string,
    out: { isTTY?: boolean; write(text: string): unknown },
  ): { show(news: string): void; end(news: string): void };
}

const { progressLine }: Progress = await import(new URL('../../../scripts/progress.mjs', import.meta.url).href);

/** What is written on a terminal or elsewhere in the course of three files, 2.4 seconds long. */
function written(
  t: { mock: { timers: { enable(o: { apis: ['setInterval'] }): void; tick(ms: number): void } } },
  isTTY: boolean,
) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let text = '';
  const line = progressLine('building', { isTTY, write: more => (text += more) });
  line.show('0 of 2 files');
  t.mock.timers.tick(1000);
  line.show('2 of 2 files');
  line.show('2 of 2 files');
  line.end('done');
  t.mock.timers.tick(5000);
  return text;
}

test('a log gets one line for each piece of news', t => {
  assert.match(written(t, false), /^building: 0 of 2 files\nbuilding: 2 of 2 files\nbuilding: done, \d\.\d s\n$/);
});

test('a terminal gets one line, rewritten with the seconds, and quiet after the end', t => {
  const start = '\\r\x1b\\[K';
  assert.match(
    written(t, true),
    new RegExp(
      `^(${start}building: 0 of 2 files, \\d s){2}${start}building: 2 of 2 files, \\d s${start}building: done, \\d\\.\\d s\n$`,
    ),
  );
});
