/**
 * Where a command prints. All that is printed passes through here, so that no name of a file can command the terminal.
 * Depends on `printable.ts`.
 */
import { printableLines } from '../printable.js';

/** A stream of text; `process.stdout` and `process.stderr` are such streams. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command line program writes. */
export interface Terminal {
  readonly out: TextStream;
  readonly error: TextStream;
}

/** What a line that is drawn anew begins with: back to its start, and all of it erased. */
export const redraw = '\r\x1b[K';

/** The terminal with every control character written out, but for line breaks and a {@link redraw} before a text. */
export function guardedTerminal({ out, error }: Terminal): Terminal {
  return { out: guarded(out), error: guarded(error) };
}

function guarded(stream: TextStream): TextStream {
  return {
    write(text) {
      const begin = text.startsWith(redraw) ? redraw : '';
      return stream.write(begin + printableLines(text.slice(begin.length)));
    },
    // Asked anew every time: the width changes.
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
  };
}
