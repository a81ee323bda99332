/** `pix2pixhd evaluate`: compares generated images with real ones, and prints a table. */
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { resolveConfig } from '../config/argv.js';
import { evaluateCommand } from '../config/commands/evaluate.js';
import { type Evaluated, evaluateByOptions } from '../judge/by-options/evaluate.js';
import { exclusionsInWords, renderEvaluation } from './evaluation-text.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { barLine } from './progress-line.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

/** Milliseconds between two lines of progress for programs. */
const EVENT_MS = 1000;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given } = readOptions(evaluateCommand, argv, terminal);
  const config = resolveConfig(evaluateCommand, given);
  configureProcess({ threads: config.threads, device: chooseCompute(config).device });
  const line = new StatusLine(terminal.out);
  const note = (text: string) => {
    line.clear();
    terminal.notice(/^(note|warning): /.test(text) ? text : `note: ${text}`);
  };
  using interrupt = new Interrupt();
  const evaluated = await evaluateByOptions(config, {
    note,
    onProgress: progressOn(terminal, line),
    signal: interrupt.signal,
  });
  line.clear();
  if (evaluated === undefined) {
    terminal.error.write('Interrupted; what was measured is kept, and the same command goes on.\n');
    return interrupt.exitCode;
  }
  tell(evaluated, note);
  const { evaluation, judgement, results, report } = evaluated;
  // `command` of a result is the name of the command.
  const { figures: _, images, command: reproduce, ...fields } = evaluation;
  terminal.result(
    { ...fields, images: images.length, results, report, reproduce },
    `${renderEvaluation(judgement)}\n${report}, ${results}\n`,
  );
  return 0;
}

/** What is excluded and what else is to be known, before the table. */
function tell({ judgement }: Evaluated, note: (line: string) => void): void {
  for (const line of exclusionsInWords(judgement)) note(`warning: ${line}`);
  for (const text of judgement.notes) note(text);
}

function progressOn({ out, event }: Terminal, line: StatusLine) {
  let told = Number.NEGATIVE_INFINITY;
  return (done: number, total: number, what: string): void => {
    line.show(barLine(done / total, `${done}/${total} ${what}`, [], out.columns ?? 80));
    if (done < total && performance.now() - told < EVENT_MS) return;
    told = performance.now();
    event('progress', { done, total, what });
  };
}
