/**
 * Finding the file of the generator that a path names: of a run, a checkpoint, or an exported file. Depends on the checkpoint's
 * store and run folders.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CheckpointStore } from '../checkpoint/store.js';
import { UserError } from '../errors.js';
import { runsIn } from '../run/run-folder.js';

/** A checkpoint of a run: the latest, the one with the best score, or that of a step. */
export type WhichCheckpoint = 'latest' | 'best' | number;

/**
 * The file of the generator that a path names.
 *
 * @param source the folder of a run, or a file.
 * @throws UserError where there is none.
 */
export function findGenerator(source: string, checkpoint: WhichCheckpoint): string {
  if (!existsSync(source)) throw notFound(source, 'no such file or folder');
  if (!statSync(source).isDirectory()) return source;
  if (!existsSync(join(source, 'config.json'))) throw notFound(source, 'a folder without config.json');
  const store = new CheckpointStore(join(source, 'checkpoints'));
  try {
    return store.find(String(checkpoint));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const steps = store.steps();
    throw error.withRemedy(
      steps.length === 0
        ? 'train the run first'
        : `give one of these as checkpoint: 'latest', ${existsSync(store.best) ? "'best', " : ''}${steps.join(', ')}`,
    );
  }
}

function notFound(source: string, found: string): UserError {
  const runs = runsNear(source);
  return new UserError({
    code: 'RUN_NOT_FOUND',
    doing: 'loading a generator',
    where: source,
    found,
    expected: 'the folder of a run, a checkpoint, or an exported generator',
    remedy:
      runs.length > 0
        ? `load one of the runs there: ${runs.join(', ')}`
        : "check the path, which begins at the working directory of the process: 'checkpoints/NAME' for the run NAME",
  });
}

/** Runs beside the path that was given, or in it. */
function runsNear(source: string): string[] {
  const isFolder = existsSync(source) && statSync(source).isDirectory();
  const within = isFolder && readdirSync(source).length > 0 ? runsIn(source).map(name => join(source, name)) : [];
  return within.length > 0 ? within : runsIn(dirname(source)).map(name => join(dirname(source), name));
}
