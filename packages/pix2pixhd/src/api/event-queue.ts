/**
 * EventQueue: events pushed by one who waits until each is dealt with, and pulled by `for await`. Depends on nothing.
 */

/** An event, and what is to be called when it is dealt with. */
interface Queued<Event> {
  readonly event: Event;
  readonly done: () => void;
}

/** Without a follower, events are dropped. */
export class EventQueue<Event> implements AsyncIterable<Event> {
  readonly #events: Queued<Event>[] = [];
  #followed = false;
  #ended = false;
  #wake: () => void = () => {};

  /** Adds an event; the promise resolves when the follower has dealt with it, or has left. */
  push(event: Event): Promise<void> {
    if (!this.#followed) return Promise.resolve();
    return new Promise(done => {
      this.#events.push({ event, done });
      this.#wake();
    });
  }

  /** Keeps events from here on, for whoever iterates. */
  follow(): void {
    this.#followed = true;
  }

  /** Drops all events, from here on too. */
  leave(): void {
    this.#followed = false;
    for (const { done } of this.#events.splice(0)) done();
  }

  /** Nothing is pushed any more. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      const next = this.#events.shift();
      if (next !== undefined) {
        try {
          yield next.event;
        } finally {
          next.done();
        }
      } else if (this.#ended) return;
      else
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
    }
  }
}
