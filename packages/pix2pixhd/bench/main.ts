/**
 * `npm run bench`: what a training step, an image and the loader cost on this machine. Depends on the jobs; prints.
 *
 * Options: --json (an array of {name, seconds, gflops, peakMb}), --only NAME, --runs N, --precision fp32|bf16|auto.
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { benchCases, gflopOf } from './cases.js';
import { measureJob } from './jobs.js';

const run = promisify(execFile);

/** One row as `--json` prints it. */
interface Row {
  readonly name: string;
  /** Median of a step, an image, or a triplet. */
  readonly seconds: number;
  /** GFLOP a second; 0 where nothing is multiplied. */
  readonly gflops: number;
  /** Peak resident memory of the process, in MB. */
  readonly peakMb: number;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    precision: { type: 'string', default: 'auto' },
    /** A row in this process; how the rows run themselves. */
    row: { type: 'string' },
  },
});

if (values.row !== undefined) await measureRow(values.row);
else await measureAll();

async function measureRow(name: string): Promise<void> {
  const found = benchCases.find(benchCase => benchCase.name === name)!;
  const precision = values.precision as 'fp32' | 'bf16' | 'auto';
  const benchCase = { ...found, config: { ...found.config, precision } };
  const seconds = (await measureJob(benchCase, Number(values.runs), 2)).sort((a, b) => a - b);
  const median = seconds[seconds.length >> 1]!;
  const row: Row = {
    name,
    seconds: Number(median.toFixed(4)),
    gflops: Math.round(gflopOf(benchCase) / median),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`, () => process.exit(0));
}

async function measureAll(): Promise<void> {
  const names = benchCases.map(({ name }) => name);
  if (values.only !== undefined && !names.includes(values.only)) {
    process.stderr.write(`no row '${values.only}'; rows: ${names.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const rows: Row[] = [];
  if (!values.json) process.stdout.write(`${heading()}\n`);
  for (const name of values.only === undefined ? names : [values.only]) {
    const child = [
      fileURLToPath(import.meta.url),
      '--row',
      name,
      '--runs',
      values.runs,
      '--precision',
      values.precision,
    ];
    const { stdout } = await run(process.execPath, child, { maxBuffer: 1 << 24 });
    const row = JSON.parse(stdout) as Row;
    rows.push(row);
    if (!values.json) process.stdout.write(`${line(row)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}

function heading(): string {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} logical processors, Node ${process.version}`;
  return `${machine}; precision ${values.precision}, median of ${values.runs}\n\n${'work'.padEnd(18)}${'seconds'.padStart(10)}${'a second'.padStart(12)}${'GFLOP/s'.padStart(10)}${'peak MB'.padStart(10)}`;
}

function line({ name, seconds, gflops, peakMb }: Row): string {
  const rate = (1 / seconds).toFixed(2);
  return `${name.padEnd(18)}${seconds.toFixed(3).padStart(10)}${rate.padStart(12)}${(gflops > 0 ? String(gflops) : '–').padStart(10)}${String(peakMb).padStart(10)}`;
}
