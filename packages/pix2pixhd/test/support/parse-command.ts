/** The configuration of a command line, for tests. Depends on the configuration. */
import type { z } from 'zod';
import { parseArgv, resolveConfig } from '../../src/config/argv.js';
import type { CommandSpec } from '../../src/config/commands/command.js';

/** Parses and completes in one: for commands whose defaults are all in the schema. */
export function parseCommand<S extends z.ZodObject>(command: CommandSpec<S>, argv: readonly string[]): z.output<S> {
  return resolveConfig(command, parseArgv(command, argv));
}
