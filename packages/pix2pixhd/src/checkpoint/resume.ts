/**
 * Opens the checkpoints that a run resumes from. Depends on the store and the checkpoint.
 */
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { Checkpoint } from './checkpoint.js';
import { namesOf } from './older.js';
import type { CheckpointState } from './state.js';
import type { CheckpointStore } from './store.js';
import { describeOlder, UnusableCheckpoint } from './unusable.js';

/**
 * The state of a run's latest checkpoint, without its tensors.
 * @throws UserError if its header is damaged, with the commands after which the run resumes from the last intact one.
 */
export function latestState(store: CheckpointStore): CheckpointState {
  return resuming(() => Checkpoint.read(store.find('latest'), 'state').state, resumeFromOlder);
}

/**
 * Opens the latest checkpoint of a run as {@link Checkpoint.using} does, after checking every byte of it: nothing is
 * restored in part.
 * @throws UserError if it is damaged, with the commands after which the run resumes from the last intact one.
 */
export function useLatest<T>(store: CheckpointStore, use: (checkpoint: Checkpoint) => T): T {
  const checked = (checkpoint: Checkpoint) => {
    checkpoint.verify();
    return use(checkpoint);
  };
  return resuming(() => Checkpoint.using(store.find('latest'), checked), resumeFromOlder);
}

/**
 * The state of the best checkpoint, without its tensors.
 * @throws UserError if its header is damaged, with the command after which the run resumes without it.
 */
export function readBest(store: CheckpointStore): CheckpointState {
  return resuming(
    () => Checkpoint.read(store.best, 'state').state,
    ({ path }) =>
      `move it away (${moveAway([path])}) and run the same command again; the best checkpoint is then the best of those still to come`,
  );
}

function resuming<T>(read: () => T, remedy: (error: UnusableCheckpoint) => string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnusableCheckpoint) || !error.damaged) throw error;
    // The remedy does not depend on the command, so no advice for it.
    const { advice: _, ...parts } = error.parts;
    throw new UserError({ ...parts, doing: 'resuming a run', remedy: remedy(error) }, { cause: error.cause });
  }
}

/** `--resume` takes the newest `step-N` file: the damaged one is moved away, and the older one is copied to such a name if it has another. */
function resumeFromOlder({ path, older }: UnusableCheckpoint): string {
  if (older === undefined)
    return 'no older checkpoint beside it is intact: copy the file again if you have it elsewhere, or start a new run';
  const ofStep = join(dirname(path), `step-${String(older.step).padStart(8, '0')}.safetensors`);
  const commands = [moveAway(namesOf(path))];
  if (basename(older.path) !== basename(ofStep)) commands.push(`cp ${shellWord(older.path)} ${shellWord(ofStep)}`);
  return `an older one is intact (${older.path}: ${describeOlder(older)}); move the damaged one away: ${commands.join(' && ')} ; then the same command continues from step ${older.step}`;
}

function moveAway(paths: readonly string[]): string {
  return paths.map(path => `mv ${shellWord(path)} ${shellWord(`${path}.damaged`)}`).join(' && ');
}
