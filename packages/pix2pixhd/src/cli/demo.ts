/**
 * `pix2pixhd demo`: reads the options and hands over to `@pix2pixhd/demo`, a package of its own because of the 64 MB of
 * artwork that it needs. Depends on the registry of commands and `errors.ts`; that package depends on this one.
 */

import { resolveConfig } from '../config/argv.js';
import { type DemoConfig, demoCommand } from '../config/commands/demo.js';
import { UserError } from '../errors.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** What `@pix2pixhd/demo` exports for this command. */
export interface DemoPackage {
  /** Runs the demo and returns the exit code. */
  runDemo(options: DemoConfig, terminal: Terminal): Promise<number>;
}

// Not a literal in the import: the compiler builds this package before that one.
const name: string = '@pix2pixhd/demo';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(demoCommand, readOptions(demoCommand, argv, terminal).given);
  const { runDemo } = (await import(find())) as DemoPackage;
  return runDemo(options, terminal);
}

/** @returns the address of the package. */
function find(): string {
  try {
    return import.meta.resolve(name);
  } catch (cause) {
    throw new UserError(
      {
        code: 'NOT_INSTALLED',
        doing: 'starting the demo',
        where: name,
        found: 'this npm package is not installed',
        expected: 'the package that has the demo and its artwork (64 MB)',
        remedy: `npm install ${name}, then npx pix2pixhd demo again`,
      },
      { cause },
    );
  }
}
