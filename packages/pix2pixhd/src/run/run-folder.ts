/**
 * The folder of a run, `CHECKPOINTS_DIR/NAME`: where its files are, and the rules that no run overwrites another and that
 * only one process at a time writes into it. Depends on the file system, the lock, the configuration and `errors.ts`.
 */

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isTemporaryName, writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { TrainConfig } from '../config/schema.js';
import { runNamePattern } from '../config/shared-options.js';
import { fromStoredConfig, toStoredConfig } from '../config/stored.js';
import { reasonOf, UserError } from '../errors.js';
import { makeFolder } from '../output/make-folder.js';
import { lockName, RunLock } from './run-lock.js';

/** The folder of one run. */
export class RunFolder {
  /** `CHECKPOINTS_DIR/NAME`. */
  readonly path: string;
  #lock: RunLock | undefined;
  #holders = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Creates the folder of a new run and stores its configuration. An existing folder is used if it is empty, or if its run
   * never finished a step, as when an option or an image had to be corrected.
   *
   * @throws UserError if the folder holds anything else or cannot be created, or another process writes into it.
   */
  static create(config: TrainConfig): RunFolder {
    const folder = new RunFolder(pathOf(config.checkpointsDir, config.name));
    try {
      makeFolder(folder.path);
    } catch (cause) {
      throw cannotMake(folder.path, cause);
    }
    // A folder with other files is left alone: not even a lock file is created there.
    if (folder.#isUsed()) throw alreadyUsed(folder);
    using _ = folder.lock();
    if (folder.#isUsed()) throw alreadyUsed(folder);
    folder.storeConfig(config);
    return folder;
  }

  /**
   * The folder of an existing run.
   *
   * @throws UserError if there is no run of that name; it lists the existing ones.
   */
  static open(checkpointsDir: string, name: string): RunFolder {
    const folder = new RunFolder(pathOf(checkpointsDir, name));
    if (existsSync(folder.configFile)) return folder;
    const runs = runsIn(checkpointsDir);
    throw new UserError({
      code: 'RUN_NOT_FOUND',
      doing: `opening the run ${name}`,
      where: folder.path,
      found: existsSync(folder.path) ? 'a folder without config.json' : 'no such folder',
      expected: 'the folder of a run made by pix2pixhd train',
      remedy:
        runs.length > 0
          ? `give the --name of a run in ${checkpointsDir}: ${runs.join(', ')}`
          : 'check --checkpoints-dir and --name, or train first: pix2pixhd train --help',
    });
  }

  /**
   * Takes the lock of the folder, so that no other process writes into it, and removes files that a killed one left
   * half-written. Taken again through the same object it is shared: it is released when the last holder disposes of it.
   *
   * @throws UserError if another process holds it, saying which and since when.
   */
  lock(): Disposable {
    if (this.#lock === undefined) {
      this.#lock = RunLock.take(this.path);
      for (const folder of [this.path, this.samples]) removeLeftovers(folder);
    }
    this.#holders++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        if (--this.#holders > 0) return;
        this.#lock?.release();
        this.#lock = undefined;
      },
    };
  }

  /**
   * Makes sure that no other process has taken over the lock taken with {@link lock}; does nothing if none was taken.
   *
   * @throws UserError if one has.
   */
  checkLock(): void {
    this.#lock?.check();
  }

  /** Whether the folder holds anything that is not there before the first step. */
  #isUsed(): boolean {
    return readdirSync(this.path).some(file => {
      const path = join(this.path, file);
      if (path === this.lossLog) return statSync(path).size > 0;
      if (path === this.configFile) return !this.#holdsOwnConfig();
      return file !== lockName && !isTemporaryName(file);
    });
  }

  /** Other programs have a `config.json` too, which must not be replaced. */
  #holdsOwnConfig(): boolean {
    try {
      this.readConfig();
      return true;
    } catch {
      return false;
    }
  }

  /** The name of the run. */
  get name(): string {
    return basename(this.path);
  }

  /** The resolved configuration. */
  get configFile(): string {
    return join(this.path, 'config.json');
  }

  /** One JSON object per step; see {@link LossLog}. */
  get lossLog(): string {
    return join(this.path, 'losses.jsonl');
  }

  /** The folder of the checkpoints. */
  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }

  /** The folder of the sample sheets. */
  get samples(): string {
    return join(this.path, 'samples');
  }

  /** The sheet of samples of a step. */
  sheet(step: number): string {
    return join(this.samples, `step-${String(step).padStart(8, '0')}.png`);
  }

  /** The page of the styles, once they are encoded. */
  get stylePage(): string {
    return join(this.path, 'styles.html');
  }

  /** The page with loss curves and samples. */
  get page(): string {
    return join(this.path, 'index.html');
  }

  /**
   * Reads the configuration of the run.
   *
   * @throws UserError if the file is not JSON, or holds options or values that this version does not know.
   */
  readConfig(): TrainConfig {
    let stored: unknown;
    try {
      stored = JSON.parse(readFileSync(this.configFile, 'utf8'));
    } catch (cause) {
      throw new UserError(
        {
          code: 'RUN_DAMAGED',
          doing: 'reading the stored configuration of a run',
          where: this.configFile,
          found: reasonOf(cause),
          expected: 'JSON as pix2pixhd train writes it',
          remedy: 'correct the file, or start a new run under another --name',
        },
        { cause },
      );
    }
    return fromStoredConfig(stored, this.configFile);
  }

  /**
   * Stores the configuration, replacing the one before: a resumed run may have new limits.
   *
   * @throws UserError if another process writes into the folder.
   */
  storeConfig(config: TrainConfig): void {
    using _ = this.lock();
    writeFileAtomic(this.configFile, `${JSON.stringify(toStoredConfig(config), null, 2)}\n`);
  }
}

/**
 * The names of the runs in a folder of runs, sorted; none where there is no such folder.
 *
 * @example
 * ```ts
 * for (const name of runsIn('checkpoints')) console.log(`checkpoints/${name}`);
 * ```
 */
export function runsIn(checkpointsDir: string): string[] {
  if (!existsSync(checkpointsDir)) return [];
  return readdirSync(checkpointsDir, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && existsSync(join(checkpointsDir, entry.name, 'config.json')))
    .map(entry => entry.name)
    .sort();
}

function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) if (isTemporaryName(file)) rmSync(join(folder, file), { force: true });
}

function pathOf(checkpointsDir: string, name: string): string {
  // The schema checks names from the command line; this guards callers that do not use it.
  if (!runNamePattern.test(name)) throw new Error(`not the name of a run: ${name}`);
  return join(checkpointsDir, name);
}

function alreadyUsed(folder: RunFolder): UserError {
  const isRun = existsSync(folder.configFile);
  return new UserError({
    code: 'RUN_EXISTS',
    doing: `starting the run ${folder.name}`,
    where: folder.path,
    found: isRun ? 'a run of that name, which would be overwritten' : 'a folder with other files in it',
    expected: 'no such folder, or an empty one',
    advice: { kind: 'run-exists', path: folder.path, isRun },
    remedy: isRun
      ? `continue it with --resume, choose another --name, or delete ${folder.path}`
      : `choose another --name or --checkpoints-dir, or empty ${folder.path}`,
  });
}

function cannotMake(path: string, cause: unknown): UserError {
  return new UserError(
    {
      code: 'CANNOT_WRITE',
      doing: 'creating the folder of a run',
      where: path,
      found: reasonOf(cause),
      expected: 'a folder that can be written to',
      remedy: 'choose another --checkpoints-dir, or change the permissions',
      advice: { kind: 'place-of-run' },
    },
    { cause },
  );
}
