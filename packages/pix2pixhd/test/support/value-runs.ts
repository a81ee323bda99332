/** Data sets of 16-bit counts, and runs on them that are over at once. Depends on the test images and the program's doors. */
import { join } from 'node:path';
import { train } from '../../src/index.js';
import { noise, writePng } from '../data/images.js';
import { tinyTraining } from './editor.js';

/** Counts as a thermal camera has them, in blocks; the same for the same number. */
export function counts(number: number, side: number, channels = 1): Uint16Array {
  const blocks = noise((side / 4) ** 2 * channels, number);
  return Uint16Array.from({ length: side * side * channels }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const block = Math.floor(y / 4) * (side / 4) + Math.floor(x / 4);
    return 27000 + 19 * blocks[block * channels + channel]! + ((x + y) % 3);
  });
}

/** Writes pairs of counts and their negatives for training and for testing, and trains a run of two steps on them. */
export async function trainOnCounts(
  { dataroot, checkpointsDir, name }: { dataroot: string; checkpointsDir: string; name: string },
  { side, channels, ...values }: { side: number; channels: 1 | 3; inputRange: string; outputDepth?: 'float' },
): Promise<void> {
  for (const phase of ['train', 'test'])
    for (let i = 0; i < 2; i++) {
      const image = counts(i + (phase === 'test' ? 2 : 0), side, channels);
      writePng(join(dataroot, `${phase}_A`, `${i}.png`), side, channels, image);
      const negative = image.map(value => 60000 - value);
      writePng(join(dataroot, `${phase}_B`, `${i}.png`), side, channels, negative);
    }
  const shape = { loadSize: side, labelNc: 0, noInstance: true, inputNc: channels, outputNc: channels };
  await train({ ...tinyTraining, ...shape, dataroot, checkpointsDir, name, ...values });
}
