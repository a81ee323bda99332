/**
 * `npm run soak`: kills a small training run with SIGKILL many times, at random moments while it starts, trains and saves,
 * resumes it each time, and compares every loss it ever logged, and its last checkpoint, with those of an undisturbed run.
 * Runs the command line in child processes.
 *
 * Options: --kills N (100), --seed N (1), --folder FOLDER (a temporary one, deleted at the end). Exit code 1 if anything
 * differs or is damaged.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { readSafetensors } from '@pix2pixhd/torch';
import sharp from 'sharp';
import { Checkpoint } from '../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../src/checkpoint/store.js';
import { Random } from '../src/data/random.js';
import { readLossLog } from '../src/run/loss-log.js';
import { RunFolder } from '../src/run/run-folder.js';

const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
  },
});
const kills = Number(values.kills);
const random = new Random(Number(values.seed));
const root = values.folder ?? mkdtempSync(join(tmpdir(), 'pix2pixhd-soak-'));
const dataroot = join(root, 'data');
const checkpointsDir = join(root, 'checkpoints');
const killed = join(checkpointsDir, 'killed');
const undisturbed = join(checkpointsDir, 'undisturbed');

/** What a run was doing when it was killed. */
type Moment = 'starting' | 'in a step' | 'writing a file';

/** Losses of every step ever logged, as JSON. */
const seen = new Map<number, string>();
const moments: Record<Moment, number> = { starting: 0, 'in a step': 0, 'writing a file': 0 };
const faults: string[] = [];

await makePairs(5, 32);
for (let kill = 1; kill <= kills; kill++) {
  const moment = await runAndKill(kill);
  moments[moment]++;
  inspect(`kill ${kill}, ${moment}`);
  if (kill % 10 === 0) process.stdout.write(`${kill} kills, step ${Math.max(0, ...seen.keys())}\n`);
}
await finishAndCompare();
if (values.folder === undefined) rmSync(root, { recursive: true, force: true });
process.stdout.write(`${summary()}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Small images with a border that moves, and their negatives. */
async function makePairs(count: number, side: number): Promise<void> {
  for (const phase of ['train_A', 'train_B']) mkdirSync(join(dataroot, phase), { recursive: true });
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, p) => (p % (7 + i) < 3 + i ? 220 : 40 + (p % 50)));
    const save = (data: Uint8Array, phase: string) =>
      sharp(data, { raw: { width: side, height: side, channels: 3 } }).toFile(join(dataroot, phase, `${i}.png`));
    await save(pixels, 'train_A');
    await save(
      pixels.map(value => 255 - value),
      'train_B',
    );
  }
}

/** Uses image pool and EMA, so that a checkpoint holds all it can; saves every 10 steps, sheet and page every 15. */
function trainNew(name: string, ...rest: string[]): ChildProcess {
  return start([
    ...['--name', name, '--dataroot', dataroot, '--label-nc', '0', '--resize-or-crop', 'none', '--precision', 'fp32'],
    ...['--ngf', '4', '--ndf', '4', '--n-downsample-global', '2', '--n-blocks-global', '1', '--num-D', '2'],
    ...['--pool-size', '3', '--ema', '0.9', '--threads', '1', '--workers', '1', '--niter', '100000'],
    ...['--save-latest-freq', '10', '--save-latest-minutes', '0', '--save-epoch-freq', '0', '--display-freq', '15'],
    ...rest,
  ]);
}

function start(options: readonly string[]): ChildProcess {
  const argv = [main, 'train', '--checkpoints-dir', checkpointsDir, ...options];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Starts or resumes the run, and kills it a random time later. */
async function runAndKill(kill: number): Promise<Moment> {
  const child = existsSync(join(killed, 'config.json'))
    ? start(['--name', 'killed', '--resume'])
    : trainNew('killed', '--max-steps', '1000000');
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'exit');
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const before = logged();
  const kind = kill % 3;
  if (kind === 0) {
    // Anywhere between the first instruction and the first steps.
    await sleep(1500 * random.uniform());
  } else {
    while (logged() === before && !isOver()) await sleep(5);
    await sleep(1500 * random.uniform());
    // For a third of the kills: at the next moment when a temporary file exists.
    if (kind === 1) while (!isWriting() && !isOver()) await new Promise(setImmediate);
  }
  if (isOver()) faults.push(`kill ${kill}: the run ended by itself: ${stderr.trim()}`);
  child.kill('SIGKILL');
  await ended;
  if (isWriting()) return 'writing a file';
  return logged() === before ? 'starting' : 'in a step';
}

/** The last record of the log, which changes with every step. */
function logged(): string {
  const path = join(killed, 'losses.jsonl');
  if (!existsSync(path)) return '';
  return JSON.stringify(readLossLog(path).at(-1) ?? '');
}

function isWriting(): boolean {
  return ['', 'checkpoints', 'samples'].some(
    folder => existsSync(join(killed, folder)) && readdirSync(join(killed, folder)).some(file => file.endsWith('.tmp')),
  );
}

/** Every file under its final name must be intact, and repeated steps must have the same losses. */
function inspect(when: string): void {
  const check = (what: string, look: () => void) => {
    try {
      look();
    } catch (error) {
      faults.push(`${when}: ${what}: ${error instanceof Error ? error.message : error}`);
    }
  };
  if (!existsSync(join(killed, 'config.json'))) return;
  check('config.json', () => RunFolder.open(checkpointsDir, 'killed').readConfig());
  const folder = join(killed, 'checkpoints');
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (file.endsWith('.safetensors')) check(file, () => Checkpoint.read(join(folder, file)));
  check('losses.jsonl', () => {
    for (const { seconds: _, ...losses } of readLossLog(join(killed, 'losses.jsonl'))) {
      const text = JSON.stringify(losses);
      const known = seen.get(losses.step);
      if (known === undefined) seen.set(losses.step, text);
      else if (known !== text) throw new Error(`step ${losses.step} was ${known}, is ${text}`);
    }
  });
}

/** Resumes for two more steps, and trains as many without interruption. */
async function finishAndCompare(): Promise<void> {
  const steps = Math.max(0, ...seen.keys()) + 2;
  for (const child of [
    start(['--name', 'killed', '--resume', '--max-steps', String(steps)]),
    trainNew('undisturbed', '--max-steps', String(steps)),
  ]) {
    const [code] = await once(child, 'exit');
    if (code !== 0) faults.push(`the last run ended with exit code ${code}`);
  }
  inspect('at the end');
  const records = readLossLog(join(undisturbed, 'losses.jsonl'));
  if (records.length !== steps) faults.push(`${records.length} steps of the undisturbed run, expected ${steps}`);
  for (const { seconds: _, ...losses } of records)
    if (seen.get(losses.step) !== JSON.stringify(losses)) faults.push(`step ${losses.step} differs`);
  const tensors = (run: string) =>
    readSafetensors(new CheckpointStore(join(run, 'checkpoints')).find('latest')).tensors;
  if (!isDeepStrictEqual(tensors(killed), tensors(undisturbed))) faults.push('the last checkpoints differ');
  if (isWriting()) faults.push('half-written files are left');
}

function summary(): string {
  const counts = Object.entries(moments).map(([moment, count]) => `${count} ${moment}`);
  return [
    `${kills} kills: ${counts.join(', ')}`,
    `${seen.size} steps reached, each with the same losses whenever it was repeated`,
    faults.length === 0 ? 'no difference from an undisturbed run, nothing damaged' : faults.join('\n'),
  ].join('\n');
}
