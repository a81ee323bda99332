/** Segmentation scores as text: the table in the layout of the paper, with methods as columns. Pure. */
import type { SegmentationScores } from '../segmentation/scores.js';

/** A method's scores. */
export interface ScoredMethod {
  readonly method: string;
  readonly scores: SegmentationScores;
}

/** `83.78 %`. */
export function formatShare(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(2)} %`;
}

const fraction = (value: number | null) => (value === null || Number.isNaN(value) ? '–' : value.toFixed(4));

/** A row for each score, a column for each method, in the order given. */
export function renderScores(methods: readonly ScoredMethod[]): string {
  return columns([
    ['', ...methods.map(({ method }) => method)],
    ['Pixel accuracy', ...methods.map(({ scores }) => formatShare(scores.pixelAccuracy))],
    ['Mean IoU', ...methods.map(({ scores }) => fraction(scores.meanIou))],
    ['Frequency-weighted IoU', ...methods.map(({ scores }) => fraction(scores.frequencyWeightedIou))],
    ['Class accuracy', ...methods.map(({ scores }) => formatShare(scores.classAccuracy))],
  ]);
}

/** The IoU of each class that one of the methods' label maps or segmentations have. */
export function renderClasses(methods: readonly ScoredMethod[], names: ReadonlyMap<number, string>): string {
  const ids = methods[0]!.scores.perClass.map(({ id }) => id);
  const rows = ids
    .map(id => ({ id, ious: methods.map(({ scores }) => scores.perClass[id]!.iou) }))
    .filter(({ ious }) => ious.some(iou => iou !== null))
    .map(({ id, ious }) => [`${id} ${names.get(id) ?? ''}`.trimEnd(), ...ious.map(fraction)]);
  return columns([['IoU of class', ...methods.map(({ method }) => method)], ...rows]);
}

/** Which scores of a method are above the oracle's, in words; empty where none is. */
export function aboveOracle({ method, scores }: ScoredMethod, oracle: SegmentationScores): string[] {
  const above = [
    ...(scores.pixelAccuracy > oracle.pixelAccuracy ? ['pixel accuracy'] : []),
    ...(scores.meanIou > oracle.meanIou ? ['mean IoU'] : []),
  ];
  return above.length === 0
    ? []
    : [
        `${method} is above the real images in ${above.join(' and ')}: its images are easier to segment than real ones, which is not the same as more realistic; compare it with care`,
      ];
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map(row => row[c]!.length)));
  return rows
    .map(row =>
      row
        .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
