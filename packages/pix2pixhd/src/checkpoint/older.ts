/**
 * Finds the newest intact checkpoint older than a damaged one. Depends on the store and torch's files.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withSafetensors } from '@pix2pixhd/torch';
import { parseHeader } from './state.js';
import { CheckpointStore } from './store.js';

/** A checkpoint of which every byte could be read. */
export interface IntactCheckpoint {
  readonly path: string;
  readonly step: number;
  /** Whether it has checksums, which matched; in files of earlier versions, which have none, only the size was checked. */
  readonly checksums: boolean;
}

/**
 * The newest intact checkpoint in the folder of a damaged one, of the same step or an earlier one: a step's, the best, or a
 * stage's last. Takes as long as reading it.
 * @param path the damaged file, in a run's checkpoint folder or anywhere else.
 */
export function findOlder(path: string): IntactCheckpoint | undefined {
  const limit = CheckpointStore.stepOf(path) ?? stepIn(path) ?? Number.POSITIVE_INFINITY;
  const others = checkpointsBeside(path).flatMap(other => {
    const step = stepIn(other);
    return step === undefined || step > limit ? [] : [{ path: other, step }];
  });
  // At the same step, the file named after the step comes first: --resume finds it by that name.
  const rank = (file: string) => (CheckpointStore.stepOf(file) === undefined ? 0 : 1);
  others.sort((a, b) => b.step - a.step || rank(b.path) - rank(a.path));
  for (const other of others) {
    const checksums = checksumsOf(other.path);
    if (checksums !== undefined) return { ...other, checksums };
  }
  return undefined;
}

/** All names (hard links) of a checkpoint's file in its folder: its step's, and perhaps `best` or a stage's. */
export function namesOf(path: string): string[] {
  const { dev, ino } = statSync(path);
  return [path, ...checkpointsIn(dirname(path)).filter(file => file !== path && isSame(file, dev, ino))];
}

/** The other checkpoints in the folder; other names of the same file are left out. */
function checkpointsBeside(path: string): string[] {
  const folder = dirname(path);
  const { dev, ino } = statSync(path);
  return checkpointsIn(folder).filter(file => file !== join(folder, basename(path)) && !isSame(file, dev, ino));
}

function checkpointsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(CheckpointStore.isName)
    .map(file => join(folder, file));
}

function isSame(file: string, dev: number, ino: number): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.dev === dev && found.ino === ino;
}

/** The step stored in a file; undefined if its header cannot be read. */
function stepIn(path: string): number | undefined {
  try {
    return withSafetensors(path, content => parseHeader(path, content).state.step);
  } catch {
    return undefined;
  }
}

/** Reads all of a file. @returns undefined if it is damaged, else whether it has checksums. */
function checksumsOf(path: string): boolean | undefined {
  try {
    return withSafetensors(path, ({ tensors, checksums }) => {
      for (const tensor of tensors.values()) tensor.bytes;
      return checksums;
    });
  } catch {
    return undefined;
  }
}
