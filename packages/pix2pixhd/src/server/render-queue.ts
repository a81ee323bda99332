/**
 * Whose image is computed next: one at a time, everybody in turn, and of each only what is still wanted. Depends on nothing.
 */

/** Work for the generator. */
export type Job = () => Promise<void>;

/** A queue of the work of several clients. */
export class RenderQueue<Client> {
  /** In the order of their turns. */
  readonly #waiting = new Map<Client, Map<string, Job>>();
  readonly #onError: (error: unknown) => void;
  #working = false;
  #dropped = 0;

  /** @param onError is told what a job has thrown; the next one is done all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /**
   * Has a job done when its turn comes.
   * @param slot a later job of the client in the same slot takes the place of one that has not begun. Slots are done in
   *   the order of their names.
   */
  submit(client: Client, slot: string, job: Job): void {
    let slots = this.#waiting.get(client);
    if (slots === undefined) this.#waiting.set(client, (slots = new Map()));
    if (slots.has(slot)) this.#dropped++;
    slots.set(slot, job);
    if (!this.#working) void this.#work();
  }

  /** Forgets what a client was waiting for. */
  remove(client: Client, slot?: string): void {
    if (slot === undefined) this.#waiting.delete(client);
    else this.#waiting.get(client)?.delete(slot);
  }

  /** Jobs that have not begun. */
  get length(): number {
    return [...this.#waiting.values()].reduce((sum, slots) => sum + slots.size, 0);
  }

  /** Jobs that a later one took the place of. */
  get dropped(): number {
    return this.#dropped;
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      try {
        await job();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#working = false;
  }

  #next(): Job | undefined {
    for (const [client, slots] of this.#waiting) {
      const slot = [...slots.keys()].sort()[0];
      this.#waiting.delete(client);
      if (slot === undefined) continue;
      const job = slots.get(slot)!;
      slots.delete(slot);
      // Behind all others.
      if (slots.size > 0) this.#waiting.set(client, slots);
      return job;
    }
    return undefined;
  }
}
