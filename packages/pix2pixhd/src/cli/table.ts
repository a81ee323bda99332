/** The commands of `pix2pixhd` and where each is. A command's module is loaded only when it is run. */

import { checkCommand } from '../config/commands/check.js';
import type { CommandSpec } from '../config/commands/command.js';
import { compareCommand } from '../config/commands/compare.js';
import { demoCommand } from '../config/commands/demo.js';
import { editCommand } from '../config/commands/edit.js';
import { encodeCommand } from '../config/commands/encode.js';
import { evaluateCommand } from '../config/commands/evaluate.js';
import { exportCommand } from '../config/commands/export.js';
import { generateCommand } from '../config/commands/generate.js';
import { importCommand } from '../config/commands/import.js';
import { prepareCommand } from '../config/commands/prepare.js';
import { studyCreateCommand, studyResultsCommand, studyServeCommand } from '../config/commands/study.js';
import { trainCommand } from '../config/commands/train.js';
import { trainSegmenterCommand } from '../config/commands/train-segmenter.js';
import type { Terminal } from './terminal.js';

/** The module of a command: options in, exit code out. */
export interface CommandModule {
  /**
   * Runs the command.
   *
   * @param argv the arguments after the command's name, `--help` excepted.
   * @param terminal where to print.
   * @returns the exit code: 0 for success, 1 where the command did its work and the answer is no, 130 or 143 where a signal
   *   ended it.
   * @throws UserError for everything that the user can fix.
   */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

/** A command in the table. */
export interface CommandEntry {
  readonly spec: CommandSpec;
  readonly load: () => Promise<CommandModule>;
}

/** All commands, in the order of `pix2pixhd --help`. */
export const commandTable: readonly CommandEntry[] = [
  { spec: demoCommand, load: () => import('./demo.js') },
  { spec: prepareCommand, load: () => import('./prepare.js') },
  { spec: checkCommand, load: () => import('./check.js') },
  { spec: trainCommand, load: () => import('./train.js') },
  { spec: encodeCommand, load: () => import('./encode.js') },
  { spec: generateCommand, load: () => import('./generate.js') },
  { spec: evaluateCommand, load: () => import('./evaluate.js') },
  { spec: compareCommand, load: () => import('./compare.js') },
  { spec: editCommand, load: () => import('./edit.js') },
  { spec: trainSegmenterCommand, load: () => import('./train-segmenter.js') },
  { spec: studyCreateCommand, load: () => import('./study-create.js') },
  { spec: studyServeCommand, load: () => import('./study-serve.js') },
  { spec: studyResultsCommand, load: () => import('./study-results.js') },
  { spec: importCommand, load: () => import('./import.js') },
  { spec: exportCommand, load: () => import('./export.js') },
];
