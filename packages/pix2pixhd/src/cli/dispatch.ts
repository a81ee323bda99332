/**
 * From the arguments to a command and its exit code; the one place that prints errors. Depends on the table of commands,
 * the help and `errors.ts`.
 */

import { readFileSync } from 'node:fs';
import { renderHelp, renderOverview } from '../config/help.js';
import { nearest } from '../config/nearest.js';
import { isProgramOption, readProgramOptions } from '../config/program-options.js';
import { UsageError, UserError } from '../errors.js';
import { advised } from './advice.js';
import { describeError, errorFields } from './describe-error.js';
import { explained } from './explain.js';
import { openTerminal } from './open-terminal.js';
import { type CommandEntry, commandTable } from './table.js';
import { guardedStreams, type Streams } from './terminal.js';

/**
 * Runs `pix2pixhd ARGV`.
 *
 * @param argv the arguments after the program's name.
 * @param streams where to print; control characters in what is printed are written out.
 * @returns the exit code: that of the command, 2 for a wrong command line, 1 for any other error.
 */
export async function dispatch(
  argv: readonly string[],
  streams: Streams,
  table: readonly CommandEntry[] = commandTable,
): Promise<number> {
  const program = readProgramOptions(argv);
  const begin = argv.findIndex(argument => !isProgramOption(argument));
  const words = begin < 0 ? [] : argv.slice(begin);
  const [name, ...rest] = takeName(words[0] === 'help' ? words.slice(1) : words, table);
  const wantsHelp = words[0] === 'help' || argv.includes('--help') || argv.includes('-h');
  const { spec } = table.find(entry => entry.spec.name === name) ?? {};
  const printing = spec?.writesData?.(rest) ? { ...streams, out: streams.error } : streams;
  const terminal = openTerminal(printing, name, program);
  try {
    if (name === undefined || name.startsWith('-') || wantsHelp) return inform(name, wantsHelp, streams, table);
    return await (await find(name, table).load()).run(rest, terminal);
  } catch (thrown) {
    const error = advised(explained(thrown), name);
    terminal.failure(errorFields(error, program.debug), `${describeError(error, program.debug)}\n`);
    return error instanceof UserError ? error.exitCode : 1;
  }
}

/** Prints the version, the help of a command or the list of commands, whatever `--quiet` and `--json` say. */
function inform(
  name: string | undefined,
  wantsHelp: boolean,
  streams: Streams,
  table: readonly CommandEntry[],
): number {
  const { out, error } = guardedStreams(streams);
  const overview = renderOverview(table.map(({ spec }) => spec));
  if (name === '--version') out.write(`${version()}\n`);
  else if (name === undefined && !wantsHelp) {
    error.write(overview);
    return 2;
  } else if (name === undefined || name === '--help' || name === '-h') out.write(overview);
  else {
    const group = name.includes(' ') ? [] : groupOf(name, table);
    out.write(group.length > 0 ? renderOverview(group.map(({ spec }) => spec)) : renderHelp(find(name, table).spec));
  }
  return 0;
}

/** The words with the command's name as the first, which may be of two: `study create`. */
function takeName(words: readonly string[], table: readonly CommandEntry[]): readonly string[] {
  const [first, second = '', ...rest] = words;
  return groupOf(first, table).length > 0 && /^\w/.test(second) ? [`${first} ${second}`, ...rest] : words;
}

/** The commands whose names have two words and begin with the first word of this one. */
function groupOf(name: string | undefined, table: readonly CommandEntry[]): readonly CommandEntry[] {
  return table.filter(({ spec }) => spec.name.startsWith(`${name?.split(' ', 1)} `));
}

function find(name: string, table: readonly CommandEntry[]): CommandEntry {
  const entry = table.find(({ spec }) => spec.name === name);
  if (entry !== undefined) return entry;
  const group = groupOf(name, table);
  const names = (group.length > 0 ? group : table).map(({ spec }) => spec.name);
  const near = nearest(name, names);
  throw new UsageError({
    code: 'BAD_COMMAND',
    doing: 'reading the command line',
    found: name.startsWith('-') ? `${name} where the command should be` : `no command ${name}`,
    expected: `one of ${names.join(', ')}`,
    remedy: near === undefined ? 'pix2pixhd --help explains the commands' : `did you mean pix2pixhd ${near}?`,
  });
}

/** The version of this package. */
export function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (description as { version: string }).version;
}
