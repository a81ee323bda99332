/**
 * Which arguments of `generate` belong together: those of images, of videos and of live frames. Depends on the command's
 * options and on what a video is called.
 */
import { type GenerateConfig, generateCommand } from '../config/commands/generate.js';
import { optionsOf } from '../config/option.js';
import { UsageError } from '../errors.js';
import { isVideoName } from '../video/probe.js';

type Key = keyof GenerateConfig;

/** Only images have these. */
const ofImages: readonly Key[] = ['dataroot', 'inputInst', 'style', 'useEncodedImage', 'styleSeeds', 'noiseSeed'];
const ofVideos: readonly Key[] = ['frames', 'videoCodec', 'ffmpeg'];
const ofLive: readonly Key[] = ['width', 'height', 'pixelFormat', 'drop'];

/** What is generated from: images, these videos, or frames on standard input. */
export type Inputs =
  | { readonly kind: 'images' | 'live' }
  | { readonly kind: 'videos'; readonly files: readonly string[] };

/**
 * What the arguments ask for.
 *
 * @param given the options that were given.
 * @throws UsageError where arguments do not belong together.
 */
export function kindOfInputs(given: Partial<GenerateConfig>, operands: readonly string[]): Inputs {
  const paths = [...(given.input ? [given.input] : []), ...operands];
  const files = paths.filter(isVideoName);
  if (given.live) {
    refuse(
      given,
      [...ofImages, ...ofVideos, 'input', 'out', 'howMany', 'force'],
      '--live, which takes frames from standard input',
    );
    if (operands.length > 0) throw conflict(`--live, and also ${operands[0]}`, 'leave one out');
    return { kind: 'live' };
  }
  refuse(given, ofLive, 'no --live', 'give --live as well, or leave it out');
  if (files.length === 0) {
    refuse(given, [...ofVideos, 'smooth'], 'no video to generate from', 'name a video, or leave it out');
    return { kind: 'images' };
  }
  const image = paths.find(path => !isVideoName(path));
  if (image !== undefined)
    throw conflict(`the video ${files[0]}, and also ${image}`, 'generate from them in two calls');
  refuse(given, ofImages, `the video ${files[0]}`);
  return { kind: 'videos', files };
}

function refuse(given: Partial<GenerateConfig>, keys: readonly Key[], beside: string, remedy = 'leave it out'): void {
  for (const { key, flag, kind, fallback } of optionsOf(generateCommand.schema)) {
    const value = (given as Record<string, unknown>)[key];
    if (!keys.includes(key as Key) || value === undefined || value === fallback) continue;
    throw conflict(`--${flag}${kind === 'flag' ? '' : ` ${value}`}, and ${beside}`, remedy);
  }
}

function conflict(found: string, remedy: string): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'choosing the inputs',
    found,
    expected: 'images, or videos, or --live, each with its own options',
    remedy,
  });
}
