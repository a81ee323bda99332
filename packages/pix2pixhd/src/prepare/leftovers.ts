/**
 * Unfinished files that a process which was killed left in a data set's folder. Depends on the file system and on how the writer
 * of files names them.
 */
import { type Dirent, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporaryName } from '@pix2pixhd/torch/atomic-write';

/** Removes them, in folders below too. Those of a process that is still running are its own, and stay. */
export function removeLeftovers(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeLeftovers(path);
    else if (isLeftover(entry)) rmSync(path, { force: true });
  }
}

/** Whether a file is an unfinished one that nobody goes on writing; what is linked is somebody else's. */
function isLeftover(entry: Dirent): boolean {
  if (!entry.isFile() || !isTemporaryName(entry.name)) return false;
  const writer = Number(/\.(\d+)\.[0-9a-f]+\.tmp$/.exec(entry.name)![1]);
  // Called before this process writes: a file with its number is of an earlier one, as in a container.
  return writer === process.pid || !isRunning(writer);
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
