/**
 * Radiometric JPEG files of FLIR cameras: in each the raw counts of the sensor, and the image of a visible camera. The program
 * `exiftool` takes them out. Depends on Node's processes, the decoder and the output module.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { mapConcurrently } from '../../concurrently.js';
import { decodeStored } from '../../data/decode/decode.js';
import { reasonOf, UserError } from '../../errors.js';
import { makeFolder } from '../../output/make-folder.js';
import { rasterFile } from '../../output/raster-file.js';
import type { StoredRaster } from '../../raster.js';
import { writing } from '../write-pair.js';
import type { NamedFile } from './match.js';

const run = promisify(execFile);
/** Files to one call of the program, whose start takes a quarter of a second. */
const BATCH = 200;
/** The segment is at the beginning of a file. */
const HEAD = 65536;
const DONE_FILE = '.done';
const DOING = 'taking thermal and visible images out of radiometric files';

/** Whether a file is a radiometric JPEG, by the first of its segments. */
export function isRadiometric(file: string): boolean {
  if (!/\.jpe?g$/i.test(file)) return false;
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD);
    const length = readSync(descriptor, head, 0, HEAD, 0);
    return head.subarray(0, length).includes('FLIR\0\x01');
  } finally {
    closeSync(descriptor);
  }
}

/** How it is followed and stopped. */
export interface RadiometricHooks {
  /** Aborted, the folders are not whole, and the next call begins again. */
  readonly signal: AbortSignal | undefined;
  /** Called with how many files are done. */
  readonly onTaken: (count: number) => void;
}

/**
 * Writes the counts and the visible images of all files into `inputs` and `targets` of a folder, unless an earlier call did.
 *
 * @throws UserError where exiftool is not there, a file lacks one of the two images, or one of them did not come out whole.
 */
export async function takeRadiometric(
  files: readonly NamedFile[],
  folder: string,
  { signal, onTaken }: RadiometricHooks,
): Promise<{ readonly inputs: string; readonly targets: string }> {
  const places = { inputs: join(folder, 'inputs'), targets: join(folder, 'targets') };
  const done = join(folder, DONE_FILE);
  const state = stateOfRadiometric(files);
  if (existsSync(done) && readFileSync(done, 'utf8') === state) return places;
  for (const place of Object.values(places)) rmSync(place, { recursive: true, force: true });
  let count = 0;
  // A folder at a time: files of several folders may have one name.
  for (const [below, group] of byFolder(files)) {
    const [inputs, targets] = [join(places.inputs, below), join(places.targets, below)];
    makeFolder(inputs);
    makeFolder(targets);
    for (let at = 0; at < group.length; at += BATCH) {
      if (signal?.aborted) return places;
      const batch = group.slice(at, at + BATCH);
      const ofInputs = await take('-RawThermalImage', batch, inputs);
      const ofTargets = await take('-EmbeddedImage', batch, targets);
      const [haveInput, haveTarget] = [byStem(inputs), byStem(targets)];
      await mapConcurrently(batch, async file => {
        const stem = basename(file, extname(file));
        const [input, target] = [haveInput.get(stem), haveTarget.get(stem)];
        if (input === undefined) throw lacking(file, 'raw counts of a thermal sensor', ofInputs);
        if (target === undefined) throw lacking(file, 'image of a visible camera', ofTargets);
        await swapBytes(input, await wholeImage(input, file));
        await wholeImage(target, file);
      });
      onTaken((count += batch.length));
    }
  }
  writeFileSync(done, state);
  return places;
}

/** What the images are made of: other files give another text. */
export function stateOfRadiometric(files: readonly NamedFile[]): string {
  const states = files.map(({ file, name }) => {
    const { size, mtimeMs } = statSync(file);
    return [name, size, mtimeMs];
  });
  return createHash('sha256')
    .update(JSON.stringify([files[0] && dirname(resolve(files[0].file)), states]))
    .digest('hex');
}

function byFolder(files: readonly NamedFile[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { file, name } of files) {
    const below = dirname(name);
    groups.set(below, [...(groups.get(below) ?? []), file]);
  }
  return groups;
}

/** The files of a folder by their stems. */
function byStem(folder: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).map(name => [basename(name, extname(name)), join(folder, name)]));
}

/** Takes one image out of each file. @returns what exiftool complains of, where images may be lacking. */
async function take(tag: string, files: readonly string[], to: string): Promise<string | undefined> {
  try {
    await run('exiftool', ['-q', '-q', '-b', tag, '-W', join(to, '%f.%s'), ...files], { maxBuffer: 1 << 26 });
    return undefined;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    // It ends with 1 where it could not read or write a file, and others are there: which, is looked at afterwards.
    if (!isMissing && (cause as { code?: unknown }).code === 1)
      return (cause as { stderr?: string }).stderr?.trim().split('\n')[0];
    throw new UserError(
      {
        code: isMissing ? 'NOT_INSTALLED' : 'FILE_UNREADABLE',
        doing: DOING,
        where: 'exiftool',
        found: isMissing ? 'no such program' : reasonOf(cause),
        expected: 'exiftool, which reads such files',
        remedy: 'install it: apt-get install libimage-exiftool-perl, brew install exiftool, or the like of your system',
      },
      { cause },
    );
  }
}

/**
 * An image that was taken out of a file. On a full disk exiftool writes a part of it, and ends as if all were well.
 * @throws UserError naming the file where it is not whole.
 */
async function wholeImage(image: string, file: string): Promise<StoredRaster> {
  try {
    return await decodeStored(image);
  } catch (cause) {
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: DOING,
        where: file,
        found: `an image in it that did not come out whole (${basename(image)}: ${statSync(image).size} bytes)`,
        expected: 'room on the disk for the images, and an undamaged file',
        remedy: 'make room on the disk of --out and run the same command again; or copy the file again',
      },
      { cause },
    );
  }
}

/** Cameras store PNG with the low byte first, against the format. */
async function swapBytes(file: string, image: StoredRaster): Promise<void> {
  if (extname(file) !== '.png' || !(image.data instanceof Uint16Array)) return;
  const data = image.data.map(value => ((value & 255) << 8) | (value >> 8));
  const { bytes } = await rasterFile({ ...image, data });
  writing(dirname(file), () => writeFileAtomic(file, bytes));
}

function lacking(file: string, what: string, complaint: string | undefined): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: DOING,
    where: file,
    found: `a file without the ${what}${complaint === undefined ? '' : ` (exiftool says: ${complaint})`}`,
    expected: 'radiometric JPEG files of FLIR cameras, with both images',
    remedy: 'leave such files out of the folder',
  });
}
