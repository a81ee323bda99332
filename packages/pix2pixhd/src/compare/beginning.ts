/** How a run of a comparison begins: new, or where it stopped if that is fair. Depends on the ledger and run folders. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../duration.js';
import { RunFolder } from '../run/run-folder.js';
import type { RunRecord } from './ledger.js';
import type { Budget } from './stages-in-budget.js';

/** How a run begins, and why. */
export type Beginning =
  | { readonly kind: 'kept' | 'new' }
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'goes on'; readonly why: string; readonly left: Budget };

/**
 * Decides. Every run must have had the same budget in the end:
 *
 * - a budget of steps is exact, since a resumed training is, bit for bit, the one that was never interrupted;
 * - of minutes the rest is known where the run could save and say how long it had trained; starting and loading are in nobody's
 *   minutes. After a crash it is not known, and steps are lost, so that the run begins again.
 */
export function beginningOf(record: RunRecord | undefined, folder: string, budget: Budget): Beginning {
  if (record?.state === 'done') return { kind: 'kept' };
  if (!existsSync(join(folder, 'config.json'))) return { kind: 'new' };
  if (record?.state === 'failed') return { kind: 'again', why: `it failed: ${record.reason}` };
  if ('steps' in budget)
    return {
      kind: 'goes on',
      why: 'resumed steps are the same, bit for bit, as without the interruption',
      left: budget,
    };
  const seconds = record?.seconds ?? 0;
  const left = 60 * budget.minutes - seconds;
  if (seconds === 0 || left <= 0)
    return { kind: 'again', why: 'it ended without saying how much of its time it had used' };
  const used = `${formatDuration(seconds)} of its ${formatDuration(60 * budget.minutes)} were used, and only the rest is left to it`;
  return { kind: 'goes on', why: used, left: { minutes: left / 60 } };
}

/**
 * Removes a run that begins again.
 * @throws UserError where another process writes into it.
 */
export function removeRun(runs: string, name: string): void {
  const folder = RunFolder.open(runs, name);
  folder.lock()[Symbol.dispose]();
  rmSync(folder.path, { recursive: true });
}
