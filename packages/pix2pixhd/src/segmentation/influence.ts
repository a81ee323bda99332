/**
 * How much each scene moves the scores of all of them, to first order: what standard errors of scores are made of. Depends on the
 * matrix and the scores.
 */
import type { ConfusionMatrix } from './confusion-matrix.js';
import type { SceneCounts } from './scene-counts.js';
import { scoresOf } from './scores.js';

/**
 * The derivatives of the scores of a matrix along a scene's counts: Σ n_ij ∂score/∂N_ij over its cells, for each of `scoreNames`. Their
 * sum over all scenes of the matrix is 0, since twice the pixels have the same scores.
 *
 * @returns a function of scenes whose classes the matrix has.
 */
export function influencesOn(matrix: ConfusionMatrix): (scene: SceneCounts) => number[] {
  const { classes } = matrix;
  const { pixelAccuracy, frequencyWeightedIou, perClass } = scoresOf(matrix);
  const pixels = perClass.map(one => one.pixels);
  const total = pixels.reduce((sum, count) => sum + count, 0);
  const labelled = pixels.filter(count => count > 0).length;
  const present = perClass.filter(({ iou }) => iou !== null).length;
  const ious = perClass.map(({ iou }) => iou ?? 0);
  // t_i + Σ_j n_ji − n_ii
  const unions = pixels.map((count, id) => {
    let union = count - matrix.at(id, id);
    for (let other = 0; other < classes; other++) union += matrix.at(other, id);
    return union;
  });
  return cells => {
    let [pixel, accuracy, iou, weighted] = [0, 0, 0, 0];
    for (let k = 0; k < cells.length; k += 3) {
      const [row, column, count] = [cells[k]!, cells[k + 1]!, cells[k + 2]!];
      if (row < 0) continue;
      const hit = row === column ? 1 : 0;
      pixel += count * (hit - pixelAccuracy);
      accuracy += (count * (hit - perClass[row]!.accuracy!)) / pixels[row]!;
      // ∂IoU of the row's class, and where it is taken for another class, of that one.
      const own = (hit - ious[row]!) / unions[row]!;
      const other = hit === 1 || column === classes ? 0 : -ious[column]! / unions[column]!;
      iou += count * (own + other);
      weighted +=
        count * (ious[row]! - frequencyWeightedIou + pixels[row]! * own + (other === 0 ? 0 : pixels[column]! * other));
    }
    return [pixel / total, accuracy / labelled, iou / present, weighted / total];
  };
}
