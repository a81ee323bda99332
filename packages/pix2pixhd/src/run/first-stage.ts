/**
 * How a run starts: from random weights, from a file's (`--load-pretrain`), or from its latest checkpoint. Depends on
 * the stages' opener and checkpoints.
 */
import { scope } from '@pix2pixhd/torch';
import { readWeights } from '../checkpoint/pretrained.js';
import { useLatest } from '../checkpoint/resume.js';
import type { CheckpointState } from '../checkpoint/state.js';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { Stage } from '../config/stages.js';
import { UserError } from '../errors.js';
import type { TrainingSession } from '../training/session.js';
import type { WarmStart } from '../training/warm-start.js';
import type { RunEvents } from './events.js';
import { noteWarmStart, type OpenStage, type StageOpener } from './stage-opener.js';

/**
 * Opens the stage in which this invocation starts.
 * @param resumed the state of the latest checkpoint; undefined if the run starts from the beginning.
 * @param pretrained a file of weights to start from.
 * @throws UserError if the checkpoint or the file cannot be used.
 */
export async function openFirstStage(
  opener: StageOpener,
  stages: readonly Stage[],
  store: CheckpointStore,
  resumed: CheckpointState | undefined,
  pretrained: string | null,
  events: RunEvents,
): Promise<OpenStage> {
  if (resumed === undefined)
    return opener.open(stages[0]!, session => {
      if (pretrained !== null) startFromFile(session, pretrained, events);
    });
  const path = store.find('latest');
  // Read tensor by tensor, within the callback: a closure would hold the whole file until the end of the run.
  const stage = await opener.open(stages[resumed.stage - 1]!, session =>
    useLatest(store, checkpoint => session.restore(checkpoint)),
  );
  events.note(`continuing after step ${resumed.step} (${path})`);
  return stage;
}

function startFromFile(session: TrainingSession, path: string, events: RunEvents): void {
  scope(() => {
    const warm = session.startFrom(readWeights(path));
    checkTaken(warm, path);
    noteWarmStart(events, warm);
  });
}

/** Throws if most weights do not fit: they are another network's, probably because an option differs. */
function checkTaken(warm: WarmStart, path: string): void {
  const G = warm.G ?? warm.G_A;
  if (G !== undefined && G.taken.length >= G.left.length) return;
  throw new UserError({
    code: 'WEIGHTS_MISMATCH',
    doing: 'loading pretrained weights (--load-pretrain)',
    where: path,
    found: `${G?.taken.length ?? 0} tensors that fit the generator, ${G?.left.length ?? 0} that do not`,
    expected: 'the weights of a generator like this one',
    remedy:
      'give --ngf, --n-downsample-global, --label-nc and the other network options that the weights were trained with',
  });
}
