/** `pix2pixhd import`: makes a run of the official weights in a folder. */

import { resolveConfig } from '../config/argv.js';
import { importCommand } from '../config/commands/import.js';
import { importOfficial } from '../interop/import.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, stated } = readOptions(importCommand, argv, terminal);
  const { from, whichEpoch, name, checkpointsDir, dataroot } = resolveConfig(importCommand, given);
  const { config, checkpoint, notices } = importOfficial({
    ...{ from, whichEpoch, name, checkpointsDir },
    given: { ...stated, ...(dataroot !== null && { dataroot }) },
  });
  for (const notice of notices) terminal.notice(`note: ${notice}`);
  const place = `--name ${name}${checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`}`;
  terminal.result(
    { run: name, checkpointsDir, checkpoint },
    [
      `Imported into ${checkpoint}`,
      `Generate with: pix2pixhd generate ${place} --dataroot ${config.dataroot}`,
      `Continue training with:  pix2pixhd train ${place} --resume --dataroot ${config.dataroot}`,
      '',
    ].join('\n'),
  );
  return 0;
}
