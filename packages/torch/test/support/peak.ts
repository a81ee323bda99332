/**
 * How far the process' memory grows at the highest during a call. Depends on Linux' /proc; elsewhere nothing is measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** @returns bytes beyond those held before, without what was garbage then; undefined where that cannot be measured. */
export function peakMemory(work: () => void): number | undefined {
  collect();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    work();
    return undefined;
  }
  const before = kibibytes('VmRSS');
  work();
  return (kibibytes('VmHWM') - before) * 2 ** 10;
}

function kibibytes(field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
