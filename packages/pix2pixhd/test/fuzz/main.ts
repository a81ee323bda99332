/**
 * `npm run fuzz:readers`: ten thousand damaged files to every reader, each reader in a process of its own, so that a crash
 * and a hang are findings too. Options: --files N, --seed N, --only NAME.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Findings, fuzz } from './fuzz.js';
import { readers } from './readers.js';

/** Of one file: far more than the two seconds of the CPU that it may take, as the machine may be busy. */
const hangMs = 60_000;

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: '' },
    reader: { type: 'string' },
  },
});

if (options.reader === undefined) await fuzzAll();
else await fuzzHere(options.reader);

async function fuzzAll(): Promise<void> {
  const { files, seed, only } = options;
  console.log(`${files} files each, --seed ${seed}`);
  for (const { name } of readers.filter(reader => reader.name.includes(only))) {
    const start = performance.now();
    const ended = await inProcess(name);
    if (typeof ended === 'string') process.exitCode = 1;
    console.log(`${name}: ${typeof ended === 'string' ? ended : describe(ended)}, ${seconds(start)} s in all`);
  }
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed();
}

function describe({ files, values, errors, seconds, memory }: Findings): string {
  return `${files} files, ${values} values, ${errors} errors, at most ${seconds.toFixed(2)} s and ${(memory / 2 ** 20).toFixed()} MiB`;
}

/** Fuzzes a reader in a process of its own. @returns what was found, or how it ended. */
function inProcess(name: string): Promise<Findings | string> {
  const { files, seed } = options;
  const child = fork(fileURLToPath(import.meta.url), ['--reader', name, '--files', files, '--seed', seed]);
  let done = 0;
  let timer: NodeJS.Timeout | undefined;
  let result: Findings | string | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      result = `HANGS at file ${done + 1}`;
      child.kill('SIGKILL');
    }, hangMs);
  };
  watch();
  child.on('message', (message: number | Findings | string) => {
    if (typeof message === 'number') done = message;
    else result = message;
    watch();
  });
  return new Promise(resolve => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(result ?? `CRASHED (${signal ?? code}) at file ${done + 1}`);
    });
  });
}

/** What the process of one reader does; its parent listens. */
async function fuzzHere(name: string): Promise<void> {
  const reader = readers.find(candidate => candidate.name === name)!;
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-fuzz-'));
  const tell = (message: number | Findings | string) => process.send!(message);
  try {
    tell(await fuzz(reader, folder, Number(options.files), Number(options.seed), tell));
  } catch (error) {
    tell(`FAILED: ${error instanceof Error ? error.message : error}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.disconnect();
  }
}
