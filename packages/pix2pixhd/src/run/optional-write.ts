/** Writing what a run can do without, such as its page. Depends on the run's events. */
import type { RunEvents } from './events.js';

/** Writes something; where that fails, as on a full disk, a note says so and the run continues. */
export function writeOptional(what: string, step: number, events: RunEvents, write: () => void): void {
  try {
    write();
  } catch (error) {
    events.note(`step ${step}: ${what} could not be written: ${messageOf(error)}`);
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
