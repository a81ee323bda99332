/**
 * A video of generated frames, encoded by ffmpeg under a temporary name and renamed when it is whole. Depends on ffmpeg.ts, the
 * mark, the output module and Node's files.
 */
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryName } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';
import type { OutputGuard } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import type { Image8 } from '../raster.js';
import { type Ffmpeg, reasonIn, start } from './ffmpeg.js';
import { type Container, markVideo } from './own-video.js';
import type { VideoInfo } from './probe.js';
import { cannotWrite, type FrameSink, writingTo } from './sink.js';

/** How videos are written: H.264, which everything plays, or FFV1, which changes no pixel. */
export type VideoCodec = 'h264' | 'lossless';

/** The container of a codec, which is the ending of its files as well. */
export const containerOf: Readonly<Record<VideoCodec, Container>> = { h264: 'mp4', lossless: 'mkv' };

/** What to encode. */
export interface Encoding {
  readonly file: string;
  readonly codec: VideoCodec;
  /** Channels of the frames, 1 or 3. */
  readonly channels: number;
  /** Size, frame rate and shape of the pixels. */
  readonly info: VideoInfo;
  /** Is asked again before the file is put in its place. */
  readonly guard: OutputGuard;
}

/** Whether the sides of a video are such that H.264 can halve its colours, which many players insist on. */
export function hasEvenSides({ width, height }: VideoInfo): boolean {
  return width % 2 === 0 && height % 2 === 0;
}

/**
 * Starts to encode a video. Its folder is made.
 * @throws UserError where nothing can be written there.
 */
export function encodeFrames({ ffmpeg }: Ffmpeg, encoding: Encoding): FrameSink {
  const { file, codec, channels, info, guard } = encoding;
  const folder = dirname(file);
  const temporary = join(folder, temporaryName(basename(file)));
  writingTo(folder, () => {
    makeFolder(folder);
    writeFileSync(temporary, '', { flag: 'wx' });
  });
  const { child, said, ended } = start(ffmpeg, [
    ...['-hide_banner', '-loglevel', 'error', '-f', 'rawvideo', '-pixel_format', channels === 1 ? 'gray' : 'rgb24'],
    ...['-video_size', `${info.width}x${info.height}`, '-framerate', info.frameRate, '-i', 'pipe:0'],
    ...(codec === 'h264' ? h264(info) : lossless(channels, info)),
    ...['-y', `file:${temporary}`],
  ]);
  let done = false;
  const remove = () => rmSync(temporary, { force: true });
  const failed = (): UserError => {
    const why = said();
    return /unknown encoder|encoder not found/i.test(why) ? withoutEncoder(codec) : cannotWrite(folder, reasonIn(why));
  };
  return {
    async write({ data }: Image8) {
      const { stdin } = child;
      if (stdin.write(data)) return;
      await Promise.race([once(stdin, 'drain').catch(() => {}), ended]);
      if (stdin.destroyed) {
        await ended;
        throw failed();
      }
    },
    async finish() {
      child.stdin.end();
      if ((await ended) !== 0) throw failed();
      writingTo(folder, () => {
        markVideo(temporary, containerOf[codec]);
        guard.claim(file);
        renameSync(temporary, file);
      });
      done = true;
    },
    async discard() {
      if (done) return;
      child.kill('SIGKILL');
      await ended;
      remove();
    },
  };
}

/** Colours are converted and marked as those of HD video, so that no player has to guess. */
function h264(info: VideoInfo): string[] {
  const format = hasEvenSides(info) ? 'yuv420p' : 'yuv444p';
  const colours = `scale=out_color_matrix=bt709:out_range=tv,format=${format}`;
  return [
    ...['-vf', `${colours}${aspect(info)}`, '-c:v', 'libx264', '-crf', '18'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-movflags', '+faststart', '-f', 'mp4'],
  ];
}

function lossless(channels: number, info: VideoInfo): string[] {
  const format = channels === 1 ? 'gray' : 'bgr0';
  return ['-vf', `format=${format}${aspect(info)}`, '-c:v', 'ffv1', '-level', '3', '-g', '1', '-f', 'matroska'];
}

function aspect({ pixelAspect }: VideoInfo): string {
  return pixelAspect === null ? '' : `,setsar=${pixelAspect}`;
}

function withoutEncoder(codec: VideoCodec): UserError {
  return new UserError({
    code: 'NOT_INSTALLED',
    doing: 'writing the generated video',
    where: `--video-codec ${codec}`,
    found: `an ffmpeg without an encoder for it`,
    expected: codec === 'h264' ? 'one with libx264' : 'one with FFV1',
    remedy: `give --frames${codec === 'h264' ? ', or --video-codec lossless' : ''}, or the path of another ffmpeg with --ffmpeg`,
  });
}
