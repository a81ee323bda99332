/**
 * Opening the checkpoints that a resumed run goes on from. Depends on the store and the checkpoint.
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
 * What the latest checkpoint of a run knows, without its tensors.
 * @throws UserError where its header is damaged, with the command after which the run goes on from the last whole one.
 */
export function latestState(store: CheckpointStore): CheckpointState {
  return resuming(() => Checkpoint.read(store.find('latest'), 'state').state, goOnFromOlder);
}

/**
 * Opens the latest checkpoint of a run as {@link Checkpoint.using} does, once every byte of it is known to be right: what
 * is restored is restored whole.
 * @throws UserError where it is damaged, with the command after which the run goes on from the last whole one.
 */
export function useLatest<T>(store: CheckpointStore, use: (checkpoint: Checkpoint) => T): T {
  const checked = (checkpoint: Checkpoint) => {
    checkpoint.verify();
    return use(checkpoint);
  };
  return resuming(() => Checkpoint.using(store.find('latest'), checked), goOnFromOlder);
}

/**
 * Reads what the best checkpoint knows, without its tensors.
 * @throws UserError where its header is damaged, with the command after which the run goes on without it.
 */
export function readBest(store: CheckpointStore): CheckpointState {
  return resuming(
    () => Checkpoint.read(store.best, 'state').state,
    ({ path }) =>
      `move it away (${moveAway([path])}); then the same command goes on, and the best checkpoint from there on is marked`,
  );
}

function resuming<T>(read: () => T, remedy: (error: UnusableCheckpoint) => string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnusableCheckpoint) || !error.damaged) throw error;
    // The remedy is the same for every command that resumes.
    const { advice: _, ...parts } = error.parts;
    throw new UserError({ ...parts, doing: 'resuming a run', remedy: remedy(error) }, { cause: error.cause });
  }
}

/** What `--resume` takes is the latest file of a step: the damaged one goes, and one of another name gets that of its step. */
function goOnFromOlder({ path, older }: UnusableCheckpoint): string {
  if (older === undefined)
    return 'no older checkpoint beside it is whole: copy the file again from where there is another, or start anew';
  const ofStep = join(dirname(path), `step-${String(older.step).padStart(8, '0')}.safetensors`);
  const commands = [moveAway(namesOf(path))];
  if (basename(older.path) !== basename(ofStep)) commands.push(`cp ${shellWord(older.path)} ${shellWord(ofStep)}`);
  return `the one before it is whole (${older.path}: ${describeOlder(older)}); move the damaged one away: ${commands.join(' && ')} ; then the same command goes on from step ${older.step}`;
}

function moveAway(paths: readonly string[]): string {
  return paths.map(path => `mv ${shellWord(path)} ${shellWord(`${path}.damaged`)}`).join(' && ');
}
