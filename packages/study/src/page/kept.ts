/** What a page remembers while it is open, loaded again or not: how often a trial was seen, and an answer that is not stored yet. */
import { type Answer, answerSchema } from '../protocol/index.js';

/** Kept in the tab of the browser, and gone with it. */
export class Kept {
  readonly #key: string;

  constructor(token: string) {
    this.#key = `study ${token}`;
  }

  /** Counts that a trial's images are shown. @returns how often that is now. */
  seen(trial: number): number {
    const last = this.#read('views') as { trial: number; views: number } | undefined;
    const views = last?.trial === trial ? last.views + 1 : 1;
    this.#write('views', { trial, views });
    return views;
  }

  /** An answer that was given and may not have been stored. */
  get unsent(): Answer | undefined {
    return answerSchema.safeParse(this.#read('answer')).data;
  }

  set unsent(answer: Answer) {
    this.#write('answer', answer);
  }

  // A browser that keeps nothing has the page all the same.
  #read(what: string): unknown {
    try {
      return JSON.parse(sessionStorage.getItem(`${this.#key} ${what}`) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  #write(what: string, value: unknown): void {
    try {
      sessionStorage.setItem(`${this.#key} ${what}`, JSON.stringify(value));
    } catch {}
  }
}
