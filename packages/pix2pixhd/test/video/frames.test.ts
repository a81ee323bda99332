/** Raw frames, reading ahead, percentiles, the mark of videos: what needs neither ffmpeg nor a network. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Durations } from '../../src/video/latency.js';
import { isMarkedVideo, markVideo } from '../../src/video/own-video.js';
import { cutFrames, frameBytes, frameRaster, rgb24Of } from '../../src/video/raw-frames.js';
import { Latest, oneAhead } from '../../src/video/read-ahead.js';
import { noise, temporaryFolder } from '../data/images.js';

/** The bytes in chunks of these sizes, again and again. */
function inChunks(bytes: Uint8Array, sizes: readonly number[]): Readable {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!)
    chunks.push(bytes.subarray(at, at + sizes[i % sizes.length]!));
  return Readable.from(chunks);
}

test('however a stream is chunked, the frames are the bytes, and what is left over is counted', async () => {
  const bytes = noise(10 * 12 + 5);
  for (const sizes of [[1], [12], [7, 3], [100], [11, 13], [1000]]) {
    const frames: Uint8Array[] = [];
    let rest = -1;
    for await (const frame of cutFrames(inChunks(bytes, sizes), 12, left => {
      rest = left;
    }))
      frames.push(frame);
    assert.equal(frames.length, 10);
    assert.deepEqual(Uint8Array.from(frames.flatMap(frame => [...frame])), bytes.subarray(0, 120));
    assert.equal(new Set(frames.map(frame => frame.buffer)).size, 10, 'each has its own memory');
    assert.equal(rest, 5);
  }
});

test('pixels by their format: gray, rgb24, and 16 bits with the lower byte first', () => {
  const size = { width: 2, height: 1 };
  assert.deepEqual(frameRaster(Uint8Array.of(1, 2), { ...size, format: 'gray' }).data, Uint8Array.of(1, 2));
  assert.equal(frameRaster(new Uint8Array(6), { ...size, format: 'rgb24' }).channels, 3);
  const deep = frameRaster(Uint8Array.of(1, 2, 255, 255), { ...size, format: 'gray16le' });
  assert.deepEqual([deep.channels, [...deep.data]], [1, [513, 65535]]);
  const formats = ['gray', 'rgb24', 'gray16le'] as const;
  assert.deepEqual(
    formats.map(format => frameBytes({ width: 5, height: 3, format })),
    [15, 45, 30],
  );
  const grey = { width: 2, height: 1, channels: 1, data: Uint8Array.of(4, 9) };
  assert.deepEqual(rgb24Of(grey), Uint8Array.of(4, 4, 4, 9, 9, 9));
});

test('one value is read ahead, in order; an error comes after the values before it', async () => {
  let taken = 0;
  const source = (async function* () {
    for (let i = 0; i < 5; i++) {
      taken++;
      yield i;
    }
    throw new Error('broken');
  })();
  const seen: number[] = [];
  await assert.rejects(
    async () => {
      for await (const value of oneAhead(source)) {
        await nextTurn();
        seen.push(value);
        assert.equal(taken, Math.min(5, value + 2));
      }
    },
    { message: 'broken' },
  );
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
});

test('the latest value is taken, the last one always, and what was passed over is counted', async () => {
  let push: (value: { n: number } | null) => void = () => {};
  const stream = new Readable({ objectMode: true, read() {} });
  push = value => stream.push(value);
  const latest = new Latest<{ n: number }>(stream);
  const seen: number[] = [];
  push({ n: 0 });
  for await (const { n } of latest) {
    seen.push(n);
    // Three come while one is worked on.
    if (n < 9) for (const next of [n + 1, n + 2, n + 3]) push({ n: next });
    else push(null);
    for (let i = 0; i < 5; i++) await nextTurn();
  }
  assert.deepEqual(seen, [0, 3, 6, 9]);
  assert.equal(latest.dropped, 6);
  const broken = new Latest(
    (async function* () {
      yield { n: 1 };
      throw new Error('broken');
    })(),
  );
  await assert.rejects(async () => {
    for await (const _ of broken);
  }, /broken/);
});

test('percentiles are by nearest rank, over the last ten thousand', () => {
  const durations = new Durations();
  assert.equal(durations.percentile(0.5), null);
  for (const value of [5, 1, 4, 2, 3]) durations.add(value);
  assert.deepEqual(
    [0, 0.5, 0.8, 0.95, 1].map(share => durations.percentile(share)),
    [1, 3, 4, 5, 5],
  );
  for (let i = 1; i <= 10_000; i++) durations.add(100 + i);
  assert.deepEqual([durations.percentile(0), durations.percentile(0.95)], [101, 9600]);
});

test('a file has the mark until it is changed', t => {
  const folder = temporaryFolder(t);
  const [file, copy] = [join(folder, 'a.mp4'), join(folder, 'b.mp4')];
  // The beginning of a Matroska file: an EBML header without content, and a Segment of 88 bytes.
  const matroska = Buffer.concat([
    Buffer.from('1a45dfa38018538067', 'hex'),
    Buffer.from('0100000000000058', 'hex'),
    noise(88),
  ]);
  for (const [container, content] of [
    ['mp4', noise(100)],
    ['mkv', matroska],
  ] as const) {
    writeFileSync(file, content);
    assert.ok(!isMarkedVideo(file));
    markVideo(file, container);
    copyFileSync(file, copy);
    assert.ok(isMarkedVideo(file) && isMarkedVideo(copy));
    truncateSync(copy, content.length + 5);
    assert.ok(!isMarkedVideo(copy));
  }
  // The Segment ends where the file does.
  assert.equal(readFileSync(file).readBigUInt64BE(9), (1n << 56n) + BigInt(readFileSync(file).length - 17));
  writeFileSync(file, noise(300));
  assert.throws(() => markVideo(file, 'mkv'), /no Matroska segment/);
  writeFileSync(file, '');
  assert.ok(!isMarkedVideo(file) && !isMarkedVideo(folder) && !isMarkedVideo(join(folder, 'none')));
});
