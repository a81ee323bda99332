/**
 * The frames of a video as files without loss, to be paired like any others. Depends on the video module and the output module.
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../output/make-folder.js';
import { rasterFile } from '../../output/raster-file.js';
import { decodeFrames } from '../../video/decode.js';
import type { Ffmpeg } from '../../video/ffmpeg.js';
import { probeVideo } from '../../video/probe.js';

/** What is taken of a video. */
export interface FrameTaking {
  readonly file: string;
  /** Where frames go, as `000001.png` and so on by their number in the video. */
  readonly folder: string;
  /** Every so many-th frame, from the first on. */
  readonly every: number;
  /** Aborted, the folder is not whole, and the next call begins again. */
  readonly signal: AbortSignal | undefined;
  readonly onNotice: (notice: string) => void;
  readonly onFrame?: (taken: number) => void;
}

/** Left in the folder when it is whole, with what it was made of. */
const DONE_FILE = '.done';

/** What frames are made of: another file, or another choice of frames, gives another text. */
export function stateOfVideo(file: string, every: number): string {
  const { size, mtimeMs } = statSync(file);
  return JSON.stringify({ file: resolve(file), size, mtimeMs, every });
}

/**
 * Writes the frames, unless an earlier call did. Grey videos become one channel, of 16 bits where they have more than 8.
 *
 * @throws UserError where the video cannot be read, or ffmpeg is not there.
 */
export async function takeFrames(
  tools: Ffmpeg,
  { file, folder, every, signal, onNotice, onFrame }: FrameTaking,
): Promise<void> {
  const info = await probeVideo(tools, file);
  const state = stateOfVideo(file, every);
  const done = join(folder, DONE_FILE);
  if (existsSync(done) && readFileSync(done, 'utf8') === state) return;
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  const format = info.grey === null ? 'rgb24' : info.grey === 8 ? 'gray' : 'gray16le';
  let number = 0;
  let taken = 0;
  for await (const { pixels } of decodeFrames(tools, { file, info, format, atMost: null, onNotice })) {
    if (signal?.aborted) return;
    if (number++ % every !== 0) continue;
    const { bytes, extension } = await rasterFile(pixels);
    writeFileSync(join(folder, `${String(number).padStart(6, '0')}${extension}`), bytes);
    onFrame?.(++taken);
  }
  writeFileSync(done, state);
}
