/** Where the time of a run goes: its steps, and everything else. Depends on the clock it is given. */
import { formatDuration } from '../duration.js';

/** What time is spent on. */
export type Work = 'steps' | 'data' | 'samples' | 'validation' | 'checkpoints' | 'page' | 'log';

/** As the summary names them, in this order. */
const names: Readonly<Record<Exclude<Work, 'steps'>, string>> = {
  data: 'waiting for data',
  samples: 'samples',
  validation: 'validation',
  checkpoints: 'checkpoints',
  page: 'page',
  log: 'log',
};

/** Adds up the time of one invocation of a run. */
export class TimeSpent {
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #ms = new Map<Work, number>();

  /** @param now milliseconds of a monotonic clock. */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#startedMs = now();
  }

  /** Seconds since the invocation began. */
  get elapsed(): number {
    return (this.#now() - this.#startedMs) / 1000;
  }

  /** Seconds spent on `work` so far. */
  on(work: Work): number {
    return (this.#ms.get(work) ?? 0) / 1000;
  }

  /** Runs `action` and adds its time, also if it throws. It must not return a promise. */
  measure<T>(work: Work, action: () => T): T {
    const before = this.#now();
    try {
      return action();
    } finally {
      this.#add(work, this.#now() - before);
    }
  }

  /** Awaits `action` and adds its time, also if it fails. */
  async measureAsync<T>(work: Work, action: () => Promise<T>): Promise<T> {
    const before = this.#now();
    try {
      return await action();
    } finally {
      this.#add(work, this.#now() - before);
    }
  }

  /** A summary in one line: `Time: 3 min 20 s in steps; besides, waiting for data 0.2 s, samples 4.1 s, …, other 0.5 s`. */
  describe(): string {
    const done = Object.entries(names).filter(([work]) => work !== 'validation' || this.#ms.has(work));
    const works = done.map(([work, words]) => [words, this.on(work as Work)] as const);
    const others = works.reduce((sum, [, seconds]) => sum + seconds, 0);
    const other = Math.max(0, this.elapsed - this.on('steps') - others);
    const parts = [...works, ['other', other] as const].map(([words, seconds]) => `${words} ${brief(seconds)}`);
    return `Time: ${brief(this.on('steps'))} in steps; besides, ${parts.join(', ')}`;
  }

  #add(work: Work, ms: number): void {
    this.#ms.set(work, (this.#ms.get(work) ?? 0) + ms);
  }
}

/** With tenths of a second if under a minute. */
function brief(seconds: number): string {
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
