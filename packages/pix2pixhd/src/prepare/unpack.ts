/**
 * Files that hold many images, or several, into folders of images: videos and radiometric files. Depends on the sources and the
 * video module.
 */
import { join } from 'node:path';
import { findFfmpeg } from '../video/ffmpeg.js';
import { isVideoName } from '../video/probe.js';
import { type MaterialOptions, radiometricFiles } from './material.js';
import { takeRadiometric } from './sources/radiometric.js';
import { takeFrames } from './sources/videos.js';

/** The options that it depends on. */
export type UnpackOptions = MaterialOptions & { readonly every: number; readonly ffmpeg: string | null };

/** What is told meanwhile. */
export interface UnpackHooks {
  readonly onNotice: (notice: string) => void;
  /** So many images have been taken out of a file or folder. */
  readonly onTaken: (file: string, count: number) => void;
}

/**
 * Takes the images out.
 *
 * @param folder where they go until the data set is whole.
 * @returns the options in whose place folders stand.
 * @throws UserError where a file cannot be read, or the program that reads it is not there.
 */
export async function unpack(
  options: UnpackOptions,
  folder: string,
  { onNotice, onTaken }: UnpackHooks,
): Promise<Partial<MaterialOptions>> {
  const radiometric = radiometricFiles(options);
  if (radiometric !== undefined) {
    const places = await takeRadiometric(radiometric, folder, count => onTaken(options.from!, count));
    return { from: null, ...places };
  }
  const taken: { inputs?: string; targets?: string } = {};
  for (const role of ['inputs', 'targets'] as const) {
    const file = options[role];
    if (file === null || !isVideoName(file)) continue;
    const tools = await findFfmpeg(options.ffmpeg, process.env.FFMPEG);
    const place = join(folder, role);
    await takeFrames(tools, {
      file,
      folder: place,
      every: options.every,
      onNotice,
      onFrame: count => onTaken(file, count),
    });
    taken[role] = place;
  }
  return taken;
}
