/** `pix2pixhd generate --live`: raw frames in, raw frames out, in order, each what generate makes of it as an image. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { noise, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { startLive } from '../support/video.js';
import { at, generate } from './world.js';

const [width, height] = [29, 22];
const size = ['--width', String(width), '--height', String(height)];
const live = (name: string, ...options: string[]) => generate(name, '--live', ...options);

/** Frames that differ, as the pixels of images. */
const frames = (count: number, channels: number) =>
  Array.from({ length: count }, (_, i) => noise(width * height * channels, i));

let folders = 0;
/** What generate makes of the frames as images: rgb24, one after the other. */
async function asImages(name: string, channels: number, all: readonly (Uint8Array | Uint16Array)[]): Promise<Buffer[]> {
  const [from, out] = [at(`in-${folders}`), at(`out-${folders++}`)];
  all.forEach((frame, i) => {
    writePng(join(from, `${i}.png`), width, channels, frame);
  });
  await succeed(...generate(name, '--input', from, '--out', out));
  return Promise.all(
    all.map((_, i) =>
      sharp(join(out, `${i}.png`))
        .toColourspace('srgb')
        .raw()
        .toBuffer(),
    ),
  );
}

test('every frame is answered in order with what its image becomes, and the times are said on standard error', async () => {
  const all = frames(6, 3);
  const run = startLive(live('images', ...size));
  for (const frame of all) run.child.stdin.write(frame);
  run.child.stdin.end();
  assert.equal(await run.ended, 0, run.said());
  assert.ok(run.answered().equals(Buffer.concat(await asImages('images', 3, all))));
  assert.match(run.said(), /ready for frames of 29×22, rgb24; answers are rgb24\n/);
  assert.match(
    run.said(),
    /6 frames answered, 0 dropped; .* median \d+\.\d ms, p95 \d+\.\d ms; the network alone: median/,
  );
});

test('a camera that waits for the answer to each frame gets it', { timeout: 60_000 }, async () => {
  const all = frames(3, 3);
  const expected = await asImages('images', 3, all);
  const run = startLive(live('images', ...size));
  for (const [i, frame] of all.entries()) {
    run.child.stdin.write(frame);
    while (run.answered().length < (i + 1) * frame.length) await once(run.child.stdout!, 'data');
    assert.ok(
      run
        .answered()
        .subarray(i * frame.length)
        .equals(expected[i]!),
    );
  }
  run.child.stdin.end();
  assert.equal(await run.ended, 0);
});

test('grey frames of 8 and 16 bits; answers are rgb24 all the same', async () => {
  const eight = frames(2, 1);
  const sixteen = eight.map(frame => Uint16Array.from(frame, value => value * 251 + 3));
  for (const [format, all, bytes] of [
    ['gray', eight, eight],
    ['gray16le', sixteen, sixteen.map(frame => new Uint8Array(frame.buffer))],
  ] as const) {
    const run = startLive(live('grey', ...size, ...(format === 'gray' ? [] : ['--pixel-format', format])));
    run.child.stdin.end(Buffer.concat(bytes));
    assert.equal(await run.ended, 0, run.said());
    assert.ok(run.answered().equals(Buffer.concat(await asImages('grey', 1, all))), format);
  }
});

test('--drop leaves out frames that are late, never the last one; JSON is on standard error', async () => {
  const all = frames(60, 3);
  const run = startLive(['--json', ...live('images', ...size, '--drop')]);
  run.child.stdin.end(Buffer.concat(all));
  assert.equal(await run.ended, 0, run.said());
  const lines = run
    .said()
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const { event, reason, frames: answered, dropped, latencyMs, networkMs } = lines.at(-1);
  assert.deepEqual([event, reason, answered + dropped], ['result', 'finished', 60]);
  assert.ok(dropped > 0);
  assert.ok(latencyMs.median > 0 && latencyMs.p95 >= latencyMs.median && networkMs.median > 0);
  const [last] = await asImages('images', 3, [all.at(-1)!]);
  assert.equal(run.answered().length, answered * last!.length);
  assert.ok(run.answered().subarray(-last!.length).equals(last!));
});

test('input that ends within a frame: the whole frames are answered, and it is said', async () => {
  const all = frames(2, 3);
  const bytes = Buffer.concat(all);
  const run = startLive(live('images', ...size));
  run.child.stdin.end(Buffer.concat([bytes, bytes.subarray(0, 100)]));
  assert.equal(await run.ended, 0);
  assert.equal(run.answered().length, bytes.length);
  assert.match(run.said(), /^warning: standard input ended within a frame: 100 bytes of 1914 are left out.*--width/m);
  for (const [rest, found] of [
    [0, 'nothing'],
    [100, '100 bytes, less than a frame'],
  ] as const) {
    const short = startLive(['--json', ...live('images', ...size)]);
    short.child.stdin.end(bytes.subarray(0, rest));
    assert.equal(await short.ended, 1);
    assert.equal(short.answered().length, 0);
    const error = JSON.parse(short.said().trimEnd().split('\n').at(-1)!);
    assert.deepEqual([error.event, error.code, error.found], ['error', 'FILE_UNREADABLE', found]);
  }
});

test('a reader that goes away ends it without a stack', { timeout: 60_000 }, async () => {
  const run = startLive(live('images', ...size));
  const feeding = setInterval(() => run.child.stdin.write(noise(width * height * 3)), 5);
  await once(run.child.stdout!, 'data');
  run.child.stdout!.destroy();
  assert.equal(await run.ended, 141);
  clearInterval(feeding);
  assert.match(run.said(), /\d+ frames answered/);
  assert.doesNotMatch(run.said(), /\n\s+at |EPIPE|Error/);
});

test('Ctrl-C ends it while it waits for a frame', { timeout: 60_000 }, async () => {
  const run = startLive(live('images', ...size));
  run.child.stdin.write(noise(width * height * 3));
  await once(run.child.stdout!, 'data');
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 130);
  assert.match(run.said(), /1 frames answered/);
  assert.doesNotMatch(run.said(), /Error/);
});

test('what live frames cannot be is refused before the first one', async () => {
  const image = at('images', 'train_A', '0.png');
  await refuse(live('images', '--width', '8'), 2, /--height/, /raw frames do not tell/);
  await refuse(live('images', ...size, image), 2, /--live, and also/);
  await refuse(live('images', ...size, '--input', image), 2, /--input \S+, and --live/);
  await refuse(live('images', ...size, '--frames'), 2, /--frames, and --live/);
  await refuse(live('images', ...size, '--pixel-format', 'yuv420p'), 2, /gray, rgb24, gray16le/);
  await refuse(live('labels', ...size), 1, /a network that takes label maps/);
});

test('colours do not fit a network of one channel', async () => {
  const run = startLive(live('grey', ...size, '--pixel-format', 'rgb24'));
  run.child.stdin.end();
  assert.equal(await run.ended, 2);
  assert.match(run.said(), /--pixel-format rgb24[\s\S]*one channel[\s\S]*--pixel-format gray/);
});
