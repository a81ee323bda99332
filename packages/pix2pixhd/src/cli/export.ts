/** `pix2pixhd export`: writes a run's weights for other programs. */

import { Checkpoint } from '../checkpoint/checkpoint.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { parseCommand } from '../config/argv.js';
import { exportCommand } from '../config/commands/export.js';
import { exportPth, exportSafetensors } from '../interop/export.js';
import { RunFolder } from '../run/run-folder.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], { out, error }: Terminal): Promise<number> {
  const options = parseCommand(exportCommand, argv);
  const { name, checkpointsDir, whichEpoch, format, live } = options;
  const path = new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  const checkpoint = Checkpoint.read(path, 'networks');
  const files = format === 'pth' ? exportPth(checkpoint, options) : exportSafetensors(checkpoint, options);
  const averaged = checkpoint.stageConfig.ema > 0 && !live ? ', averaged weights' : '';
  out.write(`${path} (step ${checkpoint.state.step}${averaged})\n`);
  for (const file of files) out.write(`  ${file}\n`);
  if (format === 'pth' && checkpoint.stageConfig.ganMode === 'hinge')
    error.write("note: NVIDIA's code has no hinge loss; opt.txt names least squares\n");
  return 0;
}
