/**
 * `node packages/pix2pixhd/dist/bench/rig.js`: what a frame of two fixed cameras costs `prepare --align rig` once the rig is known, in
 * milliseconds of one core, and where they go; and whether memory grows. Depends on prepare and on the scenes of its tests; prints.
 *
 * The frame is made: 640×512, thermal as PNG of 16 bits, colour as JPEG. Options: --frames N (100).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeStored } from '../src/data/decode/decode.js';
import { rasterFile } from '../src/output/raster-file.js';
import { rigStep } from '../src/prepare/align.js';
import { compose, identity, rotation, type Size, translation, warp } from '../src/prepare/alignment/index.js';
import { writePair } from '../src/prepare/write-pair.js';
import { writable } from '../src/raster.js';
import { toSharp } from '../src/sharp-image.js';
import { photograph, Scene, through } from '../test/prepare/alignment/scene.js';

const { values } = parseArgs({ options: { frames: { type: 'string', default: '100' } } });
const frames = Number(values.frames);
const size: Size = { width: 640, height: 512 };
const transform = compose(translation(11, -7), rotation(0.02, 0.97));
const folder = mkdtempSync(join(tmpdir(), 'rig-'));
try {
  const files = await make();
  await steps(files);
  await whole(files);
} finally {
  rmSync(folder, { recursive: true });
}

async function make(): Promise<{ readonly thermal: string; readonly colour: string }> {
  const scene = new Scene(1, size);
  const grey = photograph(through(scene, identity), size, 'thermal', 4, 1);
  const data = Uint16Array.from(grey.data, value => 27000 + 16 * value);
  const colours = photograph(through(scene, transform), size, 'rgb', 4, 2);
  const [thermal, colour] = [join(folder, 'thermal.png'), join(folder, 'colour.jpg')];
  writeFileSync(thermal, (await rasterFile({ ...grey, data })).bytes);
  writeFileSync(colour, await toSharp(colours).jpeg({ quality: 90 }).toBuffer());
  return { thermal, colour };
}

/** The steps one after the other, each by itself. */
async function steps({ thermal, colour }: Awaited<ReturnType<typeof make>>): Promise<void> {
  const [a, b] = [writable(await decodeStored(thermal)), writable(await decodeStored(colour))];
  const warped = warp(b, transform, a).raster;
  await measured('decoding, thermal', () => decodeStored(thermal));
  await measured('decoding, colour', () => decodeStored(colour));
  await measured('resampling, colour', () => warp(b, transform, a));
  await measured('encoding, thermal', () => rasterFile(a));
  await measured('encoding, colour', () => rasterFile(warped));
}

/** All of it, as a thread of `prepare` does it. */
async function whole({ thermal, colour }: Awaited<ReturnType<typeof make>>): Promise<void> {
  const box = { x: 0, y: 0, ...size };
  const decision = { model: 'homography', transform, frame: 'input', box, pairs: 1 } as const;
  const step = rigStep(decision as unknown as Parameters<typeof rigStep>[0]);
  const destination = { out: join(folder, 'set'), copy: false, labelled: false };
  let stem = 0;
  const next = () =>
    writePair(
      // Ten names in turn, so that the disk does not fill.
      {
        stem: String(stem++ % 10),
        phase: 'train',
        parts: { source: { file: thermal }, image: { file: colour } },
      },
      [step],
      destination,
    );
  await measured('a pair, all of it', next);
  const before = process.memoryUsage().rss;
  await measured('the same again', next);
  console.log(`resident memory: ${mib(before)} MiB, then ${mib(process.memoryUsage().rss)}`);
}

async function measured(name: string, work: () => unknown): Promise<void> {
  const from = process.cpuUsage();
  const begin = performance.now();
  for (let i = 0; i < frames; i++) await work();
  const { user, system } = process.cpuUsage(from);
  const each = (milliseconds: number) => (milliseconds / frames).toFixed(1).padStart(7);
  console.log(`${name.padEnd(20)}${each((user + system) / 1000)} ms of a core${each(performance.now() - begin)} ms`);
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
