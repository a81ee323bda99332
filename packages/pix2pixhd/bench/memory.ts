/**
 * `npm run bench:memory`: the peak memory of `pix2pixhd train` beside what its `--dry-run` says, and the seconds of its fastest
 * step, row by row, each a run of five steps in a process of its own. Depends on the command line and on the drawn scenes of the jobs; prints.
 *
 * Options: --only TEXT (rows whose name holds it), --json, --threads N (of the CPU; default all cores).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { Vgg19 } from '../src/networks/index.js';
import { readLossLog } from '../src/run/loss-log.js';
import { drawTriplets } from './jobs.js';
import { peakMemory } from './peak.js';

interface Row {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly options: readonly string[];
}

/** Bytes of the run and of what was said of it; seconds of its fastest step. */
interface Measured {
  readonly measured: number;
  readonly estimated: number;
  readonly seconds: number;
}

const small = '--batch-size 4 --ngf 32 --n-downsample-global 3 --n-blocks-global 6 --ndf 32';

/** Networks by size; each is measured in both precisions, with and without checkpointing. */
const sizes = [
  { name: 'small 256x128', width: 256, height: 128, options: small },
  { name: '512x256', width: 512, height: 256, options: '' },
  { name: '1024x512', width: 1024, height: 512, options: '' },
];

/** What else takes memory; `VGG` stands for a file of weights. */
const more = [
  { name: '512x256, encoder', width: 512, height: 256, options: '--instance-feat' },
  { name: '512x256, perceptual loss', width: 512, height: 256, options: '--vgg-loss --vgg-weights VGG' },
  { name: '512x256, average of weights', width: 512, height: 256, options: '--ema 0.999' },
  { name: '1024x512, enhancer', width: 1024, height: 512, options: '--netG local --ngf 32 --num-D 3' },
];

const variants = [
  { name: 'bf16', options: '--precision bf16' },
  { name: 'bf16, checkpointing', options: '--precision bf16 --checkpointing' },
  { name: 'fp32', options: '--precision fp32' },
  { name: 'fp32, checkpointing', options: '--precision fp32 --checkpointing' },
];

const rows: readonly Row[] = [...sizes, ...more].flatMap(size =>
  variants.map(variant => ({
    ...size,
    name: `${size.name}, ${variant.name}`,
    options: `${size.options} ${variant.options}`.split(' ').filter(Boolean),
  })),
);

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
  for (const row of rows.filter(({ name }) => name.includes(values.only))) {
    const measured = await measure(row);
    found.push({ name: row.name, ...measured });
    if (!values.json) process.stdout.write(`${line(row.name, measured)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure({ width, height, options }: Row): Promise<Measured> {
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
