/**
 * The three ways to print: everything for people, errors only (`--quiet`), a JSON object per line for programs (`--json`).
 * What the lines hold is described in docs/scripting.md. Depends on the terminal and `printable.ts`.
 */
import type { ProgramOptions } from '../config/program-options.js';
import { printable, printableJson } from '../printable.js';
import { type Fields, guardedStreams, type Streams, type Terminal, type TextStream } from './terminal.js';

/** A stream that nobody reads. */
const silent: TextStream = { write: () => {} };

/** The terminal for a command, by the options that every command has. */
export function openTerminal(streams: Streams, command: string | undefined, { json, quiet }: ProgramOptions): Terminal {
  const guarded = guardedStreams(streams);
  if (json) return forPrograms(streams.out, quiet ? silent : guarded.error, command, quiet);
  return quiet ? quietly(guarded) : forPeople(guarded);
}

function forPeople({ out, error }: Streams): Terminal {
  const print = (_: Fields, text: string) => void out.write(text);
  return {
    out,
    error,
    say: line => void out.write(`${line}\n`),
    notice: line => void error.write(`${printable(line)}\n`),
    event: () => {},
    result: print,
    answer: print,
    failure: (_, text) => void error.write(text),
  };
}

function quietly({ out, error }: Streams): Terminal {
  return {
    ...forPeople({ out, error }),
    out: silent,
    error: silent,
    say: () => {},
    notice: () => {},
    result: () => {},
  };
}

function forPrograms(out: TextStream, error: TextStream, command: string | undefined, quiet: boolean): Terminal {
  const print = (name: string, fields: Fields) => void out.write(`${printableJson({ event: name, ...fields })}\n`);
  const event = quiet ? () => {} : print;
  const result = (fields: Fields) => print('result', { command, ...fields });
  const notice = (line: string) => {
    const [, kind = 'note', text] = /^(?:(note|warning): )?(.*)$/s.exec(line)!;
    event(kind, { text });
  };
  return {
    out: { ...silent, event },
    error,
    say: notice,
    notice,
    event,
    result,
    answer: result,
    failure: fields => print('error', { command, ...fields }),
  };
}
