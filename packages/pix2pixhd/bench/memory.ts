/**
 * `npm run bench:memory`: the peak memory of `pix2pixhd train` beside the estimate of its `--dry-run`, and the seconds of its
 * fastest step, per row, each a run of five steps in a process of its own. Depends on the command line and on the drawn scenes
 * of the jobs; prints.
 *
 * Options: --only TEXT (rows whose name contains it), --json, --threads N (of the CPU; default all cores).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { Vgg19 } from '../src/networks/index.js';
import { readLossLog } from '../src/run/loss-log.js';
import { drawTriplets } from './jobs.js';
import { type MemoryRow, memoryRows } from './memory-rows.js';
import { peakMemory } from './peak.js';

/** Bytes of the run and of its estimate; seconds of its fastest step. */
interface Measured {
  readonly measured: number;
  readonly estimated: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'pix2pixhd-memory-'));
try {
  const found: ({ readonly name: string } & Measured)[] = [];
  for (const row of memoryRows.filter(({ name }) => name.includes(values.only))) {
    const measured = await measure(row);
    found.push({ name: row.name, ...measured });
    if (!values.json) process.stdout.write(`${line(row.name, measured)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure({ width, height, options }: MemoryRow): Promise<Measured> {
  const dataroot = join(scratch, `${width}x${height}`);
  if (mkdirSync(dataroot, { recursive: true }) !== undefined) await drawTriplets(dataroot, width, height, 8);
  const vgg = join(scratch, 'vgg19.safetensors');
  if (options.includes('VGG')) writeVgg(vgg);
  const argv = [
    ...['train', '--dataroot', dataroot, '--name', 'run', '--checkpoints-dir', scratch],
    ...['--resize-or-crop', 'none', ...options.map(option => (option === 'VGG' ? vgg : option))],
    ...(options.includes('VGG') ? [] : ['--no-vgg-loss']),
    ...(values.threads === undefined ? [] : ['--threads', values.threads]),
  ];
  const { stdout } = await peakMemory([...argv, '--dry-run']);
  const estimated = Number(/^memory: +about ([\d.]+) GiB/m.exec(stdout)![1]) * 2 ** 30;
  const { peak } = await peakMemory([...argv, '--max-steps', '5']);
  const seconds = Math.min(...readLossLog(join(scratch, 'run', 'losses.jsonl')).map(step => step.seconds));
  rmSync(join(scratch, 'run'), { recursive: true });
  return { measured: peak, estimated, seconds };
}

/** VGG19 with random weights, as torchvision names them: memory does not depend on what they are. */
function writeVgg(path: string): void {
  const vgg = new Vgg19();
  const state = [...vgg.stateDict()].map(([key, tensor]): [string, TensorData] => [
    key.replace(/^slice\d+/, 'features'),
    tensor.toData(),
  ]);
  writeSafetensors(path, new Map(state));
  vgg.dispose();
}

function line(name: string, { measured, estimated, seconds }: Measured): string {
  const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2).padStart(7);
  const off = `${((estimated / measured - 1) * 100).toFixed(0)} %`.padStart(6);
  return `${name.padEnd(46)}${gigabytes(measured)}${gigabytes(estimated)}${off}${seconds.toFixed(2).padStart(8)} s`;
}
