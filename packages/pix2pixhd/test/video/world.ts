/** Tiny networks for images, and clips to translate with them. Depends on the command line and ffmpeg. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before } from 'node:test';
import { noise, writePng } from '../data/images.js';
import { succeed } from '../support/cli.js';
import { labelNc, tiny, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { ffmpeg } from '../support/video.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
/** A path in the folder of the test file. */
export const at = (...names: string[]) => join(root, ...names);
/** The options of a run. */
export const of = (name: string) => ['--name', name, '--checkpoints-dir', at('checkpoints')];
/** `generate` with a run, computed alike on every machine. */
export const generate = (name: string, ...options: string[]) => [
  ...['generate', ...of(name), '--device', 'cpu', '--precision', 'fp32', '--threads', '1', ...options],
];

/** Trains `images`, `grey` (one channel in, one out) and `labels` before the tests of a file. */
before(async () => {
  const train = (name: string, dataroot: string, classes: number, ...options: string[]) =>
    succeed(
      ...['train', ...of(name), '--dataroot', dataroot, '--label-nc', String(classes), ...tiny],
      ...['--max-steps', '2', '--display-freq', '0', ...options],
    );
  writeImagePairs(at('images'), 'train', 2, 32, 32);
  writeLabelPairs(at('labels'), 'train', 1, 32, 32);
  writePng(at('grey', 'train_A', '0.png'), 32, 1, noise(32 * 32));
  writePng(at('grey', 'train_B', '0.png'), 32, 1, noise(32 * 32, 1));
  await train('images', at('images'), 0);
  await train('grey', at('grey'), 0, '--input-nc', '1', '--output-nc', '1');
  await train('labels', at('labels'), labelNc);
});

/** A clip of ffmpeg's test picture, which moves and counts. */
export function clip(name: string, size: string, frames: number, ...encoding: string[]): string {
  mkdirSync(at('clips'), { recursive: true });
  const picture = `testsrc=size=${size}:rate=30000/1001`;
  ffmpeg(['-f', 'lavfi', '-i', picture, '-frames:v', String(frames), ...encoding, at('clips', name)]);
  return at('clips', name);
}

/** Keeps every pixel. */
export const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'];
/** What most videos are. */
export const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'];
