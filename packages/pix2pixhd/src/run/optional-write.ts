/** Writes files that a run can do without, such as its page. Depends on the run's events. */
import type { RunEvents } from './events.js';

/** Writes something; if that fails, as on a full disk, a note says so and the run continues. */
export function writeOptional(what: string, step: number, events: RunEvents, write: () => void): void {
  try {
    write();
  } catch (error) {
    events.note(`step ${step}: ${what} could not be written: ${reasonOf(error)}`);
  }
}

/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
