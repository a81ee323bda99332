/** What a command is to parser and help: its name, purpose, examples and options. Depends on zod's types only. */
import type { z } from 'zod';

/** A command line that a newcomer can copy, and what it does. */
export interface Example {
  readonly explains: string;
  readonly command: string;
}

/** A command: everything that parser and help need. */
export interface CommandSpec<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows `pix2pixhd NAME` in the usage line. */
  readonly usage: string;
  readonly examples: readonly Example[];
  readonly schema: S;
  /** Whether standard output is for data with these arguments; what is said goes to standard error then. Default: never. */
  readonly writesData?: (argv: readonly string[]) => boolean;
  /** What an argument that is not an option is. Without it there may be none. */
  readonly operand?: Operand;
  /** Options of training that the command takes besides its own. */
  readonly ofTraining?: OptionsOfTraining;
}

/** Options of training in another command. */
export interface OptionsOfTraining {
  readonly options: z.ZodObject;
  /**
   * `set`: they are listed in the help, and what is given counts. `agree`: a checkpoint knows them; they may be repeated,
   * as NVIDIA's programs must be given them, and have to agree with it; those that only training uses are accepted too.
   */
  readonly role: 'set' | 'agree';
}

/** The arguments of a command that are not options. */
export interface Operand {
  /** `FOLDER`, as the usage line has it. */
  readonly value: string;
  /** The option that it is short for; left out where there may be several, which the command itself looks at. */
  readonly key?: string;
}
