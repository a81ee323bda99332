/** Speaks to the server, again and again until it answers. Depends on the protocol and the browser's `fetch`. */
import { type Answer, paths, type Sitting, sittingSchema, storedSchema } from '../protocol/index.js';

/** The server does not know the token. */
export class UnknownRater extends Error {}

/** Milliseconds to wait before another try: at first, and at most. */
const firstWait = 300;
const longestWait = 5000;

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
  async image(address: string): Promise<Blob> {
    return (await this.#fetch(address, {})).blob();
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.#fetch(path, {
      ...sent,
      headers: { authorization: `Bearer ${this.#token}`, ...type },
      cache: 'no-store',
    });
    return response.json();
  }

  /** Tries until the server answers. A conflict is an answer too: it says where the rater is. */
  async #fetch(address: string, options: RequestInit): Promise<Response> {
    for (let wait = firstWait; ; wait = Math.min(longestWait, 2 * wait)) {
      const response = await fetch(address, options).catch(() => undefined);
      if (response?.status === 401) throw new UnknownRater();
      if (response?.ok || response?.status === 409) {
        this.onReachable(true);
        return response;
      }
      this.onReachable(false);
      await new Promise(resolve => setTimeout(resolve, wait));
    }
  }
}
