/** From the arguments of a command to its options, with what is to be said about them said. Depends on the parser. */

import { type CommandLine, readCommandLine } from '../config/argv.js';
import type { CommandSpec } from '../config/commands/command.js';
import type { Terminal } from './terminal.js';

/**
 * Reads a command line and says which of its options change nothing.
 *
 * @throws UsageError where the command line is wrong.
 */
export function readOptions<S extends CommandSpec['schema']>(
  command: CommandSpec<S>,
  argv: readonly string[],
  { notice }: Terminal,
): CommandLine<S> {
  const line = readCommandLine(command, argv);
  for (const remark of line.remarks) notice(`note: ${remark}`);
  return line;
}
