/**
 * What a run does after a non-finite step, which changed nothing: skips it, goes back to the last good checkpoint, or
 * ends. Depends on the session, the checkpoints and `errors.ts`.
 */
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { CheckpointStore } from '../checkpoint/store.js';
import { UserError } from '../errors.js';
import type { TrainingSession } from '../training/session.js';
import type { Checkpointer } from './checkpointer.js';
import type { RunEvents } from './events.js';
import type { GuardDecision } from './health/non-finite-guard.js';

/** The weights of a run have diverged: those in memory are not worth saving. */
export class DivergedError extends UserError {}

/** Does what the guard has decided. @throws DivergedError if it decided to stop, or the checkpoint cannot be read. */
export function recoverFromNonFinite(
  decision: Exclude<GuardDecision, 'ok'>,
  session: TrainingSession,
  checkpointer: Checkpointer,
  store: CheckpointStore,
  events: RunEvents,
): void {
  const { step } = session.position;
  if (decision === 'skipped') {
    events.note(`step ${step} was skipped: a loss or a gradient is not finite`);
    return;
  }
  const good = checkpointer.lastGood;
  checkpointer.dropUnconfirmed();
  if (decision === 'stop') throw diverged(session, store, good);
  rollBack(session, store.pathOf(good!));
  events.note(`step ${step}: back to the weights of step ${good}, since several steps in a row were not finite`);
}

function rollBack(session: TrainingSession, path: string): void {
  try {
    Checkpoint.using(path, checkpoint => session.rollBack(checkpoint));
  } catch (error) {
    // The weights in memory are the bad ones: they must not be saved.
    throw error instanceof UserError ? new DivergedError(error.parts, { cause: error }) : error;
  }
}

function diverged({ position, stage }: TrainingSession, store: CheckpointStore, good: number | null): DivergedError {
  const how =
    good !== null
      ? `continue from step ${good} with --resume and`
      : stage.number === 1
        ? 'start over with'
        : `start stage ${stage.number} over with --resume and`;
  return new DivergedError({
    code: 'TRAINING_DIVERGED',
    doing: 'training',
    where: `step ${position.step}`,
    found: 'losses or gradients that are not finite in several steps in a row',
    expected: 'finite numbers',
    advice: { kind: 'diverged', from: good },
    remedy: `${how} a lower --lr, or --precision fp32${good === null ? '' : orFromEarlier(store, good)}`,
  });
}

/** How to continue from before a checkpoint whose weights may be the cause. */
function orFromEarlier(store: CheckpointStore, good: number): string {
  const earlier = store
    .steps()
    .filter(step => step < good)
    .at(-1);
  return earlier === undefined ? '' : `; or delete ${store.pathOf(good)} first, to continue from step ${earlier}`;
}
