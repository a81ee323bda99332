/**
 * Generated frames as numbered PNG files, in a folder that is under a temporary name until it is whole. Depends on the output
 * module, its PNG encoder and Node's files.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryName } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';

import { makeFolder } from '../output/make-folder.js';
import { isMarked, markedPng } from '../output/own-files.js';
import { encodePng } from '../output/raster-file.js';
import { type FrameSink, writingTo } from './sink.js';

/** The file name of a frame, counted from 1; ffmpeg calls it `%06d.png`. */
export function frameName(number: number): string {
  return `${String(number).padStart(6, '0')}.png`;
}

/**
 * Checks that a folder may be replaced: it is not there, or holds nothing but frames.
 *
 * @param force whether frames that this program did not make may be replaced.
 * @throws UserError where something else is there.
 */
export function checkFrameFolder(folder: string, force: boolean): void {
  const there = statOf(folder);
  if (there === undefined) return;
  if (!there.isDirectory()) throw refusal(folder, 'something that is not a folder');
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !/^\d{6,}\.png$/.test(entry.name))
      throw refusal(folder, `${entry.name}, which is not a frame`);
    if (!force && !isMarked(join(folder, entry.name)))
      throw refusal(
        folder,
        `${entry.name}, which pix2pixhd did not make`,
        ', or give --force to replace the frames there',
      );
  }
}

/** What is there, links not followed. */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Part of the path is a file, or not readable: writing will report that.
    return undefined;
  }
}

/**
 * Starts to write frames. The folder above is made.
 * @throws UserError where nothing can be written there.
 */
export function frameFolder(folder: string, force: boolean): FrameSink {
  const out = dirname(folder);
  const temporary = join(out, temporaryName(basename(folder)));
  writingTo(out, () => {
    makeFolder(out);
    mkdirSync(temporary);
  });
  let number = 0;
  let done = false;
  return {
    async write(image) {
      const png = markedPng(await encodePng(image));
      writingTo(out, () => writeFileSync(join(temporary, frameName(++number)), png));
    },
    async finish() {
      checkFrameFolder(folder, force);
      const before = join(out, temporaryName(basename(folder)));
      writingTo(out, () => {
        const isThere = statOf(folder) !== undefined;
        if (isThere) renameSync(folder, before);
        renameSync(temporary, folder);
        if (isThere) rmSync(before, { recursive: true });
      });
      done = true;
    },
    async discard() {
      if (!done) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

function refusal(folder: string, found: string, orElse = ''): UserError {
  return new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'writing the generated frames',
    where: folder,
    found,
    expected: 'no such folder, or frames of an earlier call alone',
    remedy: `give --out another folder${orElse}`,
  });
}
