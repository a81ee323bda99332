/** Segmentation scores as text: the table in the layout of the paper, with methods as columns. Pure. */
import { printable } from '../printable.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import type { MethodScores, SegmentationSummary } from '../segmentation/summary.js';

/** `83.78 %`. */
export function formatShare(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(2)} %`;
}

const fraction = (value: number | null) => (value === null || Number.isNaN(value) ? '–' : value.toFixed(4));

/**
 * Everything that is said about the scores.
 *
 * @param classNames by id, for the IoU of each class; null for none of that.
 */
export function renderSummary(
  { path, protocol, labelNc }: Pick<Segmenter, 'path' | 'protocol' | 'labelNc'>,
  { scenes, pixels, methods }: SegmentationSummary,
  classNames: ReadonlyMap<number, string> | null,
): string {
  const present = methods.at(-1)!.perClass.filter(({ iou }) => iou !== null).length;
  const skipped = [
    ...(pixels.ignored > 0 ? [`${pixels.ignored} have no class`] : []),
    ...(pixels.unknown > 0 ? [`${pixels.unknown} have a class that the segmenter does not know`] : []),
  ];
  return [
    `${scenes} scenes by ${printable(path)}, ${protocol}`,
    `${pixels.scored} pixels of each method${skipped.length === 0 ? '' : `; not scored: ${skipped.join(', ')}`}`,
    '',
    scoreTable(methods),
    `Means over the classes that label maps or segmentation have (oracle: ${present} of ${labelNc}).`,
    ...(classNames === null ? [] : ['', classTable(methods, classNames)]),
    ...methods.flatMap(aboveOracle),
  ].join('\n');
}

/** A row for each score, a column for each method. */
function scoreTable(methods: readonly MethodScores[]): string {
  return columns([
    ['', ...methods.map(({ method }) => method)],
    ['Pixel accuracy', ...methods.map(({ pixelAccuracy }) => formatShare(pixelAccuracy))],
    ['Mean IoU', ...methods.map(({ meanIou }) => fraction(meanIou))],
    ['Frequency-weighted IoU', ...methods.map(({ frequencyWeightedIou }) => fraction(frequencyWeightedIou))],
    ['Class accuracy', ...methods.map(({ classAccuracy }) => formatShare(classAccuracy))],
  ]);
}

/** The IoU of each class that one of the methods' label maps or segmentations have. */
function classTable(methods: readonly MethodScores[], names: ReadonlyMap<number, string>): string {
  const rows = methods[0]!.perClass
    .map(({ id }) => ({ id, ious: methods.map(({ perClass }) => perClass[id]!.iou) }))
    .filter(({ ious }) => ious.some(iou => iou !== null))
    .map(({ id, ious }) => [`${id} ${names.get(id) ?? ''}`.trimEnd(), ...ious.map(fraction)]);
  return columns([['IoU of class', ...methods.map(({ method }) => method)], ...rows]);
}

const scoreNames = { pixelAccuracy: 'pixel accuracy', meanIou: 'mean IoU' } as const;

function aboveOracle({ method, aboveOracle: scores }: MethodScores): string[] {
  if (scores.length === 0) return [];
  const named = scores.map(score => scoreNames[score]).join(' and ');
  return [
    `warning: ${method} is above the real images in ${named}: its images are easier to segment than real ones, which is not the same as more realistic; compare it with care`,
  ];
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map(row => row[c]!.length)));
  const cellOf = (cell: string, c: number) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!));
  return rows.map(row => row.map(cellOf).join('  ').trimEnd()).join('\n');
}
