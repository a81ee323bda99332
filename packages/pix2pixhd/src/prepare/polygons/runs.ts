/**
 * Run-lengths of masks: checked, out of COCO's compressed texts, and of pixels. Depends on `rings.ts` for a type.
 *
 * The compressed text is as COCO's own code writes it (cocoapi, `maskApi.c`): each number in groups of 5 bits, lowest first,
 * as characters from "0" on; 32 in a group says that more follow, 16 in the last that the number is negative; from the
 * fourth number on the difference to the one two before is written.
 */
import type { RingFault } from './rings.js';

/** Bits of a number that a text may have: those of 32-bit counts, with a sign. */
const MOST_GROUPS = 7;

/**
 * Run-lengths as they are, once they are known to be some.
 *
 * @throws the fault where one is no whole number, or they do not add up to `pixels`.
 */
export function checkedRuns(runs: readonly unknown[], pixels: number, fault: RingFault): Uint32Array {
  let sum = 0;
  const checked = new Uint32Array(runs.length);
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    if (typeof run !== 'number' || !Number.isInteger(run) || run < 0 || run > pixels)
      throw fault(`${String(run)} at index ${i}`, `run-lengths: whole numbers from 0 to ${pixels}`);
    sum += checked[i] = run;
  }
  if (sum !== pixels) throw fault(`run-lengths of ${sum} pixels together`, `${pixels}, width × height`);
  return checked;
}

/** The run-lengths in a compressed text. @throws the fault where it has other characters, or ends within a number. */
export function decompressedRuns(text: string, fault: RingFault): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let groups = 0;
    for (let more = true; more; groups++) {
      const group = text.charCodeAt(at++) - 48;
      if (!(group >= 0 && group < 64) || groups === MOST_GROUPS)
        throw fault(
          at > text.length ? 'a text that ends within a number' : `the character ${at - 1} of ${text.length}`,
          'run-lengths as COCO compresses them',
        );
      value += (group & 31) * 32 ** groups;
      more = (group & 32) !== 0;
      if (!more && (group & 16) !== 0) value -= 32 ** (groups + 1);
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return runs;
}

/** The run-lengths of pixels that are inside where `isInside` says so, outside first. */
export function runsOfPixels(pixels: number, isInside: (pixel: number) => boolean): number[] {
  const runs = [0];
  for (let i = 0, inside = false; i < pixels; i++) {
    if (isInside(i) !== inside) {
      inside = !inside;
      runs.push(0);
    }
    runs[runs.length - 1]!++;
  }
  return runs;
}
