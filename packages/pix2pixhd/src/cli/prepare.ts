/** `pix2pixhd prepare`: makes a data set of raw material. */
import { resolveConfig } from '../config/argv.js';
import { prepareCommand } from '../config/commands/prepare.js';
import { counted, describeTwins, unitsInWords } from '../prepare/outcome-text.js';
import {
  type LeftOut,
  type PreparedDataset,
  type PrepareEvent,
  prepareDataset,
  trainCommandOf,
} from '../prepare/prepare-dataset.js';
import { printable } from '../printable.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const SHOWN = 5;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(prepareCommand, readOptions(prepareCommand, argv, terminal).given);
  const line = new StatusLine(terminal.out);
  const stop = new AbortController();
  let interrupt: Interrupt | undefined;
  const onEvent = (event: PrepareEvent) => {
    // Until pairs are written Ctrl-C ends the program at once: there is nothing to keep.
    if (event.type === 'pair') interrupt ??= new Interrupt(() => stop.abort());
    show(event, line, terminal);
  };
  try {
    const result = await prepareDataset(options, { signal: stop.signal, onEvent });
    line.clear();
    if (result.reason === 'finished') {
      const { out, pairs, nearDuplicates, linked } = result;
      terminal.result({ out, pairs, options: result.options, nearDuplicates, linked }, closing(result));
      return 0;
    }
    terminal.error.write(`Interrupted; ${result.done} of ${result.total} pairs are done. The same command goes on.\n`);
    return interrupt!.exitCode;
  } finally {
    interrupt?.dispose();
  }
}

function show(event: PrepareEvent, line: StatusLine, terminal: Terminal): void {
  if (event.type === 'taken') line.show(`${printable(event.file)}: ${event.count}`);
  else if (event.type === 'compared') line.show(`${event.done}/${event.total}`);
  else if (event.type === 'pair') showPair(event.done, event.total, line, terminal);
  else {
    line.clear();
    if (event.type === 'note') terminal.say(event.text);
    else if (event.type === 'warning') terminal.notice(event.text);
    else {
      terminal.say(`${event.what}: ${counted(event.pairs, 'pair')}`);
      if (event.leftOut.length > 0) terminal.notice(leftOutText(event.leftOut));
    }
  }
}

function showPair(done: number, total: number, line: StatusLine, terminal: Terminal): void {
  if (done === 0) return;
  line.show(`${done}/${total}`);
  terminal.event('pair', { done, total });
}

function leftOutText(leftOut: LeftOut): string {
  const shown = leftOut.slice(0, SHOWN).map(({ file, why }) => `${printable(file)} ${why}`);
  return `${counted(leftOut.length, 'file')} left out: ${shown.join('; ')}${leftOut.length > SHOWN ? '; …' : ''}`;
}

function closing({ out, pairs, split, linked, before, nearDuplicates, report }: PreparedDataset): string {
  const phases = Object.entries(pairs);
  const all = phases.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${out}: ${phases.map(([phase, count]) => `${count} ${phase}`).join(' and ')} ${all === 1 ? 'pair' : 'pairs'}, split ${unitsInWords[split]}; ${linked} files are second names of the originals`,
    ...(before > 0 ? [`${before} pairs were there already`] : []),
    ...(phases.every(([phase]) => phase === 'train') ? [] : [describeTwins(split, nearDuplicates)]),
    `Look at ${report}`,
    `Train with: ${trainCommandOf(out)}`,
    '',
  ].join('\n');
}
