/** The checkpoint that `generate` and `edit` are told to use. Depends on the checkpoint's store, run folders and `errors.ts`. */
import { CheckpointStore } from '../checkpoint/store.js';
import { UsageError } from '../errors.js';
import { RunFolder } from '../run/run-folder.js';

/** The options that name it. */
export interface CheckpointOptions {
  readonly name: string | null;
  readonly checkpoint: string | null;
  readonly checkpointsDir: string;
  readonly whichEpoch: string;
}

/** @throws UsageError where neither is given; UserError where the run or its checkpoint is not there. */
export function checkpointPath({ name, checkpoint, checkpointsDir, whichEpoch }: CheckpointOptions): string {
  if (checkpoint !== null) return checkpoint;
  if (name !== null) return new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the generator',
    found: 'neither --name nor --checkpoint',
    expected: 'one of them',
    remedy: 'give the --name of a run, as it was given to pix2pixhd train',
  });
}
