/** What a video is: its size, its frame rate and its kind of pixels, as ffprobe tells. Depends on ffmpeg.ts. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { unreadFormat } from '../data/files/extensions.js';
import { UserError } from '../errors.js';
import { type Ffmpeg, reasonIn, start } from './ffmpeg.js';

/** A video as it is shown. */
export interface VideoInfo {
  /** In pixels, after the rotation that the file asks for. */
  readonly width: number;
  readonly height: number;
  /** Frames per second, as a fraction: `30000/1001`. The mean where they are not evenly spaced. */
  readonly frameRate: string;
  /** Whether frames follow each other at equal times. */
  readonly isEven: boolean;
  /** How many frames there are, where the file says so. */
  readonly frames: number | null;
  /** The same, or about how many there are by its duration. */
  readonly about: number | null;
  /** Whether its pixels are grey values, and how many bits they have. */
  readonly grey: 8 | 16 | null;
  /** Shape of a pixel, width to height, where it is not square: `4/3`. */
  readonly pixelAspect: string | null;
}

/** Whether a path has the name of a video: .mp4, .mov, .mkv, .avi, .webm or .m4v. Folders are not videos, whatever their name. */
export function isVideoName(path: string): boolean {
  return unreadFormat(extname(path)) === 'video' && !statSync(path, { throwIfNoEntry: false })?.isDirectory();
}

/** What ffprobe prints, as far as it is asked. */
interface Printed {
  readonly streams?: readonly {
    readonly width?: number;
    readonly height?: number;
    readonly pix_fmt?: string;
    readonly sample_aspect_ratio?: string;
    readonly r_frame_rate?: string;
    readonly avg_frame_rate?: string;
    readonly nb_frames?: string;
    readonly side_data_list?: readonly { readonly rotation?: number }[];
  }[];
  readonly format?: { readonly duration?: string };
}

const asked = [
  'stream=width,height,pix_fmt,sample_aspect_ratio,r_frame_rate,avg_frame_rate,nb_frames',
  'stream_side_data=rotation',
  'format=duration',
].join(':');

/**
 * Reads what a video is.
 * @throws UserError where there is no such file, or ffprobe cannot read it.
 */
export async function probeVideo({ ffprobe }: Ffmpeg, file: string): Promise<VideoInfo> {
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    throw new UserError({
      code: 'FILE_NOT_FOUND',
      doing: 'reading the video',
      where: file,
      found: 'no such file',
      expected: 'a video',
      remedy: 'check the path',
    });
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', asked, '-of', 'json', `file:${file}`];
  const { child, said, ended } = start(ffprobe, args);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  if ((await ended) !== 0) throw unreadable(file, reasonIn(said()));
  const { streams, format } = JSON.parse(printed) as Printed;
  const stream = streams?.[0];
  if (!stream?.width || !stream.height) throw unreadable(file, 'no pictures in it');
  const [nominal, mean] = [rateOf(stream.r_frame_rate), rateOf(stream.avg_frame_rate)];
  const rate = mean ?? nominal;
  if (rate === undefined) throw unreadable(file, 'no frame rate in it');
  const isTurned = (stream.side_data_list ?? []).some(({ rotation }) => Math.abs((rotation ?? 0) % 180) === 90);
  const [width, height] = isTurned ? [stream.height, stream.width] : [stream.width, stream.height];
  const aspect = /^([1-9]\d*):([1-9]\d*)$/.exec(stream.sample_aspect_ratio ?? '');
  const frames = Number(stream.nb_frames);
  const about = Math.round(Number(format?.duration) * rate.value);
  return {
    width,
    height,
    frameRate: rate.text,
    // Of interlaced video the nominal rate is that of the fields.
    isEven: nominal === undefined || [1, 2].some(fields => Math.abs(nominal.value / (fields * rate.value) - 1) < 0.005),
    frames: frames > 0 ? frames : null,
    about: frames > 0 ? frames : about > 0 ? about : null,
    grey: greyBits(stream.pix_fmt ?? ''),
    pixelAspect:
      aspect === null || aspect[1] === aspect[2] ? null : `${aspect[isTurned ? 2 : 1]}/${aspect[isTurned ? 1 : 2]}`,
  };
}

function rateOf(text = ''): { readonly text: string; readonly value: number } | undefined {
  const [, above, below] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const value = Number(above) / Number(below);
  return value > 0 && Number.isFinite(value) ? { text, value } : undefined;
}

/** `gray`, `gray10le`, `gray16be`, `ya8`; alpha is left out as it is of colours. */
function greyBits(format: string): 8 | 16 | null {
  const [, kind, bits] = /^(gray|ya|mono)(\d+)?/.exec(format) ?? [];
  if (kind === undefined) return null;
  return Number(bits ?? 8) > 8 ? 16 : 8;
}

/** A video that cannot be read. */
export function unreadable(file: string, found: string): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the video',
    where: file,
    found,
    expected: 'a video that ffmpeg can read',
    remedy: 'copy or record it again; ffplay shows how much of it can be read',
  });
}
