/**
 * `segmentation/`: segmenters, and the scores of images by them: does a segmenter see in a generated image what its label map
 * says? It may import data, compute and torch; it prints nothing and knows no command.
 *
 * This file counts. Depends on nothing.
 */

/**
 * How often each class was taken for which. Rows are the classes of the label maps, columns what the segmenter found; a column
 * more, {@link ConfusionMatrix.classes}, counts what it took for something that is none of these classes.
 *
 * Counts are whole numbers in double precision, exact up to 2⁵³ pixels: four billion images of 2048 × 1024.
 */
export class ConfusionMatrix {
  readonly classes: number;
  /** (classes, classes + 1), row-major. */
  readonly counts: Float64Array;

  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1) throw new RangeError(`a confusion matrix of ${classes} classes`);
    this.classes = classes;
    this.counts = new Float64Array(classes * (classes + 1));
  }

  /**
   * Counts the pixels of an image.
   *
   * @param truth the class of each pixel by its label map; pixels of other values are not counted.
   * @param found the class that the segmenter sees there; any other value is none of the classes.
   * @returns how many pixels were counted.
   * @throws RangeError where the two differ in length.
   */
  add(truth: ArrayLike<number>, found: ArrayLike<number>): number {
    if (truth.length !== found.length)
      throw new RangeError(`a label map of ${truth.length} pixels and a segmentation of ${found.length}`);
    const { classes, counts } = this;
    let counted = 0;
    for (let i = 0; i < truth.length; i++) {
      const row = truth[i]!;
      if (!(row >= 0 && row < classes)) continue;
      const column = found[i]!;
      const index = row * (classes + 1) + (column >= 0 && column < classes ? column : classes);
      counts[index] = counts[index]! + 1;
      counted++;
    }
    return counted;
  }

  /** How many pixels of a class were taken for another, or for none (`classes`). */
  at(truth: number, found: number): number {
    return this.counts[truth * (this.classes + 1) + found]!;
  }

  /** The rows as lists, for files. */
  toRows(): number[][] {
    return Array.from({ length: this.classes }, (_, row) =>
      Array.from(this.counts.subarray(row * (this.classes + 1), (row + 1) * (this.classes + 1))),
    );
  }
}
