/**
 * Files that hold many images, or several, into folders of images: videos and radiometric files. Depends on the sources and the
 * video module.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder } from '../output/make-folder.js';
import { findFfmpeg } from '../video/ffmpeg.js';
import { isVideoName } from '../video/probe.js';
import { type MaterialOptions, radiometricFiles } from './material.js';
import { stateOfRadiometric, takeRadiometric } from './sources/radiometric.js';
import { stateOfVideo, takeFrames } from './sources/videos.js';

/** The options that it depends on. */
export type UnpackOptions = MaterialOptions & { readonly every: number; readonly ffmpeg: string | null };

/** How it is followed and stopped. */
export interface UnpackHooks {
  /** Aborted, what was taken out is not whole, and the next call does it again. */
  readonly signal: AbortSignal | undefined;
  readonly onNotice: (notice: string) => void;
  /** So many images have been taken out of a file or folder. */
  readonly onTaken: (file: string, count: number) => void;
}

/** Folders in the place of files, and what they were made of. */
export interface Unpacked {
  readonly options: Partial<MaterialOptions>;
  /** Undefined where nothing was taken out. */
  readonly made?: string;
}

/** Left in the folder, so that nobody else's is taken for ours. */
const MARK_FILE = '.pix2pixhd-frames';

/**
 * Takes the images out.
 *
 * @param folder where they go until the data set is whole; it is made only where there is something to take.
 * @throws UserError where a file cannot be read, the program that reads it is not there, or the folder is somebody else's.
 */
export async function unpack(
  options: UnpackOptions,
  folder: string,
  { signal, onNotice, onTaken }: UnpackHooks,
): Promise<Unpacked> {
  const radiometric = radiometricFiles(options);
  if (radiometric !== undefined) {
    claim(folder);
    const places = await takeRadiometric(radiometric, folder, {
      signal,
      onTaken: count => onTaken(options.from!, count),
    });
    return { options: { from: null, ...places }, made: stateOfRadiometric(radiometric) };
  }
  const taken: { inputs?: string; targets?: string } = {};
  const made: string[] = [];
  for (const role of ['inputs', 'targets'] as const) {
    const file = options[role];
    if (file === null || !isVideoName(file)) continue;
    const tools = await findFfmpeg(options.ffmpeg, process.env.FFMPEG);
    claim(folder);
    const place = join(folder, role);
    const onFrame = (count: number) => onTaken(file, count);
    await takeFrames(tools, { file, folder: place, every: options.every, signal, onNotice, onFrame });
    taken[role] = place;
    made.push(stateOfVideo(file, options.every));
  }
  return { options: taken, ...(made.length > 0 && { made: made.join() }) };
}

/** Removes what was taken out, which has names in the data set now. */
export function tidy(folder: string): void {
  if (existsSync(join(folder, MARK_FILE))) rmSync(folder, { recursive: true });
}

function claim(folder: string): void {
  if (existsSync(folder) && !existsSync(join(folder, MARK_FILE)))
    throw new UserError({
      code: 'OUTPUT_REFUSED',
      doing: 'taking images out of files',
      where: folder,
      found: 'a folder that is there already',
      expected: 'none: images go there until the data set is whole',
      remedy: 'give another --out, or rename the folder',
    });
  makeFolder(folder);
  writeFileSync(join(folder, MARK_FILE), '');
}
