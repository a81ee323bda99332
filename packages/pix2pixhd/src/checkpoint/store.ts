/**
 * The checkpoint files of a run: their names, the latest, the best, and which to delete. Depends on the file system.
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

/** `CHECKPOINTS_DIR/NAME/checkpoints`: `step-00001000.safetensors`, …, `best.safetensors`, and in staged runs `stage-1.safetensors`, …. */
export class CheckpointStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether a file has a name that a store gives to checkpoints. */
  static isName(file: string): boolean {
    return pattern.test(file) || named.test(file);
  }

  /** The step in a checkpoint's name; undefined if the name has none. */
  static stepOf(path: string): number | undefined {
    const digits = pattern.exec(basename(path))?.[1];
    return digits === undefined ? undefined : Number(digits);
  }

  /** The steps of the checkpoints in the folder, ascending. */
  steps(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .flatMap(file => pattern.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** The file of a step's checkpoint; the folder is created. */
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
   * @throws UserError listing the steps there are.
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
      found: steps.length === 0 ? 'none' : `checkpoints of steps ${steps.join(', ')}${this.#named()}`,
      expected: /^\d+$/.test(which) ? `one of step ${which}` : `the ${which} one`,
      remedy:
        steps.length === 0
          ? 'train first, or check --name and --checkpoints-dir'
          : 'give one of these to --which-epoch',
    });
  }

  /** `; best, stage-1`: the checkpoints with a name other than their step's, for an error. */
  #named(): string {
    const names = readdirSync(this.folder).flatMap(file => named.exec(file)?.[1] ?? []);
    return names.length === 0 ? '' : `; ${names.sort().join(', ')}`;
  }

  /** Marks the checkpoint of a step as the best one. */
  markBest(step: number): void {
    linkOver(this.pathOf(step), this.best);
  }

  /** Keeps the checkpoint of a step as the last one of a stage. */
  markStage(number: number, step: number): void {
    linkOver(this.pathOf(step), this.stage(number));
  }

  /**
   * Lets `rewrite` replace the file of a checkpoint. If the file has several names (its step's and `best`, say), all of them
   * get the new content.
   */
  rewriting(path: string, rewrite: () => void): void {
    const { dev, ino } = statSync(path);
    const names = readdirSync(this.folder).map(file => join(this.folder, file));
    const otherNames = names.filter(name => {
      const found = statSync(name);
      return name !== path && found.dev === dev && found.ino === ino;
    });
    rewrite();
    for (const name of otherNames) linkOver(path, name);
  }

  /** Deletes partial files left by processes that were killed while saving. */
  removeLeftovers(): void {
    if (!existsSync(this.folder)) return;
    for (const file of readdirSync(this.folder)) {
      // Earlier versions created links as NAME.tmp first.
      const isLeftover = isTemporaryName(file) || (file.endsWith('.tmp') && CheckpointStore.isName(file.slice(0, -4)));
      if (isLeftover) rmSync(join(this.folder, file), { recursive: true, force: true });
    }
  }

  /** Deletes all but the last `keep` steps; 0 keeps all. `best` and `stage-N` stay. */
  prune(keep: number): void {
    if (keep > 0) for (const step of this.steps().slice(0, -keep)) rmSync(this.pathOf(step));
  }
}

/** Links a file under a second name, replacing what had that name; copies it on file systems without hard links. */
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
    // Still there if renaming failed, or if both names already were the same file: rename() does nothing then.
    rmSync(beside, { force: true });
  }
}

/** Copies a file atomically; it is on the disk when this returns. */
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
