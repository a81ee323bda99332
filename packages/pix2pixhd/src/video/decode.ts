/** The frames of a video, decoded by ffmpeg one after the other. Depends on ffmpeg.ts, probe.ts and raw frames. */
import { UserError } from '../errors.js';
import { type Ffmpeg, reasonIn, start } from './ffmpeg.js';
import { unreadable, type VideoInfo } from './probe.js';
import { cutFrames, type FrameShape, frameBytes, frameRaster, type PixelFormat } from './raw-frames.js';
import type { Frame } from './translate.js';

/** What to decode. */
export interface Decoding {
  readonly file: string;
  readonly info: VideoInfo;
  readonly format: PixelFormat;
  /** Only so many frames; null: all. */
  readonly atMost: number | null;
  /** Called with what ffmpeg says of a video that it could read all the same. */
  readonly onNotice: (notice: string) => void;
}

/**
 * The frames of a video, each stored one once, in the size of {@link VideoInfo}. Leaving the loop ends ffmpeg.
 *
 * @throws UserError where the file is damaged: ffmpeg gives up, or complains and finds fewer frames than the file has.
 */
export async function* decodeFrames(
  { ffmpeg, everyFrame }: Ffmpeg,
  { file, info, format, atMost, onNotice }: Decoding,
): AsyncGenerator<Frame, void, undefined> {
  const { width, height } = info;
  const shape: FrameShape = { width, height, format };
  const { child, said, ended } = start(ffmpeg, [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-i', `file:${file}`, '-map', '0:v:0'],
    // Frames of another size are brought to that of the first.
    ...['-vf', `scale=${width}:${height}`, ...everyFrame],
    ...(atMost === null ? [] : ['-frames:v', String(atMost)]),
    ...['-f', 'rawvideo', '-pix_fmt', format, 'pipe:1'],
  ]);
  try {
    let frames = 0;
    for await (const bytes of cutFrames(child.stdout, frameBytes(shape))) {
      frames++;
      yield { pixels: frameRaster(bytes, shape), arrivedMs: performance.now() };
    }
    const code = await ended;
    const complaint = said() === '' ? undefined : reasonIn(said());
    const missing = info.frames === null ? 0 : Math.min(info.frames, atMost ?? info.frames) - frames;
    if (frames === 0 || code !== 0) throw unreadable(file, complaint ?? `no frames (ffmpeg ended with ${code})`);
    // Matroska has a frame rate in its header that need not be the frames' own.
    const spread = info.about !== null && atMost === null ? Math.abs(info.about - frames) : 0;
    if (info.isEven && spread > Math.max(2, 0.02 * frames)) onNotice(unevenText(file));
    if (complaint === undefined) return;
    if (missing > 0) throw incomplete(file, frames, info.frames!, complaint);
    onNotice(`${file}: ffmpeg says of it: ${complaint}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** What to say of a video whose frames are not evenly spaced. */
export function unevenText(file: string): string {
  return `${file}: its frames are not evenly spaced; the result has as many, all equally long`;
}

function incomplete(file: string, readable: number, frames: number, complaint: string): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the video',
    where: file,
    found: `${readable} frames of ${frames}: ${complaint}`,
    expected: 'a whole video',
    remedy: `copy or record it again, or take what can be read: --how-many ${readable}`,
  });
}
