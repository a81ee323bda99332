/** `pix2pixhd export`: writes a run's weights for other programs. */

import { exportAsPage, exportCheckpoint } from '../api/export-checkpoint.js';
import { resolveConfig } from '../config/argv.js';
import { exportCommand } from '../config/commands/export.js';
import { checkpointPath } from './checkpoint-path.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(exportCommand, readOptions(exportCommand, argv, terminal).given);
  const path = checkpointPath(options);
  const { files, step, averaged, notices } =
    options.format === 'page' ? await exportAsPage(path, options) : exportCheckpoint(path, options);
  for (const notice of notices) terminal.notice(`note: ${notice}`);
  const written =
    options.format === 'page' ? `  ${options.out}: ${files.length} files\n` : files.map(file => `  ${file}\n`).join('');
  terminal.result(
    { checkpoint: path, step, averaged, files },
    `${path} (step ${step}${averaged ? ', averaged weights' : ''})\n${written}`,
  );
  return 0;
}
