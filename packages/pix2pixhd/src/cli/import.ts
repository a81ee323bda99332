/** `pix2pixhd import`: makes a run of the official weights in a folder. */

import { parseArgv, resolveConfig } from '../config/argv.js';
import { importCommand } from '../config/interop-commands.js';
import type { TrainConfig } from '../config/schema.js';
import { importOfficial } from '../interop/import.js';
import { printable } from '../printable.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], { out, error }: Terminal): Promise<number> {
  const parsed = parseArgv(importCommand, argv);
  const { from, whichEpoch, name, checkpointsDir } = resolveConfig(importCommand, parsed);
  // Only what was really given overrides opt.txt.
  const { from: _, whichEpoch: __, name: ___, checkpointsDir: ____, debug: _____, dataroot, ...options } = parsed;
  const given: Partial<TrainConfig> = { ...options, ...(dataroot ? { dataroot } : {}) };
  const { config, checkpoint, notices } = importOfficial({ from, whichEpoch, name, checkpointsDir, given });
  for (const notice of notices) error.write(`note: ${printable(notice)}\n`);
  const place = `--name ${name}${checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`}`;
  out.write(
    [
      `Imported into ${checkpoint}`,
      `Translate with: pix2pixhd generate ${place} --dataroot ${config.dataroot}`,
      `Train on with:  pix2pixhd train ${place} --resume --dataroot ${config.dataroot}`,
      '',
    ].join('\n'),
  );
  return 0;
}
