/** `pix2pixhd compare`: trains candidates under an equal budget, compares them, and prints the tables. */
import { type Compared, type CompareHooks, compare } from '../compare/compare.js';
import { Ledger } from '../compare/ledger.js';
import { describePlan, makePlan, type Plan, type RunOrder } from '../compare/plan.js';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { resolveConfig } from '../config/argv.js';
import { compareCommand } from '../config/commands/compare.js';
import { trainSchema } from '../config/schema.js';
import { exclusionsInWords, renderEvaluation } from './evaluation-text.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { barLine } from './progress-line.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, stated } = readOptions(compareCommand, argv, terminal);
  const config = resolveConfig(compareCommand, given);
  const plan = await makePlan(config, stated, terminal.notice);
  for (const note of plan.notes) terminal.notice(`note: ${note}`);
  const ledger = Ledger.open(config.out);
  const open = plan.orders.filter(({ name }) => ledger.run(name)?.state !== 'done');
  const { base, candidates, budget, seeds } = plan;
  const described = describePlan(plan, open.length);
  if (config.dryRun) {
    terminal.answer(
      { plan: described.split('\n'), base, candidates, budget, seeds, open: open.length },
      `${described}\n`,
    );
    return 0;
  }
  terminal.say(`${described}\n`);
  const device = chooseCompute({ ...trainSchema.pick({ device: true, precision: true }).parse({}), ...stated }).device;
  configureProcess({ threads: stated.threads ?? null, device });
  using interrupt = new Interrupt(() => terminal.error.write('\nsaving; press Ctrl-C again to leave at once\n'));
  const line = new StatusLine(terminal.out);
  const compared = await compare(plan, config, stated, ledger, hooksOn(terminal, line, plan, interrupt.signal));
  line.clear();
  if (compared === undefined) {
    terminal.error.write('Interrupted; what was done is kept, and the same command goes on.\n');
    return interrupt.exitCode;
  }
  return tell(compared, terminal);
}

function hooksOn(terminal: Terminal, line: StatusLine, { orders, budget }: Plan, signal: AbortSignal): CompareHooks {
  const { out } = terminal;
  let ended = 0;
  const begun = new Map<RunOrder, number>();
  const show = (fraction: number, words: string) => line.show(barLine(fraction, words, [], out.columns ?? 80));
  return {
    signal,
    note: text => {
      line.clear();
      terminal.notice(/^(note|warning): /.test(text) ? text : `note: ${text}`);
    },
    onRun: ({ candidate, seed, state, words }) => {
      line.clear();
      if (state === 'done' || state === 'failed' || state === 'kept') ended++;
      terminal.event('run', { candidate, seed, state, words });
      const text = `${candidate}, seed ${seed}: ${state}${words === '' ? '' : `: ${words}`}`;
      if (state === 'failed') terminal.notice(`warning: ${text}`);
      else terminal.say(text);
    },
    onStep: (order, step) => {
      const now = performance.now();
      const seconds = (now - (begun.get(order) ?? now)) / 1000;
      if (!begun.has(order)) begun.set(order, now);
      const part = 'steps' in budget ? step / budget.steps : seconds / (60 * budget.minutes);
      const place = `${order.candidate}, seed ${order.seed}`;
      show((ended + Math.min(1, part)) / orders.length, `run ${ended + 1}/${orders.length}  ${place}  step ${step}`);
    },
    onProgress: (done, total, what) => show(done / total, `${done}/${total} ${what}`),
  };
}

/** @returns the exit code. */
function tell({ comparison, whole, tables, incomplete, results, report }: Compared, terminal: Terminal): number {
  for (const text of exclusionsInWords(whole)) terminal.notice(`warning: ${text}`);
  for (const text of comparison.notes) terminal.notice(/^warning: /.test(text) ? text : `note: ${text}`);
  for (const { name } of incomplete) terminal.notice(`warning: ${name} is in no table: not all of its runs are there`);
  const text = tables.map(({ title, judgement }) => `${title}: ${renderEvaluation(judgement)}`).join('\n');
  const { figures: _, images, command: reproduce, ...fields } = comparison;
  terminal.result(
    { ...fields, images: images.length, results, report, reproduce },
    `\n${text}\n${report}, ${results}\n`,
  );
  return incomplete.length === 0 ? 0 : 1;
}
