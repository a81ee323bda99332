/**
 * The bench's comparison: contestants alternate, ratios are per round. The peer is a JavaScript script that answers like the
 * Python one.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compare, measurePeer, ratioOf, roundHead, roundLine, summaryLines } from '../../bench/peer.js';
import { median } from '../../bench/row.js';

test('the median of an even number is the mean of the middle two', () => {
  assert.equal(median([3]), 3);
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([9, 1, 2, 4]), 3);
});

test('every contestant is measured once per round, in order, and the round is reported at its end', async () => {
  const seen: string[] = [];
  const measure = (who: string) => async () => {
    seen.push(who);
    return { seconds: 1, peakMb: 1 };
  };
  const rounds = await compare({ usual: measure('usual'), ours: measure('ours') }, 2, (_, number) =>
    seen.push(`round ${number}`),
  );
  assert.deepEqual(seen, ['usual', 'ours', 'round 1', 'usual', 'ours', 'round 2']);
  assert.deepEqual(Object.keys(rounds[1]!), ['usual', 'ours']);
});

test('ratios are taken within a round, not of medians', () => {
  const round = (usual: number, ours: number, peakMb: number) => ({
    usual: { seconds: usual, peakMb },
    ours: { seconds: ours, peakMb: 100 },
  });
  // The machine was at half its speed in the second round: every ratio is about three, that of the medians is six.
  const rounds = [round(3, 1, 70), round(6, 2, 90), round(6.2, 2, 80), round(6, 1, 80), round(3, 1, 80)];
  const pair = ['usual', 'ours'] as const;
  assert.deepEqual(ratioOf(rounds, pair), { median: 3, min: 3, max: 6, rounds: [3, 3, 3.1, 6, 3] });
  const contestants = { usual: async () => rounds[0]!.usual, ours: async () => rounds[0]!.ours };
  assert.match(roundHead('train small', contestants, [pair]), /^train small +usual s +ours s +usual\/ours$/);
  assert.match(roundLine(rounds[2]!, 3, [pair]), /^ {2}round 3 +6\.200 +2\.000 +3\.10$/);
  assert.match(summaryLines(rounds, [pair]), /median +6\.000 +1\.000 +3\.00 \(3\.00–6\.00\)\n {2}peak MB +90 +100$/);
});

test("the peer is called with the row's name, and its last line is the result", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-peer-'));
  const before = process.env.PYTHON;
  try {
    const script = join(folder, 'peer.mjs');
    writeFileSync(
      script,
      `const [job, size, ...rest] = process.argv.slice(2);
       console.log('warming up');
       const right = job === 'infer' && size === '1024x512' && rest.join(' ').startsWith('--runs 3');
       console.log(JSON.stringify({ median_s: right ? (rest.includes('--tuned') ? 2 : 4) : NaN, peak_mb: 1234 }));`,
    );
    process.env.PYTHON = process.execPath;
    assert.deepEqual(await measurePeer(script, 'infer 1024x512', { tuned: false, runs: 3, device: 'cpu' }), {
      seconds: 4,
      peakMb: 1234,
    });
    assert.deepEqual(await measurePeer(script, 'infer 1024x512', { tuned: true, runs: 3, device: 'cpu' }), {
      seconds: 2,
      peakMb: 1234,
    });
    await assert.rejects(
      measurePeer(join(folder, 'absent.mjs'), 'infer 1024x512', { tuned: false, runs: 3, device: 'cpu' }),
      /absent\.mjs/,
    );
  } finally {
    if (before === undefined) delete process.env.PYTHON;
    else process.env.PYTHON = before;
    rmSync(folder, { recursive: true });
  }
});
