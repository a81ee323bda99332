/**
 * Where a checkpoint is damaged: the one before it that is whole. Depends on the store and torch's files.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withSafetensors } from '@pix2pixhd/torch';
import { parseHeader } from './state.js';
import { CheckpointStore } from './store.js';

/** A checkpoint of which every byte was read. */
export interface WholeCheckpoint {
  readonly path: string;
  readonly step: number;
  /** Whether its checksums were found right; files of earlier versions have none, and no more than the right size. */
  readonly checksums: boolean;
}

/**
 * The newest whole checkpoint beside a damaged one that is not of a later step: one of a step, the best one or that of a
 * stage. Takes as long as reading it.
 * @param path the damaged one, a file of a run's folder of checkpoints or any other.
 */
export function findOlder(path: string): WholeCheckpoint | undefined {
  const limit = CheckpointStore.stepOf(path) ?? stepIn(path) ?? Number.POSITIVE_INFINITY;
  const others = checkpointsBeside(path).flatMap(other => {
    const step = stepIn(other);
    return step === undefined || step > limit ? [] : [{ path: other, step }];
  });
  // Of equal ones that of the step: --resume finds it by its name.
  const rank = (file: string) => (CheckpointStore.stepOf(file) === undefined ? 0 : 1);
  others.sort((a, b) => b.step - a.step || rank(b.path) - rank(a.path));
  for (const other of others) {
    const checksums = checksumsOf(other.path);
    if (checksums !== undefined) return { ...other, checksums };
  }
  return undefined;
}

/** All names of a checkpoint's file in its folder: that of its step, and perhaps `best` or that of a stage. */
export function namesOf(path: string): string[] {
  const { dev, ino } = statSync(path);
  return [path, ...checkpointsIn(dirname(path)).filter(file => file !== path && isSame(file, dev, ino))];
}

/** Those that are other files, not other names of this one. */
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

/** The step a file says it is of; undefined where its header cannot be read. */
function stepIn(path: string): number | undefined {
  try {
    return withSafetensors(path, content => parseHeader(path, content).state.step);
  } catch {
    return undefined;
  }
}

/** Reads all of a file. @returns undefined where it is damaged, else whether it has checksums that say so. */
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
