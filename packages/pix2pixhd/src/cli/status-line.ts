/** One line of a terminal that tells how far a command is. Depends on the terminal. */
import { redraw, type TextStream } from './terminal.js';

/** Shows progress on a stream. */
export class StatusLine {
  readonly #stream: TextStream;
  #shown = false;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  /** Shows a text in place of the one before; nothing where there is no terminal. */
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
