/**
 * The styles that a trained network knows: the clusters of every class (section 3.4), and the tensors by which a checkpoint
 * keeps them. Depends on torch's record of a tensor only.
 */
import { type TensorData, viewAs } from '@pix2pixhd/torch';

/** A small image of an instance, 8-bit RGB, interleaved. */
export interface StyleCrop {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One style of a class. */
export interface StyleCluster {
  /** One number a feature channel. */
  readonly centre: Float32Array;
  /** Training instances of this style; 0 where it is not known. */
  readonly count: number;
  /** An instance that shows what the style looks like. */
  readonly crop?: StyleCrop;
}

/** The styles of one class. */
export interface ClassStyles {
  /** Mean feature of its instances. */
  readonly mean: Float32Array;
  /** Largest first. May be empty. */
  readonly clusters: readonly StyleCluster[];
}

const prefix = 'styles.';

/** The styles of all classes. */
export class StyleBook {
  /** Mean feature of all instances of all classes. */
  readonly mean: Float32Array;
  readonly classes: ReadonlyMap<number, ClassStyles>;

  /** @throws RangeError where a vector has not as many numbers as the mean, or one that is not finite. */
  constructor(mean: Float32Array, classes: ReadonlyMap<number, ClassStyles>) {
    this.mean = mean;
    this.classes = classes;
    const check = (name: string, vector: Float32Array) => {
      if (vector.length !== mean.length)
        throw new RangeError(`${name} has ${vector.length} numbers, not the ${mean.length} feature channels`);
      if (!vector.every(Number.isFinite)) throw new RangeError(`${name} holds a value that is not finite`);
    };
    check('the mean style', mean);
    for (const [id, styles] of classes) {
      check(`the mean style of class ${id}`, styles.mean);
      styles.clusters.forEach(({ centre }, k) => {
        check(`style ${k} of class ${id}`, centre);
      });
    }
  }

  /** Feature channels. */
  get featNum(): number {
    return this.mean.length;
  }

  /** Whether a tensor of a checkpoint belongs to the styles. */
  static owns(name: string): boolean {
    return name.startsWith(prefix);
  }

  /**
   * `styles.mean` (C), and for every class `styles.<class>.mean` (C), `.centres` (K, C), `.counts` (K) and
   * `.crop.<k>` (h, w, 3).
   */
  toTensors(): Map<string, TensorData> {
    const tensors = new Map<string, TensorData>([[`${prefix}mean`, floats(this.mean, [this.featNum])]]);
    for (const [id, { mean, clusters }] of this.classes) {
      const centres = Float32Array.from(clusters.flatMap(({ centre }) => [...centre]));
      tensors.set(`${prefix}${id}.mean`, floats(mean, [this.featNum]));
      tensors.set(`${prefix}${id}.centres`, floats(centres, [clusters.length, this.featNum]));
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
   * The styles among a checkpoint's tensors.
   *
   * @returns undefined where there are none.
   * @throws RangeError naming a tensor that is missing or malformed.
   */
  static fromTensors(tensors: ReadonlyMap<string, TensorData>): StyleBook | undefined {
    const ours = new Map([...tensors].filter(([name]) => StyleBook.owns(name)));
    if (ours.size === 0) return undefined;
    const mean = vector(ours, `${prefix}mean`, undefined);
    const classes = new Map<number, ClassStyles>();
    for (const name of ours.keys()) {
      const id = /^styles\.(\d+)\.centres$/.exec(name)?.[1];
      if (id !== undefined) classes.set(Number(id), readClass(ours, `${prefix}${id}`, mean.length));
    }
    const known = new StyleBook(mean, classes);
    const stray = [...ours.keys()].find(name => !known.toTensors().has(name));
    if (stray !== undefined) throw new RangeError(`the tensor ${stray} belongs to no style`);
    return known;
  }
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

/** A tensor of a type and a shape, in which a word stands for any size. */
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
