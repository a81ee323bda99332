/**
 * Decoded and resized samples on disk, one file each, shared by all workers and processes that use the folder. Depends on
 * cache-entry.ts, on Node's files and its hash.
 *
 * A file is named by the sample's paths and by what it is made into, so another state of the same files replaces it. It
 * is not flushed to the disk: the checksum catches what a power cut leaves, and the entry is made again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../output/make-folder.js';
import type { Sample } from '../find/pairs.js';
import { decodeEntry, encodeEntry } from './cache-entry.js';
import type { Images, SampleSpec } from './sample.js';

/** Where a sample's entry lies, and the state of the files that it must come from. */
interface Place {
  readonly path: string;
  readonly stamp: string;
}

const unfinished = '.tmp';
const hour = 3_600_000;

/**
 * Makes the folder of a cache, and removes what interrupted writers left in it.
 *
 * @throws UserError where there can be no such folder.
 */
export function openCacheFolder(folder: string): void {
  try {
    makeFolder(folder);
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(unfinished)) continue;
      const path = join(folder, name);
      // A younger one may belong to another process that is writing it now.
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
      if (age > hour) rmSync(path, { force: true });
    }
  } catch (cause) {
    throw new UserError(
      {
        code: 'CANNOT_WRITE',
        doing: 'opening the cache of decoded samples',
        where: folder,
        found: reason(cause),
        expected: 'a folder, or a path where one can be made',
        remedy: 'give another --cache-dir, or none',
      },
      { cause },
    );
  }
}

/** The cache as one worker uses it. */
export class SampleCache {
  readonly #folder: string;
  readonly #spec: string;
  #writing = true;

  constructor(folder: string, spec: SampleSpec) {
    this.#folder = folder;
    // Zoom, shift and mirroring are done later. Absent, as before there were any, so that older entries are found.
    const transform = { ...spec.transform, zoom: undefined, shift: undefined, flip: false };
    this.#spec = JSON.stringify({ ...spec, transform });
  }

  /**
   * The images of a sample: from the cache, or as `load` makes them, which then go into it. Where it cannot be
   * written, as on a full disk, the images come with a notice, and nothing more is written.
   */
  async images(sample: Sample, load: () => Promise<Images>): Promise<Images> {
    // Taken before the files are read: should they change meanwhile, the entry is stale rather than wrong.
    const place = this.#place(sample);
    // `load` gives the error.
    if (place === undefined) return load();
    const found = read(place);
    if (found !== undefined) return found;
    const images = await load();
    const notice = this.#write(place, images);
    return notice === undefined ? images : { ...images, notices: [...images.notices, notice] };
  }

  #place({ label, instance, features, source, sources = [], image }: Sample): Place | undefined {
    const files = [label, instance, features, source, image, ...sources.slice(1)].map(file => file && resolve(file));
    const states = files.map(file => file && stateOf(file));
    if (files.some((file, i) => file !== undefined && states[i] === undefined)) return undefined;
    const name = createHash('sha256')
      .update(JSON.stringify([this.#spec, files.map(file => file ?? null)]))
      .digest('hex');
    return { path: join(this.#folder, `${name.slice(0, 32)}.sample`), stamp: states.join(' ') };
  }

  #write({ path, stamp }: Place, images: Images): string | undefined {
    if (!this.#writing) return undefined;
    const beside = `${path}.${randomBytes(6).toString('hex')}${unfinished}`;
    try {
      writeFileSync(beside, encodeEntry(images, stamp), { flag: 'wx' });
      renameSync(beside, path);
      return undefined;
    } catch (error) {
      this.#writing = false;
      try {
        rmSync(beside, { force: true });
      } catch {
        // It cannot be removed where it could not be made.
      }
      return `the cache in ${this.#folder} cannot be written (${reason(error)}); its images will be decoded again instead`;
    }
  }
}

function read({ path, stamp }: Place): Images | undefined {
  try {
    const bytes = readFileSync(path);
    // Small files share an allocation, in which they may begin anywhere.
    return decodeEntry(bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer), stamp);
  } catch {
    return undefined;
  }
}

/** Size and time of last change; `undefined` where there is no such file. */
function stateOf(file: string): string | undefined {
  try {
    const { size, mtimeNs } = statSync(file, { bigint: true });
    return `${size}@${mtimeNs}`;
  } catch {
    return undefined;
  }
}

/** `ENOSPC: no space left on device`: without the call and the path that Node adds. */
function reason(error: unknown): string {
  return error instanceof Error ? error.message.split(', ')[0]! : String(error);
}
