/**
 * Where a command prints, for people or for programs. All that is printed passes through here, so that no name of a file
 * can command the terminal. Depends on `printable.ts`.
 */
import { printableLines } from '../printable.js';

/** A stream of text; `process.stdout` and `process.stderr` are such streams. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Present where a program reads: what would have been written as text, as {@link Terminal.event} takes it. */
  readonly event?: (name: string, fields: Fields) => void;
}

/** The two streams of a program. */
export interface Streams {
  readonly out: TextStream;
  readonly error: TextStream;
}

/** Data for programs: values that JSON has. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Where a command prints, in the way that `--quiet` and `--json` ask for. `out` and `error` are for people, and write
 * nothing where nobody would read it.
 */
export interface Terminal extends Streams {
  /** Prints a line about progress on standard output. */
  say(line: string): void;
  /** Prints a line on standard error that begins with `note:` or `warning:`, or is a note. */
  notice(line: string): void;
  /** Reports something that happened to programs; people are shown text instead. */
  event(name: string, fields: Fields): void;
  /** Ends a command that went well: what came of it, for programs and as text. */
  result(fields: Fields, text: string): void;
  /** The same, where the text is what the command was run for: `--quiet` prints it too. */
  answer(fields: Fields, text: string): void;
  /** Ends a command that failed. */
  failure(fields: Fields, text: string): void;
}

/** What a line that is drawn again begins with: back to its start, and all of it erased. */
export const redraw = '\r\x1b[K';

/** The streams with every control character written out, but for line breaks and a {@link redraw} before a text. */
export function guardedStreams({ out, error }: Streams): Streams {
  return { out: guarded(out), error: guarded(error) };
}

function guarded(stream: TextStream): TextStream {
  return {
    write(text) {
      const begin = text.startsWith(redraw) ? redraw : '';
      return stream.write(begin + printableLines(text.slice(begin.length)));
    },
    // Asked every time: the width changes.
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
  };
}
