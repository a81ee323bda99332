/**
 * Whose image is computed next: one at a time, whoever had least of the time so far, and of each only what is still wanted.
 * Depends on nothing.
 */

/** Work for the generator. */
export type Job = () => Promise<void>;

/** A queue of the work of several clients. */
export class RenderQueue<Client extends object> {
  readonly #waiting = new Map<Client, Map<string, Job>>();
  /** Milliseconds that each client's jobs took; who comes, or comes back, begins with what the others have had at least. */
  readonly #used = new WeakMap<Client, number>();
  #floor = 0;
  readonly #onError: (error: unknown) => void;
  readonly #now: () => number;
  #working = false;
  #dropped = 0;

  /** @param onError is told what a job has thrown; the next one is done all the same. */
  constructor(onError: (error: unknown) => void, now: () => number = () => performance.now()) {
    this.#onError = onError;
    this.#now = now;
  }

  /**
   * Has a job done when its turn comes.
   * @param slot a later job of the client in the same slot takes the place of one that has not begun. Slots are done in
   *   the order of their names.
   */
  submit(client: Client, slot: string, job: Job): void {
    let slots = this.#waiting.get(client);
    if (slots === undefined) {
      const others = [...this.#waiting.keys()].map(other => this.#used.get(other)!);
      const least = others.length > 0 ? Math.min(...others) : this.#floor;
      this.#used.set(client, Math.max(this.#used.get(client) ?? least, least));
    }
    if (slots === undefined) this.#waiting.set(client, (slots = new Map()));
    if (slots.has(slot)) this.#dropped++;
    slots.set(slot, job);
    if (!this.#working) void this.#work();
  }

  /** Forgets what a client was waiting for. */
  remove(client: Client, slot?: string): void {
    const slots = this.#waiting.get(client);
    if (slot !== undefined) slots?.delete(slot);
    if (slot === undefined || slots?.size === 0) this.#waiting.delete(client);
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
    for (let client = this.#next(); client !== undefined; client = this.#next()) {
      const begun = this.#now();
      try {
        await this.#take(client)();
      } catch (error) {
        this.#onError(error);
      }
      this.#used.set(client, this.#used.get(client)! + this.#now() - begun);
    }
    this.#working = false;
  }

  /** The client that waits and had least; of equals, the one that has waited longest. */
  #next(): Client | undefined {
    let next: Client | undefined;
    for (const client of this.#waiting.keys())
      if (next === undefined || this.#used.get(client)! < this.#used.get(next)!) next = client;
    return next;
  }

  /** The first job of a client, which then waits behind its equals. */
  #take(client: Client): Job {
    const slots = this.#waiting.get(client)!;
    const slot = [...slots.keys()].sort()[0]!;
    const job = slots.get(slot)!;
    slots.delete(slot);
    this.#waiting.delete(client);
    if (slots.size > 0) this.#waiting.set(client, slots);
    this.#floor = Math.max(this.#floor, this.#used.get(client)!);
    return job;
  }
}
