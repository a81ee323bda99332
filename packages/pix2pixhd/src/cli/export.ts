/** `pix2pixhd export`: writes a run's weights for other programs. */

import { Checkpoint } from '../checkpoint/checkpoint.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { resolveConfig } from '../config/argv.js';
import { exportCommand } from '../config/commands/export.js';
import { exportPth, exportSafetensors } from '../interop/export.js';
import { RunFolder } from '../run/run-folder.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(exportCommand, readOptions(exportCommand, argv, terminal).given);
  const { name, checkpointsDir, whichEpoch, format, live } = options;
  const path = new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  const checkpoint = Checkpoint.read(path, 'networks');
  const files = format === 'pth' ? exportPth(checkpoint, options) : exportSafetensors(checkpoint, options);
  const { step } = checkpoint.state;
  const averaged = checkpoint.stageConfig.ema > 0 && !live;
  if (format === 'pth' && checkpoint.stageConfig.ganMode === 'hinge')
    terminal.notice('note: the public code has no hinge loss; its options name least squares');
  const written = files.map(file => `  ${file}\n`).join('');
  terminal.result(
    { checkpoint: path, step, averaged, files },
    `${path} (step ${step}${averaged ? ', averaged weights' : ''})\n${written}`,
  );
  return 0;
}
