/**
 * Label map and instance map as PNG: one value a pixel, grey or the index of a palette. A browser's own decoder is of no use here: it
 * makes colours of 8 bits of every file. Depends on the document and fast-png; knows no DOM.
 */
import { decode, encode } from 'fast-png';
import { instancesOf } from '../document/instances.js';
import { type Maps, noLabel } from '../document/scene.js';

/** A file that a person chose. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What maps must be, and what they become. */
export interface Expected {
  /** Labels are below it, or {@link noLabel}. */
  readonly labelNc: number;
  readonly countable: (label: number) => boolean;
  /** Longest side and most pixels, where they are known. */
  readonly limits: { readonly side: number; readonly pixels: number } | undefined;
}

/** What can be wrong with files that are to be maps. */
export type MapProblem =
  | 'mapCount'
  | 'mapNoPng'
  | 'mapDamaged'
  | 'mapColours'
  | 'mapInterlaced'
  | 'mapTooLarge'
  | 'mapSizes'
  | 'mapWhich'
  | 'mapNoClass';

/** Files that are no maps of this model: what is wrong, and what was found, to be put into words by whoever shows it. */
export class MapError extends Error {
  readonly problem: MapProblem;
  readonly found: Readonly<Record<string, string | number>>;

  constructor(problem: MapProblem, found: Readonly<Record<string, string | number>>) {
    super(`${problem}: ${JSON.stringify(found)}`);
    this.problem = problem;
    this.found = found;
  }
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
 * @throws MapError where they are none.
 */
export function readMaps(files: readonly NamedBytes[], { labelNc, countable, limits }: Expected): Maps {
  if (files.length < 1 || files.length > 2) throw new MapError('mapCount', { count: files.length });
  const [first, second] = files.map(file => readMap(file, limits));
  const [label, instance] = second === undefined ? [first!] : inOrder(first!, second, labelNc);
  const { name, width, height } = label;
  const wrong = label.values.findIndex(value => value >= labelNc && value !== noLabel);
  if (wrong >= 0) {
    const [x, y] = [wrong % width, Math.floor(wrong / width)];
    throw new MapError('mapNoClass', { file: name, value: label.values[wrong]!, x, y, last: labelNc - 1 });
  }
  const labels = Uint16Array.from(label.values);
  if (instance === undefined)
    return { width, height, labels, instances: instancesOf({ width, height, labels }, countable) };
  if (instance.width !== width || instance.height !== height)
    throw new MapError('mapSizes', {
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
  if (sign === undefined) throw new MapError('mapWhich', { first: a.name, second: b.name });
  return sign(a) ? [b, a] : [a, b];
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** By PNG's colour type. */
const colourTypes: Readonly<Record<number, string>> = { 2: 'RGB', 4: 'grey + alpha', 6: 'RGBA' };

/** The values of a PNG as they are stored. */
function readMap({ name, bytes }: NamedBytes, limits: Expected['limits']): MapFile {
  if (bytes.length < 33 || signature.some((byte, i) => bytes[i] !== byte))
    throw new MapError('mapNoPng', { file: name });
  const header = new DataView(bytes.buffer, bytes.byteOffset + 16, 13);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const [bits, colourType, interlaced] = [header.getUint8(8), header.getUint8(9), header.getUint8(12) !== 0];
  const colours = colourTypes[colourType];
  if (colours !== undefined) throw new MapError('mapColours', { file: name, colours });
  if (interlaced) throw new MapError('mapInterlaced', { file: name });
  if (limits !== undefined && (Math.max(width, height) > limits.side || width * height > limits.pixels))
    throw new MapError('mapTooLarge', { file: name, width, height, ...limits });
  try {
    const { data } = decode(bytes, { checkCrc: true });
    const values = bits < 8 ? unpacked(data as Uint8Array, width, height, bits) : (data as Uint8Array | Uint16Array);
    return { name, width, height, bits, values };
  } catch {
    throw new MapError('mapDamaged', { file: name });
  }
}

/** Values of less than a byte, the first in the highest bits; rows begin with a byte. */
function unpacked(data: Uint8Array, width: number, height: number, bits: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const [perRow, perByte] = [Math.ceil((width * bits) / 8), 8 / bits];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = data[y * perRow + Math.floor(x / perByte)]!;
      values[y * width + x] = (byte >> (8 - bits - (x % perByte) * bits)) & (2 ** bits - 1);
    }
  return values;
}
