/** Speaks to the server, again and again until it answers. Depends on the protocol and the browser's `fetch`. */
import { type Answer, paths, type Sitting, sittingSchema, storedSchema } from '../protocol/index.js';

/** The server does not know the token. */
export class UnknownRater extends Error {}

/** Milliseconds to wait before another try: at first, and at most. */
const firstWait = 300;
const longestWait = 5000;
/** Milliseconds after which an answer is not waited for any more: a connection may be gone without a word. */
const patience = 60_000;

/** The server, as one rater speaks to it. */
export class Client {
  readonly #token: string;
  /** Called with whether the server can be reached, when that changes. */
  onReachable: (reachable: boolean) => void = () => {};

  constructor(token: string) {
    this.#token = token;
  }

  /** @throws UnknownRater */
  async sitting(): Promise<Sitting> {
    return sittingSchema.parse(await this.#ask(paths.sitting));
  }

  /** Says that the rater agrees to take part. Resolves when that is stored. */
  async consent(): Promise<void> {
    await this.#ask(paths.consent, {});
  }

  /** Sends an answer. @returns how many trials are answered, once it is stored. */
  async answer(answer: Answer): Promise<number> {
    return storedSchema.parse(await this.#ask(paths.answer, answer)).answered;
  }

  /** An image's file. */
  image(address: string): Promise<Blob> {
    return this.#fetch(address, {}, response => response.blob());
  }

  #ask(path: string, body?: unknown): Promise<unknown> {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${this.#token}`, ...type };
    return this.#fetch(path, { ...sent, headers, cache: 'no-store' }, response => response.json());
  }

  /** Tries until the server has answered, all of it. A conflict is an answer too: it says where the rater is. */
  async #fetch<T>(address: string, options: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    for (let wait = firstWait; ; wait = Math.min(longestWait, 2 * wait)) {
      try {
        const response = await fetch(address, { ...options, signal: AbortSignal.timeout(patience) });
        if (response.status === 401) throw new UnknownRater();
        if (response.ok || response.status === 409) {
          const answer = await read(response);
          this.onReachable(true);
          return answer;
        }
      } catch (error) {
        if (error instanceof UnknownRater) throw error;
      }
      this.onReachable(false);
      await new Promise(resolve => setTimeout(resolve, wait));
    }
  }
}
