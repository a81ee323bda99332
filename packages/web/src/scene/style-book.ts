/**
 * The styles that a trained network knows: the clusters of every class (section 3.4). Depends on nothing.
 */

/** A small image of an instance, 8-bit RGB, interleaved. */
export interface StyleCrop {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One style of a class. */
export interface StyleCluster {
  /** One number per channel of the style features. */
  readonly centre: Float32Array;
  /** Training instances of this style; 0 where it is not known. */
  readonly count: number;
  /** An instance that shows what the style looks like. */
  readonly crop?: StyleCrop;
}

/** The styles of one class. */
export interface ClassStyles {
  /** Mean of the style features of its instances. */
  readonly mean: Float32Array;
  /** Largest first. May be empty. */
  readonly clusters: readonly StyleCluster[];
}

/** The styles of all classes. */
export class StyleBook {
  /** Mean of the style features of all instances of all classes. */
  readonly mean: Float32Array;
  readonly classes: ReadonlyMap<number, ClassStyles>;

  /** @throws RangeError where a vector is not as long as the mean, or holds a number that is not finite. */
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

  /** Channels of the style features. */
  get featNum(): number {
    return this.mean.length;
  }
}
