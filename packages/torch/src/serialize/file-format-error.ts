/**
 * The one error of the file readers and writers. Depends on the package's errors.
 */
import { TorchError } from '../errors.js';

/** A file violates its format, or holds something that this package refuses to read. */
export class FileFormatError extends TorchError {
  override readonly name: string = 'FileFormatError';
  /** The file. */
  readonly path: string;
  /** What is wrong with it, without the path. */
  readonly problem: string;

  /**
   * @param path the file, as the caller named it.
   * @param problem what was found, what was expected and, if possible, what to do about it.
   */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super('FILE_FORMAT', `${path}: ${problem}`, options);
    this.path = path;
    this.problem = problem;
  }
}

/** Quotes text from a file for a message: truncated, and escaped so that it cannot control the terminal. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
