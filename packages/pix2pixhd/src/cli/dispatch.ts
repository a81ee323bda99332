/**
 * From the arguments to a command and its exit code; the one place that prints errors. Depends on the table of commands,
 * the help and `errors.ts`.
 */

import { readFileSync } from 'node:fs';
import { renderHelp, renderOverview } from '../config/help.js';
import { nearest } from '../config/nearest.js';
import { UsageError, UserError } from '../errors.js';
import { explained } from './explain.js';
import { type CommandEntry, commandTable } from './table.js';

/** Where a command line program writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/**
 * Runs `pix2pixhd ARGV`.
 *
 * @param argv the arguments after the program's name.
 * @returns the exit code: that of the command, 2 for a wrong command line, 1 for any other error.
 */
export async function dispatch(
  argv: readonly string[],
  output: Output,
  table: readonly CommandEntry[] = commandTable,
): Promise<number> {
  const debug = argv.includes('--debug');
  try {
    return await runCommand(argv, output, table);
  } catch (thrown) {
    const error = explained(
      thrown,
      argv.find(argument => !argument.startsWith('-')),
    );
    output.error(`${describeError(error, debug)}\n`);
    return error instanceof UserError ? error.exitCode : 1;
  }
}

async function runCommand(argv: readonly string[], output: Output, table: readonly CommandEntry[]): Promise<number> {
  const wantsHelp = argv.some(argument => argument === '--help' || argument === '-h') || argv[0] === 'help';
  const [name, ...rest] = argv.filter((argument, i) => !(i === 0 && (argument === 'help' || argument === '--debug')));
  const overview = renderOverview(table.map(({ spec }) => spec));
  if (name === '--version') {
    output.out(`${version()}\n`);
    return 0;
  }
  if (name === undefined && !wantsHelp) {
    output.error(overview);
    return 2;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    output.out(overview);
    return 0;
  }
  const command = find(name, table);
  if (wantsHelp) {
    output.out(renderHelp(command.spec));
    return 0;
  }
  return (await command.load()).run(rest);
}

function find(name: string, table: readonly CommandEntry[]): CommandEntry {
  const entry = table.find(({ spec }) => spec.name === name);
  if (entry !== undefined) return entry;
  const names = table.map(({ spec }) => spec.name);
  const near = nearest(name, names);
  throw new UsageError({
    doing: 'reading the command line',
    found: name.startsWith('-') ? `${name} where the command should be` : `no command ${name}`,
    expected: `one of ${names.join(', ')}`,
    remedy: near === undefined ? 'pix2pixhd --help explains the commands' : `did you mean pix2pixhd ${near}?`,
  });
}

/** What to print for an error: a user's error as it stands, any other with the way to its stack. */
export function describeError(error: unknown, debug: boolean): string {
  if (debug) return stackOf(error);
  if (error instanceof UserError) return error.message;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${text.trim()}\n  (run again with --debug for the stack)`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // libtorch's own frames, where the addon has added them.
  const own = 'backtrace' in error ? `${error.stack}\n${error.backtrace}` : (error.stack ?? String(error));
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}

/** The version of this package. */
export function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (description as { version: string }).version;
}
