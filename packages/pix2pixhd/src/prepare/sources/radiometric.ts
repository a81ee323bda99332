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
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { mapConcurrently } from '../../concurrently.js';
import { decodeStored } from '../../data/decode/decode.js';
import { reasonOf, UserError } from '../../errors.js';
import { makeFolder } from '../../output/make-folder.js';
import { rasterFile } from '../../output/raster-file.js';
import type { NamedFile } from './match.js';

const run = promisify(execFile);
/** Files to one call of the program, whose start takes a quarter of a second. */
const BATCH = 200;
/** The segment is at the beginning of a file. */
const HEAD = 65536;
const DONE_FILE = '.done';

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

/**
 * Writes the counts and the visible images of all files into `inputs` and `targets` of a folder, unless an earlier call did.
 *
 * @param onTaken called with how many files are done.
 * @throws UserError where exiftool is not there, or a file lacks one of the two images.
 */
export async function takeRadiometric(
  files: readonly NamedFile[],
  folder: string,
  onTaken: (count: number) => void = () => {},
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
      const batch = group.slice(at, at + BATCH);
      await take('-RawThermalImage', batch, inputs);
      await take('-EmbeddedImage', batch, targets);
      onTaken((count += batch.length));
    }
    const [haveInput, haveTarget] = [stemsIn(inputs), stemsIn(targets)];
    for (const file of group) {
      const stem = basename(file, extname(file));
      if (!haveInput.has(stem)) throw lacking(file, 'raw counts of a thermal sensor');
      if (!haveTarget.has(stem)) throw lacking(file, 'image of a visible camera');
    }
    const swapped = readdirSync(inputs).filter(name => name.endsWith('.png'));
    await mapConcurrently(swapped, name => swapBytes(join(inputs, name)));
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

function stemsIn(folder: string): ReadonlySet<string> {
  return new Set(readdirSync(folder).map(name => basename(name, extname(name))));
}

async function take(tag: string, files: readonly string[], to: string): Promise<void> {
  try {
    await run('exiftool', ['-q', '-q', '-b', tag, '-W', join(to, '%f.%s'), ...files], { maxBuffer: 1 << 26 });
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    // It ends with 1 where a file lacks the tag, which is looked at afterwards.
    if (!isMissing && (cause as { code?: unknown }).code === 1) return;
    throw new UserError(
      {
        code: isMissing ? 'NOT_INSTALLED' : 'FILE_UNREADABLE',
        doing: 'taking thermal and visible images out of radiometric files',
        where: 'exiftool',
        found: isMissing ? 'no such program' : reasonOf(cause),
        expected: 'exiftool, which reads such files',
        remedy: 'install it: apt-get install libimage-exiftool-perl, brew install exiftool, or the like of your system',
      },
      { cause },
    );
  }
}

/** Cameras store PNG with the low byte first, against the format. */
async function swapBytes(file: string): Promise<void> {
  const image = await decodeStored(file);
  if (!(image.data instanceof Uint16Array)) return;
  const data = image.data.map(value => ((value & 255) << 8) | (value >> 8));
  const { bytes } = await rasterFile({ ...image, data });
  const beside = `${file}.tmp`;
  writeFileSync(beside, bytes);
  renameSync(beside, file);
}

function lacking(file: string, what: string): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'taking thermal and visible images out of radiometric files',
    where: file,
    found: `a file without the ${what}`,
    expected: 'radiometric JPEG files of FLIR cameras, with both images',
    remedy: 'leave such files out of the folder',
  });
}
