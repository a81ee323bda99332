/** One line of a terminal that shows a command's progress. Depends on the terminal. */
import { redraw, type TextStream } from './terminal.js';

/** Shows progress on a stream. */
export class StatusLine {
  readonly #stream: TextStream;
  #shown = false;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  /** Replaces the text shown; shows nothing where there is no terminal. */
  show(text: string): void {
    if (this.#stream.isTTY !== true) return;
    this.#stream.write(`${redraw}${text}`);
    this.#shown = true;
  }

  /** Clears the line, for what is printed next. */
  clear(): void {
    if (this.#shown) this.#stream.write(redraw);
    this.#shown = false;
  }
}
