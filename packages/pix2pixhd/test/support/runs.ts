/**
 * Small data sets and runs for the tests of the whole program: what trains in a second or two on one thread. Depends on
 * the test images, torch's file reader and Node.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, type TensorData } from '@pix2pixhd/torch';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { type LossRecord, readLossLog } from '../../src/run/loss-log.js';
import { noise, writePng } from '../data/images.js';

/** Classes of {@link writeLabelPairs}. */
export const labelNc = 5;

/** Blocks of 8 by 8 pixels with an id each, so that there are objects and borders between them. */
function blocks(width: number, height: number, salt: number): Uint8Array {
  const columns = Math.ceil(width / 8);
  const ids = noise(columns * Math.ceil(height / 8), salt).map(value => value % labelNc);
  return Uint8Array.from(
    { length: width * height },
    (_, i) => ids[Math.floor(i / width / 8) * columns + Math.floor((i % width) / 8)]!,
  );
}

/** Writes label maps, 16-bit instance maps and photographs under the names `0.png`, `1.png`, … */
export function writeLabelPairs(dataroot: string, phase: string, count: number, width: number, height: number): void {
  for (let i = 0; i < count; i++) {
    const label = blocks(width, height, i);
    const instance = Uint16Array.from(label, (id, p) => (id === 4 ? 26000 + Math.floor((p % width) / 8) : id));
    const photo = Uint8Array.from(
      { length: width * height * 3 },
      (_, p) => label[Math.floor(p / 3)]! * 50 + (p % 3) * 9,
    );
    writePng(join(dataroot, `${phase}_label`, `${i}.png`), width, 1, label);
    writePng(join(dataroot, `${phase}_inst`, `${i}.png`), width, 1, instance);
    writePng(join(dataroot, `${phase}_img`, `${i}.png`), width, 3, photo);
  }
}

/** Writes images and their negatives as `PHASE_A` and `PHASE_B`, under the names `0.png`, `1.png`, … */
export function writeImagePairs(dataroot: string, phase: string, count: number, width: number, height: number): void {
  for (let i = 0; i < count; i++) {
    const ids = blocks(width, height, i);
    const image = Uint8Array.from(
      { length: width * height * 3 },
      (_, p) => 40 * ids[Math.floor(p / 3)]! + 20 * (p % 3),
    );
    writePng(join(dataroot, `${phase}_A`, `${i}.png`), width, 3, image);
    writePng(
      join(dataroot, `${phase}_B`, `${i}.png`),
      width,
      3,
      image.map(value => 255 - value),
    );
  }
}

/** Networks as small as they get, computed alike on every machine. */
export const tiny = [
  ...['--ngf', '4', '--ndf', '4', '--n-downsample-global', '2', '--n-blocks-global', '1', '--num-D', '2'],
  ...['--resize-or-crop', 'none', '--device', 'cpu', '--precision', 'fp32', '--threads', '1'],
  ...['--workers', '1'],
];

/** The records of a run's losses without the seconds, the one thing that may differ from run to run. */
export function lossesOf(run: string): Omit<LossRecord, 'seconds'>[] {
  return readLossLog(join(run, 'losses.jsonl')).map(({ seconds: _, ...losses }) => losses);
}

/** Every tensor of a run's checkpoint: weights, moments, random states, pool. */
export function tensorsOf(run: string, which = 'latest'): Map<string, TensorData> {
  return readSafetensors(new CheckpointStore(join(run, 'checkpoints')).find(which)).tensors;
}

/** Asserts that two runs had the same losses and ended with the same checkpoint, bit by bit. */
export function assertSameRun(actual: string, expected: string, steps: number): void {
  const losses = lossesOf(expected);
  assert.equal(losses.length, steps);
  assert.ok(losses.every(record => Object.values(record).every(Number.isFinite)));
  assert.deepEqual(lossesOf(actual), losses);
  const tensors = tensorsOf(expected);
  const found = tensorsOf(actual);
  assert.deepEqual([...found.keys()], [...tensors.keys()]);
  for (const [name, tensor] of tensors) assert.deepEqual(found.get(name), tensor, name);
}

/** The text of a file of a run. */
export function textOf(run: string, file: string): string {
  return readFileSync(join(run, file), 'utf8');
}
