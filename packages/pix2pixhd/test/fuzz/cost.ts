/**
 * What a call costs: CPU time, and how far the process' memory grew at its highest. Depends on Linux' /proc for the
 * peak of one call; elsewhere memory is not measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** What a call took. */
export interface Cost {
  readonly seconds: number;
  /** Bytes that the process held at the call's peak beyond those before it; undefined where that cannot be measured. */
  readonly memory: number | undefined;
}

/** Runs `work` and measures it. @returns what it returned or threw, and its cost. */
export async function measured<T>(
  work: () => T | Promise<T>,
): Promise<{ outcome: PromiseSettledResult<T>; cost: Cost }> {
  const measurable = resetPeak();
  const before = measurable ? memoryOf('VmRSS') : 0;
  const { user, system } = process.cpuUsage();
  const [outcome] = await Promise.allSettled([(async () => work())()]);
  const after = process.cpuUsage();
  const seconds = (after.user - user + after.system - system) / 1e6;
  const memory = measurable ? Math.max(0, memoryOf('VmHWM') - before) : undefined;
  return { outcome: outcome!, cost: { seconds, memory } };
}

/** Sets the peak to what the process holds now. @returns whether that is possible. */
function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

function memoryOf(field: 'VmRSS' | 'VmHWM'): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kibibytes) * 2 ** 10;
}
