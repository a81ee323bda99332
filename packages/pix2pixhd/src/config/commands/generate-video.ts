/** The options of `generate` for videos and live frames. Depends on zod and the shared options. */
import { z } from 'zod';
import { option } from '../option.js';
import { flag, path } from '../shared-options.js';

const side = () => z.int().min(1).max(16384).nullable().default(null);

/** They are part of the schema of `generate`. A function, since an option's schema belongs to one command. */
export const videoOptions = () => ({
  frames: option(flag(), {
    group: 'video',
    help: 'Write the frames of a video as numbered PNG files, OUT/STEM/000001.png and so on, instead of a video.',
  }),
  videoCodec: option(z.enum(['h264', 'lossless']).default('h264'), {
    group: 'video',
    help: 'How to write videos: h264 (MP4), which everything plays, or lossless (FFV1 in Matroska), which keeps every pixel.',
  }),
  smooth: option(z.number().min(0).lt(1).default(0), {
    group: 'video',
    value: 'X',
    help: 'Smooth what flickers between frames where the input stands still: the weight of what went before, 0 for not at all.',
  }),
  ffmpeg: option(path().nullable().default(null), {
    group: 'video',
    value: 'PATH',
    whenNull: 'the variable FFMPEG, or ffmpeg on the PATH',
    help: 'The program that reads and writes videos; ffprobe is taken from the same folder.',
  }),
  live: option(flag(), {
    group: 'video',
    help: 'Take raw frames from standard input and write raw rgb24 frames to standard output, each as soon as it is generated. Messages go to standard error.',
  }),
  width: option(side(), { group: 'video', value: 'N', help: 'Width of the frames of --live, which must be given.' }),
  height: option(side(), { group: 'video', value: 'N', help: 'Height of the frames of --live, which must be given.' }),
  pixelFormat: option(z.enum(['gray', 'rgb24', 'gray16le']).nullable().default(null), {
    group: 'video',
    whenNull: 'gray for a network of one input channel, otherwise rgb24',
    help: "How the frames of --live store their pixels, by ffmpeg's names.",
  }),
  drop: option(flag(), {
    group: 'video',
    help: 'With --live: where frames come faster than they are generated, leave out those that are late instead of answering all.',
  }),
});

/** Whether arguments ask for live frames. */
export function isLive(argv: readonly string[]): boolean {
  const written = argv.map(argument => argument.toLowerCase());
  return written.includes('--live') || written.includes('--live=true');
}
