/** One line of a terminal that tells how far a command is. Depends on nothing. */

/** Shows progress on a stream. */
export class StatusLine {
  readonly #stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  #shown = false;

  constructor(stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>) {
    this.#stream = stream;
  }

  /** Shows a text in place of the one before; nothing where there is no terminal. */
  show(text: string): void {
    if (this.#stream.isTTY !== true) return;
    this.#stream.write(`\r\x1b[K${text}`);
    this.#shown = true;
  }

  /** Clears the line, for what is printed next. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }
}
