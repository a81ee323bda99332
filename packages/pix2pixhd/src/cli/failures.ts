/**
 * Inputs that could not be used while the others were: collected, and reported at the end. Depends on `errors.ts`, and on the
 * words for errors.
 */
import type { Sample } from '../data/find/pairs.js';
import { UserError } from '../errors.js';
import { printable } from '../printable.js';
import { advised } from './advice.js';
import { errorFields } from './describe-error.js';
import { explained } from './explain.js';
import type { Terminal } from './terminal.js';

/** The failures of one command. */
export class Failures {
  readonly #command: string;
  readonly #terminal: Terminal;
  readonly #failed = new Map<Sample, UserError>();

  /** @param terminal each failure is an event for programs at once. */
  constructor(command: string, terminal: Terminal) {
    this.#command = command;
    this.#terminal = terminal;
  }

  /**
   * Notes what went wrong with a sample.
   *
   * @throws the error, where it is a fault of the program, not of an input.
   */
  readonly note = (sample: Sample, thrown: unknown): void => {
    const error = advised(explained(thrown), this.#command);
    if (!(error instanceof UserError)) throw thrown;
    if (this.#failed.has(sample)) return;
    this.#failed.set(sample, error);
    this.#terminal.event('failure', { stem: sample.stem, ...errorFields(error, false) });
  };

  /** How many inputs failed. */
  get count(): number {
    return this.#failed.size;
  }

  /** Whether an input failed. */
  has(sample: Sample): boolean {
    return this.#failed.has(sample);
  }

  /**
   * All failures as one error, with every file and what is wrong with it.
   *
   * @param doing what the command did with each input.
   * @param of how many inputs there were.
   */
  asError(doing: string, of: number): UserError {
    const failed = [...this.#failed];
    const lines = failed.map(([sample, { parts }]) => {
      const where = parts.where ?? sample.label ?? sample.source ?? sample.stem;
      return `\n    ${printable(where)}: ${parts.found}${parts.expected === undefined ? '' : ` (expected: ${parts.expected})`}`;
    });
    const remedies = new Set(failed.map(([, { parts }]) => parts.remedy));
    return new UserError({
      code: 'INPUTS_FAILED',
      doing,
      found: `${failed.length} of ${of} could not be used:${lines.join('')}`,
      remedy: [...remedies].join('; '),
    });
  }
}
