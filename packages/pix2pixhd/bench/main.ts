/**
 * `npm run bench`: what a training step, an image and the loader cost on this machine. Depends on the jobs; prints.
 *
 * Options: --json (an array of {name, seconds, gflops, peakMb}), --only NAME, --runs N, --precision fp32|bf16|auto;
 * --peer SCRIPT [--rounds N] runs a PyTorch script in turn with ours and prints the ratios.
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { benchCases, gflopOf } from './cases.js';
import { measureJob } from './jobs.js';
import { compare, type Round, ratios } from './peer.js';
import { median, type Row } from './row.js';

const run = promisify(execFile);

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    precision: { type: 'string', default: 'auto' },
    peer: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    /** A row in this process; how the rows run themselves. */
    row: { type: 'string' },
  },
});

if (values.row !== undefined) await measureRow(values.row);
else await measureAll();

/** Measures one row in this process and prints it as JSON. */
async function measureRow(name: string): Promise<void> {
  const found = benchCases.find(benchCase => benchCase.name === name)!;
  const precision = values.precision as 'fp32' | 'bf16' | 'auto';
  const benchCase = { ...found, config: { ...found.config, precision } };
  const seconds = median(await measureJob(benchCase, Number(values.runs), 2));
  const row: Row = {
    name,
    seconds: Number(seconds.toFixed(4)),
    gflops: Math.round(gflopOf(benchCase) / seconds),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`, () => process.exit(0));
}

async function measureAll(): Promise<void> {
  const { only, peer, json } = values;
  const names = benchCases.map(({ name }) => name);
  if (only !== undefined && !names.includes(only)) {
    process.stderr.write(`no row '${only}'; rows: ${names.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  if (!json) process.stdout.write(`${machine()}\n\n`);
  const chosen = only === undefined ? names : [only];
  if (peer !== undefined) return compareWith(peer, chosen);
  const rows: Row[] = [];
  if (!json) process.stdout.write(`${columns('work', 'seconds', 'a second', 'GFLOP/s', 'peak MB')}\n`);
  for (const name of chosen) {
    const row = await inOwnProcess(name);
    rows.push(row);
    if (!json) process.stdout.write(`${line(row)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}

async function compareWith(script: string, names: readonly string[]): Promise<void> {
  process.stdout.write(
    `${columns('work', 'usual s', 'tuned s', 'ours s', 'MB u/t/o')}  usual/ours          tuned/ours\n`,
  );
  for (const name of names.filter(known => !known.startsWith('loader'))) {
    const rounds = await compare(script, name, Number(values.rounds), Number(values.runs), () => inOwnProcess(name));
    process.stdout.write(`${comparison(name, rounds)}\n`);
  }
}

async function inOwnProcess(name: string): Promise<Row> {
  const args = [fileURLToPath(import.meta.url), '--row', name, '--runs', values.runs, '--precision', values.precision];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Row;
}

function machine(): string {
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} logical processors, Node ${process.version}; precision ${values.precision}, median of ${values.runs}`;
}

function columns(name: string, ...cells: string[]): string {
  return name.padEnd(18) + cells.map(cell => cell.padStart(16)).join('');
}

function line({ name, seconds, gflops, peakMb }: Row): string {
  const rate = (1 / seconds).toFixed(2);
  return columns(name, seconds.toFixed(3), rate, gflops > 0 ? String(gflops) : '–', String(peakMb));
}

function comparison(name: string, rounds: readonly Round[]): string {
  const seconds = (pick: (round: Round) => number) => median(rounds.map(pick)).toFixed(3);
  const peak = (pick: (round: Round) => number) => Math.max(...rounds.map(pick));
  const cells = columns(
    name,
    seconds(round => round.usual.seconds),
    seconds(round => round.tuned.seconds),
    seconds(round => round.ours.seconds),
    `${peak(round => round.usual.peakMb)}/${peak(round => round.tuned.peakMb)}/${peak(round => round.ours.peakMb)}`,
  );
  return `${cells}  ${ratios(rounds, 'usual').padEnd(20)}${ratios(rounds, 'tuned')}`;
}
