/** The part of the report about segmentation: each class's IoU as bars, and confusion matrices. Depends on the report module and judge. */
import { formatNumber } from '../../evaluation/metric.js';
import { escapeHtml, grouped } from '../../report/html.js';
import { type MethodSegmentation, ORACLE, type Segmentation } from '../segmentation/summarise.js';
import { table } from './tables.js';

/** Of more classes matrices are in the JSON file alone. */
const MOST_CLASSES = 60;
const CELL = 13;
/** Characters of a class's name beside a matrix, and the room that they take. */
const NAME = 20;
const MARGIN = 130;

interface LabelClass {
  readonly id: number;
  readonly name: string;
}

/** What was counted, in words. */
export function segmentationInWords({ segmenter, protocol, pixels, classes, methods }: Segmentation): string {
  const skipped = [
    ...(pixels.ignored > 0 ? [`${grouped(pixels.ignored)} have no class`] : []),
    ...(pixels.unknown > 0 ? [`${grouped(pixels.unknown)} have a class that the segmenter does not know`] : []),
  ];
  const present = methods.at(-1)!.scores.perClass.filter(({ iou }) => iou !== null).length;
  return [
    `segmented by ${segmenter}, ${protocol}`,
    `${grouped(pixels.scored)} pixels of each method, ${present} of ${classes.length} classes`,
    ...(skipped.length > 0 ? [`not scored: ${skipped.join(', ')}`] : []),
    `${ORACLE}: the real images, segmented in the same way; ! above it`,
  ].join('; ');
}

/** Headings, bars and matrices; nothing where nothing was segmented. */
export function segmentationPart(segmentation: Segmentation | undefined): string[] {
  if (segmentation === undefined) return [];
  const { methods } = segmentation;
  const classes = segmentation.classes.filter(({ id }) =>
    methods.some(({ scores }) => scores.perClass[id]!.iou !== null),
  );
  const few = classes.length <= MOST_CLASSES;
  return [
    '<h2>Segmentation</h2>',
    `<p>${escapeHtml(segmentationInWords(segmentation))}. Label maps: <code>${escapeHtml(segmentation.labels)}</code>.</p>`,
    '<h3>Intersection over union by class</h3>',
    classTable(classes, methods),
    '<h3>Confusion matrices</h3>',
    `<p class="quiet">A row is a class of the label maps, a column what the segmenter saw; the darker, the larger the share of the row’s pixels. ${few ? 'The last column is none of the classes.' : `Of more than ${MOST_CLASSES} classes they are in results.json only.`}</p>`,
    ...(few ? [`<div class="panels">${methods.map(one => matrixPanel(classes, one)).join('')}</div>`] : []),
  ];
}

function classTable(classes: readonly LabelClass[], methods: readonly MethodSegmentation[]): string {
  const head = methods.map(({ method }) => `<th scope="col">${escapeHtml(method)}</th>`);
  const rows = classes.map(({ id, name }) => {
    const cells = methods.map(({ method, scores }, i) => {
      const { iou } = scores.perClass[id]!;
      if (iou === null) return '<td>–</td>';
      const colour = method === ORACLE ? 'var(--quiet)' : `var(--line-${(i % 4) + 1})`;
      const bar = `<span class="bar" style="--share: ${(100 * iou).toFixed(1)}%; --colour: ${colour}"></span>`;
      return `<td>${bar}${formatNumber({ decimals: 4 }, iou)}</td>`;
    });
    const { pixels } = methods.at(-1)!.scores.perClass[id]!;
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}<td>${grouped(pixels)}</td></tr>`;
  });
  return table(['class', ...head, '<th scope="col">pixels of the label maps</th>'], rows);
}

function matrixPanel(classes: readonly LabelClass[], { method, matrix, scores }: MethodSegmentation): string {
  const columns = [...classes, { id: matrix.length, name: 'none' }];
  const [width, height] = [MARGIN + CELL * columns.length, MARGIN + CELL * classes.length];
  const parts = classes.flatMap((row, y) => {
    const top = MARGIN + CELL * y;
    const { pixels } = scores.perClass[row.id]!;
    const cells = columns.flatMap((column, x) => {
      const share = matrix[row.id]![column.id]! / pixels;
      if (!(share > 0)) return [];
      const title = `${row.name}, seen as ${column.name}: ${(100 * share).toFixed(2)} %`;
      return [
        `<rect x="${MARGIN + CELL * x}" y="${top}" width="${CELL}" height="${CELL}" fill-opacity="${share.toFixed(3)}"><title>${escapeHtml(title)}</title></rect>`,
      ];
    });
    return [
      `<text x="${MARGIN - 6}" y="${top + CELL - 3}" text-anchor="end">${escapeHtml(shortened(row.name))}</text>`,
      ...cells,
    ];
  });
  const heads = columns.map(({ name }, x) => {
    const [at, bottom] = [MARGIN + CELL * (x + 1) - 3, MARGIN - 6];
    return `<text x="${at}" y="${bottom}" transform="rotate(-90 ${at} ${bottom})">${escapeHtml(shortened(name))}</text>`;
  });
  return `<figure class="card panel confusion"><h3>${escapeHtml(method)}</h3><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`confusion matrix of ${method}`)}">${heads.join('')}${parts.join('')}</svg></figure>`;
}

function shortened(name: string): string {
  return name.length <= NAME ? name : `${name.slice(0, NAME - 1)}…`;
}
