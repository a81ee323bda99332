/**
 * Memory for the arrays of samples, used again and again: fresh memory costs a page fault for every 4 KiB, and dropping it a
 * garbage collection every few samples. Depends on nothing.
 */

/** Gives memory of a number of bytes, with any content. */
export type Allocate = (bytes: number) => ArrayBuffer;

/** Memory that was not used before. */
export const freshBuffer: Allocate = bytes => new ArrayBuffer(bytes);

/** Enough for a few samples; where samples differ in size, buffers that are not asked for again are dropped. */
const most = 12;

/** Buffers that were given back, to be taken again for the same size. */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];

  /** A buffer that was given back, or a fresh one. */
  take(bytes: number): ArrayBuffer {
    const found = this.#free.findIndex(({ byteLength }) => byteLength === bytes);
    return found < 0 ? freshBuffer(bytes) : this.#free.splice(found, 1)[0]!;
  }

  /** Give buffers back; the oldest are dropped where there are too many. */
  give(buffers: readonly ArrayBuffer[]): void {
    this.#free.push(...buffers);
    this.#free.splice(0, Math.max(0, this.#free.length - most));
  }
}
