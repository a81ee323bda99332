/**
 * Label map and instance map as PNG: one value a pixel, grey or the index of a palette. Depends on the document, stored-values.ts and
 * fast-png; knows no DOM.
 */
import { encode } from 'fast-png';
import { instancesOf } from '../document/instances.js';
import { type Maps, noLabel } from '../document/scene.js';
import { FileError, isTooLarge, type Limits, type NamedBytes, pngHeader, pngValues } from './stored-values.js';

/** What maps must be, and what they become. */
export interface Expected {
  /** Labels are below it, or {@link noLabel}. */
  readonly labelNc: number;
  readonly countable: (label: number) => boolean;
  readonly limits: Limits;
}

interface MapFile {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly values: Uint8Array | Uint16Array;
}

/**
 * Reads a label map, or a label map and its instance map in either order. Without an instance map each connected area of a class
 * that can be counted is an object.
 * @throws FileError where they are none.
 */
export function readMaps(files: readonly NamedBytes[], { labelNc, countable, limits }: Expected): Maps {
  if (files.length < 1 || files.length > 2) throw new FileError('mapCount', { count: files.length });
  const [first, second] = files.map(file => readMap(file, limits));
  const [label, instance] = second === undefined ? [first!] : inOrder(first!, second, labelNc);
  const { name, width, height } = label;
  const wrong = label.values.findIndex(value => value >= labelNc && value !== noLabel);
  if (wrong >= 0) {
    const [x, y] = [wrong % width, Math.floor(wrong / width)];
    throw new FileError('mapNoClass', { file: name, value: label.values[wrong]!, x, y, last: labelNc - 1 });
  }
  const labels = Uint16Array.from(label.values);
  if (instance === undefined)
    return { width, height, labels, instances: instancesOf({ width, height, labels }, countable) };
  if (instance.width !== width || instance.height !== height)
    throw new FileError('mapSizes', {
      ...{ label: name, width, height },
      ...{ instance: instance.name, otherWidth: instance.width, otherHeight: instance.height },
    });
  return { width, height, labels, instances: Int32Array.from(instance.values) };
}

/** A map as PNG. @throws RangeError where a value does not fit its bits. */
export function encodeMap(
  { width, height }: Pick<Maps, 'width' | 'height'>,
  values: Uint16Array | Int32Array,
  bits: 8 | 16,
): Uint8Array<ArrayBuffer> {
  const odd = values.find(value => value < 0 || value >= 2 ** bits);
  if (odd !== undefined) throw new RangeError(`${odd} does not fit ${bits} bits`);
  const data = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  return Uint8Array.from(encode({ width, height, data, channels: 1, depth: bits }));
}

/** Ids that fit 16 bits: a larger one becomes one that no object has, as those of the classes from 66 on. */
export function shortIds(instances: Int32Array): Int32Array {
  const most = 0xffff;
  const renamed = new Map<number, number>();
  const taken = new Set(instances);
  let next = most;
  const free = () => {
    while (taken.has(next)) next--;
    return next--;
  };
  return instances.map(id => {
    if (id <= most) return id;
    const other = renamed.get(id) ?? free();
    renamed.set(id, other);
    return other;
  });
}

/** Label map and instance map, told apart: by their bits, else by their names, else by values that are no class. */
function inOrder(a: MapFile, b: MapFile, labelNc: number): [label: MapFile, instance: MapFile] {
  const signs: ((file: MapFile) => boolean)[] = [
    ({ bits }) => bits === 16,
    ({ name }) => /(^|[^a-z])inst([^a-z]|$)|instance/i.test(name),
    ({ values }) => values.some(value => value >= labelNc && value !== noLabel),
  ];
  const sign = signs.find(holds => holds(a) !== holds(b));
  if (sign === undefined) throw new FileError('mapWhich', { first: a.name, second: b.name });
  return sign(a) ? [b, a] : [a, b];
}

/** The values of a PNG as they are stored. */
function readMap(file: NamedBytes, limits: Limits): MapFile {
  const { name } = file;
  const png = pngHeader(file);
  if (png === null) throw new FileError('mapNoPng', { file: name });
  const { width, height, bits, colours } = png;
  if (colours !== undefined) throw new FileError('mapColours', { file: name, colours });
  if (isTooLarge(png, limits)) throw new FileError('mapTooLarge', { file: name, width, height, ...limits! });
  return { name, width, height, bits, values: pngValues(file, png) };
}
