/**
 * The checkpoints of a run: names, which is latest, which is best, which are deleted. Depends on the file system.
 */
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isTemporaryName, replaceFile, temporaryName } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';

const copiedAtOnce = 16 * 2 ** 20;
const pattern = /^step-(\d{8})\.safetensors$/;
const named = /^(best|stage-\d+)\.safetensors$/;

/** `CHECKPOINTS_DIR/NAME/checkpoints`: `step-00001000.safetensors`, …, `best.safetensors`, and of runs in stages `stage-1.safetensors`, …. */
export class CheckpointStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether a file has a name that a store gives to checkpoints. */
  static isName(file: string): boolean {
    return pattern.test(file) || named.test(file);
  }

  /** The step that is in a checkpoint's name; undefined where there is none. */
  static stepOf(path: string): number | undefined {
    const digits = pattern.exec(basename(path))?.[1];
    return digits === undefined ? undefined : Number(digits);
  }

  /** Steps that were saved and are still there, ascending. */
  steps(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .flatMap(file => pattern.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Where the checkpoint of a step lies; the folder is made. */
  pathOf(step: number): string {
    mkdirSync(this.folder, { recursive: true });
    return join(this.folder, `step-${String(step).padStart(8, '0')}.safetensors`);
  }

  /** The file of the best checkpoint, whether or not there is one yet. */
  get best(): string {
    return join(this.folder, 'best.safetensors');
  }

  /** The file of a stage's last checkpoint, whether or not there is one yet. */
  stage(number: number): string {
    return join(this.folder, `stage-${number}.safetensors`);
  }

  /**
   * The file of `latest`, `best`, `stage-N`, or a step's number.
   * @throws UserError listing the steps that are there.
   */
  find(which: string): string {
    const steps = this.steps();
    const path = join(this.folder, `${which}.safetensors`);
    if (named.test(`${which}.safetensors`) && existsSync(path)) return path;
    const step = which === 'latest' ? steps.at(-1) : Number(which);
    if (step !== undefined && steps.includes(step)) return this.pathOf(step);
    throw new UserError({
      code: 'CHECKPOINT_NOT_FOUND',
      doing: 'looking for a checkpoint',
      where: this.folder,
      found: steps.length === 0 ? 'none' : `checkpoints of the steps ${steps.join(', ')}${this.#named()}`,
      expected: /^\d+$/.test(which) ? `one of step ${which}` : `the ${which} one`,
      remedy:
        steps.length === 0
          ? 'train first, or check --name and --checkpoints-dir'
          : 'give one of these to --which-epoch',
    });
  }

  /** The checkpoints that have a name beside their step's, for an error. */
  #named(): string {
    const names = readdirSync(this.folder).flatMap(file => named.exec(file)?.[1] ?? []);
    return names.length === 0 ? '' : `; ${names.sort().join(', ')}`;
  }

  /** Makes the checkpoint of a step the best one as well. */
  markBest(step: number): void {
    linkOver(this.pathOf(step), this.best);
  }

  /** Keeps the checkpoint of a step as the last one of a stage as well. */
  markStage(number: number, step: number): void {
    linkOver(this.pathOf(step), this.stage(number));
  }

  /**
   * Lets `rewrite` replace the file of a checkpoint. Where that file has several names, as that of a step and as the best
   * one, it keeps them: all have the new content.
   */
  rewriting(path: string, rewrite: () => void): void {
    const { dev, ino } = statSync(path);
    const names = readdirSync(this.folder).map(file => join(this.folder, file));
    const twins = names.filter(name => {
      const found = statSync(name);
      return name !== path && found.dev === dev && found.ino === ino;
    });
    rewrite();
    for (const twin of twins) linkOver(path, twin);
  }

  /** Deletes what processes that were killed while saving have left half-written. */
  removeLeftovers(): void {
    if (!existsSync(this.folder)) return;
    for (const file of readdirSync(this.folder)) {
      // Earlier versions linked by way of NAME.tmp.
      const isLeftover = isTemporaryName(file) || (file.endsWith('.tmp') && CheckpointStore.isName(file.slice(0, -4)));
      if (isLeftover) rmSync(join(this.folder, file), { recursive: true, force: true });
    }
  }

  /** Deletes all but the last `keep` steps; 0 keeps all. The best stays in its own file. */
  prune(keep: number): void {
    if (keep > 0) for (const step of this.steps().slice(0, -keep)) rmSync(this.pathOf(step));
  }
}

/** Gives a file a second name in place of the file that had it; a copy on file systems without hard links. */
function linkOver(path: string, name: string): void {
  const beside = join(dirname(name), temporaryName(basename(name)));
  try {
    linkSync(path, beside);
  } catch {
    copyFile(path, name);
    return;
  }
  try {
    renameSync(beside, name);
  } finally {
    // Still there where renaming failed, and where both names were the same file's already: nothing is renamed then.
    rmSync(beside, { force: true });
  }
}

/** Whole or not at all, and on the disk when it returns. */
function copyFile(path: string, copy: string): void {
  const source = openSync(path, 'r');
  try {
    replaceFile(copy, file => {
      const piece = new Uint8Array(copiedAtOnce);
      for (let read = readSync(source, piece); read > 0; read = readSync(source, piece))
        file.append(piece.subarray(0, read));
    });
  } finally {
    closeSync(source);
  }
}
