/**
 * A style book as the tensors by which a checkpoint keeps it. Depends on torch's record of a tensor and the style book.
 */

import { type TensorData, viewAs } from '@pix2pixhd/torch';
import { type ClassStyles, StyleBook, type StyleCluster } from '@pix2pixhd/web/scene';

const prefix = 'styles.';

/** Whether a tensor of a checkpoint belongs to the styles. */
export function isStyleTensor(name: string): boolean {
  return name.startsWith(prefix);
}

/** Whether it is the image of an instance, which shows what a style looks like. */
export function isCropTensor(name: string): boolean {
  return /^styles\.\d+\.crop\.\d+$/.test(name);
}

/**
 * `styles.mean` (C), and for every class `styles.<class>.mean` (C), `.centres` (K, C), `.counts` (K) and
 * `.crop.<k>` (h, w, 3).
 */
export function toStyleTensors({ mean: ofAll, featNum, classes }: StyleBook): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>([[`${prefix}mean`, floats(ofAll, [featNum])]]);
  for (const [id, { mean, clusters }] of classes) {
    const centres = Float32Array.from(clusters.flatMap(({ centre }) => [...centre]));
    tensors.set(`${prefix}${id}.mean`, floats(mean, [featNum]));
    tensors.set(`${prefix}${id}.centres`, floats(centres, [clusters.length, featNum]));
    tensors.set(`${prefix}${id}.counts`, counts(clusters));
    clusters.forEach(({ crop }, k) => {
      if (crop === undefined) return;
      const shape = [crop.height, crop.width, 3];
      tensors.set(`${prefix}${id}.crop.${k}`, { dtype: 'uint8', shape, bytes: crop.data });
    });
  }
  return tensors;
}

/**
 * The style book among a checkpoint's tensors.
 *
 * @returns undefined where there is none.
 * @throws RangeError naming a tensor that is missing or malformed.
 */
export function fromStyleTensors(tensors: ReadonlyMap<string, TensorData>): StyleBook | undefined {
  const ours = new Map([...tensors].filter(([name]) => isStyleTensor(name)));
  if (ours.size === 0) return undefined;
  const mean = vector(ours, `${prefix}mean`, undefined);
  const classes = new Map<number, ClassStyles>();
  for (const name of ours.keys()) {
    const id = /^styles\.(\d+)\.centres$/.exec(name)?.[1];
    if (id !== undefined) classes.set(Number(id), readClass(ours, `${prefix}${id}`, mean.length));
  }
  const book = new StyleBook(mean, classes);
  const known = toStyleTensors(book);
  const stray = [...ours.keys()].find(name => !known.has(name));
  if (stray !== undefined) throw new RangeError(`the tensor ${stray} does not belong to any style`);
  return book;
}

function floats(values: Float32Array, shape: readonly number[]): TensorData {
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function counts(clusters: readonly StyleCluster[]): TensorData {
  const values = BigInt64Array.from(clusters, ({ count }) => BigInt(count));
  return { dtype: 'int64', shape: [clusters.length], bytes: new Uint8Array(values.buffer) };
}

function readClass(tensors: ReadonlyMap<string, TensorData>, name: string, featNum: number): ClassStyles {
  const centres = expect(tensors, `${name}.centres`, 'float32', ['K', featNum]);
  const [clusters] = centres.shape as [number, number];
  const values = viewAs('float32', centres.bytes);
  const numbers = viewAs('int64', expect(tensors, `${name}.counts`, 'int64', [clusters]).bytes);
  return {
    mean: vector(tensors, `${name}.mean`, featNum),
    clusters: Array.from({ length: clusters }, (_, k): StyleCluster => {
      const centre = values.slice(k * featNum, (k + 1) * featNum);
      const count = Number(numbers[k]);
      if (!tensors.has(`${name}.crop.${k}`)) return { centre, count };
      const { shape, bytes } = expect(tensors, `${name}.crop.${k}`, 'uint8', ['height', 'width', 3]);
      return { centre, count, crop: { width: shape[1]!, height: shape[0]!, data: bytes } };
    }),
  };
}

function vector(tensors: ReadonlyMap<string, TensorData>, name: string, length: number | undefined): Float32Array {
  return viewAs('float32', expect(tensors, name, 'float32', [length ?? 'C']).bytes).slice();
}

/** A tensor of a dtype and a shape, in which a word stands for any size. */
function expect<D extends TensorData['dtype']>(
  tensors: ReadonlyMap<string, TensorData>,
  name: string,
  dtype: D,
  shape: readonly (number | string)[],
): TensorData<D> {
  const found = tensors.get(name);
  const wanted = `${dtype} (${shape.join(', ')})`;
  if (found === undefined) throw new RangeError(`the tensor ${name} is missing, expected ${wanted}`);
  const fits =
    found.shape.length === shape.length &&
    shape.every((size, axis) => typeof size === 'string' || size === found.shape[axis]);
  if (found.dtype !== dtype || !fits)
    throw new RangeError(`the tensor ${name} is ${found.dtype} (${found.shape.join(', ')}), expected ${wanted}`);
  return found as TensorData<D>;
}
