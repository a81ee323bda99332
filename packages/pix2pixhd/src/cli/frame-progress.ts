/** Shows how far a video is: redrawn on a terminal, now and then elsewhere. Depends on the terminal. */
import { printable } from '../printable.js';
import { redraw, type Terminal } from './terminal.js';

const redrawMs = 100;
const eventMs = 1000;
const lineMs = 10_000;

/** Shows the frames of one video. */
export class FrameProgress implements Disposable {
  readonly #terminal: Terminal;
  readonly #file: string;
  readonly #total: number | null;
  readonly #startedMs = performance.now();
  #shownMs = this.#startedMs;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** @param total how many frames there will be, if that is known. */
  constructor(terminal: Terminal, file: string, total: number | null) {
    this.#terminal = terminal;
    this.#file = file;
    this.#total = total;
  }

  /** To be called after each frame, with its number. */
  readonly show = (done: number): void => {
    const now = performance.now();
    if (now - this.#toldMs >= eventMs) {
      this.#toldMs = now;
      this.#tell(done);
    }
    const { out } = this.#terminal;
    if (now - this.#shownMs < (out.isTTY ? redrawMs : lineMs)) return;
    this.#shownMs = now;
    this.#isDrawn = out.isTTY === true;
    out.write(out.isTTY ? `${redraw}${this.#text(done)}` : `${this.#text(done)}\n`);
  };

  /** Says that the video is finished. */
  finish(frames: number): void {
    this.#tell(frames);
    this.#terminal.out.write(`${this.#isDrawn ? redraw : ''}${this.#text(frames)}\n`);
    this.#isDrawn = false;
  }

  /** Leaves the line of a video that was not finished. */
  [Symbol.dispose](): void {
    if (this.#isDrawn) this.#terminal.out.write('\n');
  }

  #tell(done: number): void {
    this.#terminal.event('frame', { file: this.#file, done, total: this.#total, seconds: this.#seconds() });
  }

  #text(done: number): string {
    const rate = done / this.#seconds();
    return `${done}${this.#total === null ? '' : `/${this.#total}`}  ${printable(this.#file)}  ${rate.toFixed(2)} frames/s`;
  }

  #seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }
}
