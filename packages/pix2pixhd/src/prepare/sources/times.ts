/** Pairing frames of two cameras by the time stamps in their names. Depends on raw-pair.ts. */
import type { Material, PartRole, RawPair } from '../raw-pair.js';
import type { NamedFile } from './match.js';

/** Seconds since 1970, or since midnight where a name has a time of day alone. */
type Seconds = number;

const calendar = /(?<!\d)(\d{4})-?(\d\d)-?(\d\d)[ T_-]?(\d\d)[-:_.h]?(\d\d)[-:_.m]?(\d\d)(?:[.,_-]?(\d{1,9}))?(?!\d)/;
const counter = /(?<!\d)(?:(\d{9,10}\.\d{1,9})|(\d{10,19}))(?!\d)/;

/** The time in a file's name: a date with a time, or a count of seconds, milli-, micro- or nanoseconds since 1970. */
export function timeOf(path: string): Seconds | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // A folder's name may be a date as well.
  return stampIn(name) ?? stampIn(path);
}

function stampIn(name: string): Seconds | undefined {
  const date = calendar.exec(name);
  if (date !== null) {
    const [, year, month, day, hour, minute, second, fraction = '0'] = date;
    const plausible = Number(month) >= 1 && Number(month) <= 12 && Number(hour) < 24 && Number(minute) < 60;
    if (plausible)
      return (
        Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000 +
        Number(`0.${fraction}`)
      );
  }
  const count = counter.exec(name);
  if (count === null) return undefined;
  if (count[1] !== undefined) return Number(count[1]);
  const digits = count[2]!;
  // Ten digits are seconds, thirteen milliseconds, sixteen microseconds, nineteen nanoseconds.
  return Number(digits) / 10 ** (digits.length - 10);
}

/**
 * Pairs every input with the target nearest in time, each once, where they are within `tolerance` seconds.
 *
 * @throws RangeError naming a file in whose name there is no time.
 */
export function matchTimes(
  inputs: readonly NamedFile[],
  targets: readonly NamedFile[],
  tolerance: number,
  role: PartRole = 'source',
): Material {
  const timed = (files: readonly NamedFile[]) =>
    files
      .map(({ file, name }) => {
        const time = timeOf(name);
        if (time === undefined) throw new RangeError(file);
        return { file, time };
      })
      .sort((a, b) => a.time - b.time);
  const [a, b] = [timed(inputs), timed(targets)];
  const times = b.map(({ time }) => time);
  const candidates = a.flatMap((input, i) => {
    const near = nearestIndices(times, input.time);
    return near
      .map(k => ({ i, k, apart: Math.abs(b[k]!.time - input.time) }))
      .filter(({ apart }) => apart <= tolerance);
  });
  const [usedA, usedB] = [new Set<number>(), new Set<number>()];
  const pairs: (RawPair & { readonly time: number })[] = [];
  for (const { i, k } of candidates.sort((x, y) => x.apart - y.apart)) {
    if (usedA.has(i) || usedB.has(k)) continue;
    usedA.add(i);
    usedB.add(k);
    const stem = stemOfFile(a[i]!.file);
    pairs.push({ stem, time: a[i]!.time, parts: { [role]: { file: a[i]!.file }, image: { file: b[k]!.file } } });
  }
  const why = `has no partner within ${tolerance} s`;
  return {
    what: `frames of two cameras by their times, at most ${tolerance} s apart`,
    pairs: pairs.sort((x, y) => x.time - y.time).map(({ stem, parts }) => ({ stem, parts })),
    leftOut: [
      ...a.filter((_, i) => !usedA.has(i)).map(({ file }) => ({ file, why })),
      ...b.filter((_, k) => !usedB.has(k)).map(({ file }) => ({ file, why })),
    ],
  };
}

/** The neighbours of a value in an ascending list, equal ones included. */
function nearestIndices(sorted: readonly number[], value: number): readonly number[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  // All that are as near, above and below: equal times are several frames of one second.
  const near: number[] = [];
  for (let i = low; i < sorted.length && sorted[i] === sorted[low]; i++) near.push(i);
  for (let i = low - 1; i >= 0 && sorted[i] === sorted[low - 1]; i--) near.push(i);
  return near;
}

function stemOfFile(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return name.replace(/\.[^.]*$/, '');
}
