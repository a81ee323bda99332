/**
 * Unpacks a zip file of any size entry by entry, so that a library of gigabytes needs little memory and a bare machine needs no
 * unzip program. Depends on yauzl, which is loaded when a zip is there: set-up begins before the npm packages are.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** The file is not a zip, is cut short, or holds something that is refused. */
export class ZipError extends Error {
  name = 'ZipError';
}

/**
 * Unpacks `file` into the folder `into`.
 *
 * @param {string} file
 * @param {string} into created if missing
 * @returns {Promise<number>} how many files were written
 * @throws {ZipError} when an entry is damaged or its path leaves the folder
 */
export async function unzip(file, into) {
  const { default: yauzl } = await import('yauzl');
  const zip = await refused('it is not a zip file, or its end is missing', yauzl.openPromise(file));
  let written = 0;
  try {
    for await (const entry of zip.eachEntry()) if (await unpack(zip, entry, into)) written++;
  } catch (cause) {
    // The system's own errors have a name for the call, those of the zip have not.
    if (cause instanceof ZipError || cause.syscall !== undefined) throw cause;
    throw new ZipError(cause.message, { cause });
  } finally {
    zip.close();
  }
  return written;
}

/** Whether it was a file or a link, and no folder. */
async function unpack(zip, entry, into) {
  const name = entry.fileName;
  const target = join(into, name);
  if (leaves(into, target)) throw new ZipError(`its entry ${name} would be written outside the folder`);
  if (name.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return false;
  }
  await mkdir(dirname(target), { recursive: true });
  const damaged = `its entry ${name} is damaged`;
  const bytes = await refused(damaged, zip.openReadStreamPromise(entry));
  const mode = entry.externalFileAttributes >>> 16;
  if ((mode & 0o170000) === 0o120000) {
    const to = await refused(damaged, text(bytes));
    if (leaves(into, resolve(dirname(target), to))) throw new ZipError(`its link ${name} leaves the folder`);
    await symlink(to, target);
  } else {
    await refused(damaged, pipeline(bytes, createWriteStream(target, { mode: mode & 0o777 || 0o644 })));
  }
  return true;
}

/** The value; where the zip is at fault, an error that says so. */
async function refused(problem, work) {
  try {
    return await work;
  } catch (cause) {
    if (cause.syscall !== undefined) throw cause;
    throw new ZipError(`${problem} (${cause.message})`, { cause });
  }
}

function leaves(folder, path) {
  const way = relative(resolve(folder), resolve(path));
  return way === '..' || way.startsWith('../') || isAbsolute(way);
}
