/**
 * The report of an evaluation: one HTML file that needs no other. Depends on the report module, statistics and judge.
 */

import type { MetricFacts } from '../../evaluation/metric.js';
import { escapeHtml, grouped, page, tiles } from '../../report/html.js';
import { drawIntervals, type PlottedRow } from '../../report/interval-plot.js';
import { LEAST_FOR_INTERVAL } from '../../statistics/bootstrap.js';
import type { Reading } from '../compared-image.js';
import { type Judgement, rowNames } from '../judge.js';
import type { Exclusion } from '../match.js';
import { drawExamples, type Inputs, LONGEST, Pictures } from './examples.js';
import { segmentationPart } from './segmentation.js';
import { differencesTable, heading, meansTable, protocolsTable } from './tables.js';

const DOTS_OF_SCORES =
  'Of segmentation scores a small dot is one image by itself, and the large one is all pixels together, which is not their mean.';

/** Exclusions that are listed by name; the others are counted. */
const LISTED = 20;

/** What a page is about. */
export interface PageFacts {
  /** The command line that makes it again. */
  readonly command: string;
  /** The folder of the real images. */
  readonly real: string;
  /** Default: the methods against real images. */
  readonly title?: string;
  /** The command that made it; default `evaluate`. */
  readonly by?: 'evaluate' | 'compare';
  /** HTML that stands before the figures. */
  readonly lead?: string;
}

/** Renders the page. */
export async function renderEvaluationPage(
  { command, real, title: ownTitle, by = 'evaluate', lead = '' }: PageFacts,
  judgement: Judgement,
  inputs: Inputs | undefined,
  reading: Reading,
): Promise<string> {
  const { rows, methods, metrics, exclusions, notes, figures, segmentation } = judgement;
  const names = methods.map(({ name }) => name);
  const paired = metrics.filter(({ name }) => figures.has(name));
  const pictures = new Pictures(reading, inputs);
  const examples: string[] = [];
  for (const metric of paired) examples.push(await drawExamples(metric, judgement, pictures));
  const title = ownTitle ?? `${names.join(', ')} against real images`;
  const body = [
    `<header><h1>${escapeHtml(title)}</h1></header><main>`,
    tiles([
      ['images, the same for all', grouped(rows.length)],
      ['methods', String(methods.length)],
      ['not compared', grouped(exclusions.length)],
    ]),
    `<p>Real images: <code>${escapeHtml(real)}</code>. ${rows.length < LEAST_FOR_INTERVAL ? `Intervals need at least ${LEAST_FOR_INTERVAL} images.` : 'Small figures: bootstrap intervals of 95 % over images; after ± standard errors.'}</p>`,
    ...notes.map(note => `<p>${escapeHtml(note.replace(/^warning: /, 'Warning: '))}.</p>`),
    lead,
    '<h2>Figures</h2>',
    meansTable(judgement),
    ...(methods.length > 1 && paired.length > 0 ? differencesPart(judgement, paired) : []),
    ...(paired.length > 0
      ? [
          '<h2>Image by image</h2>',
          segmentation === undefined ? '' : `<p class="quiet">${DOTS_OF_SCORES}</p>`,
          `<div class="panels">${paired.map(metric => figuresPanel(metric, judgement)).join('')}</div>`,
        ]
      : []),
    ...(examples.length > 0
      ? [
          '<h2>Best, median and worst</h2>',
          `<p class="quiet">By the figures of ${escapeHtml(names[0]!)}. Shown at ${LONGEST} pixels at most, as WebP; figures are of the files themselves.</p>`,
          ...examples,
        ]
      : []),
    ...segmentationPart(segmentation),
    ...exclusionsPart(exclusions),
    '<h2>Protocols</h2>',
    `<div class="card examples">${protocolsTable(judgement)}</div>`,
    '<h2>Command</h2>',
    `<pre class="card command">${escapeHtml(command)}</pre></main>`,
  ];
  return page(`${title} · pix2pixhd ${by}`, body.join('\n'));
}

function differencesPart(judgement: Judgement, paired: readonly MetricFacts[]): string[] {
  const { methods, figures } = judgement;
  const first = methods[0]!.name;
  const panels = paired.map(metric => {
    const [own, ...others] = figures.get(metric.name)!.slice(0, methods.length);
    const rows = others.flatMap((values, i) => {
      const name = methods[i + 1]!.name;
      const found = judgement.differences.find(one => one.metric === metric.name && one.method === name);
      if (found === undefined) return [];
      const { value, low, high } = found;
      const between = values.map((figure, row) => figure - own![row]!).filter(Number.isFinite);
      return between.length === 0 ? [] : [{ name, colour: i + 1, values: between, mean: value, low, high }];
    });
    if (rows.length === 0) return '';
    const remark = metric.better === 'higher' ? 'right of 0 is better' : 'left of 0 is better';
    return drawIntervals({ title: heading(metric), remark, rows, reference: 0 });
  });
  return [
    '<h2>Paired differences</h2>',
    `<p class="quiet">Each image’s figure less that of ${escapeHtml(first)} on the same image. p is of the two-sided sign-flip test and is not adjusted for the number of comparisons; coloured where the interval leaves out 0.</p>`,
    differencesTable(judgement),
    `<div class="panels differences">${panels.join('')}</div>`,
  ];
}

/** The figures of all images by method; infinite ones cannot be drawn. */
function figuresPanel(metric: MetricFacts, judgement: Judgement): string {
  const { figures, summaries } = judgement;
  const all = figures.get(metric.name)!;
  const names = rowNames(judgement).slice(0, all.length);
  const rows = names.flatMap((name, method): PlottedRow[] => {
    const values = all[method]!.filter(Number.isFinite);
    const { value, low, high } = summaries.get(metric.name)![method]!;
    return values.length === 0 || !Number.isFinite(value)
      ? []
      : [{ name, colour: method, values, mean: value, low, high }];
  });
  if (rows.length === 0) return '';
  const remark = metric.better === 'higher' ? 'higher is better' : 'lower is better';
  return drawIntervals({ title: heading(metric), remark, rows });
}

function exclusionsPart(exclusions: readonly Exclusion[]): string[] {
  if (exclusions.length === 0) return [];
  const lines = exclusions.slice(0, LISTED).map(one => `<li>${escapeHtml(exclusionInWords(one))}</li>`);
  const more = exclusions.length - lines.length;
  return [
    `<h2>Not compared: ${grouped(exclusions.length)}</h2>`,
    `<ul>${lines.join('')}</ul>`,
    more > 0 ? `<p class="quiet">and ${grouped(more)} more, in results.json</p>` : '',
  ];
}

/** `city_12: pix2pix has no such image`. */
export function exclusionInWords({ stem, why, methods, file, found }: Exclusion): string {
  if (why === 'missing') return `${stem}: missing in ${methods.join(', ')}`;
  if (why === 'no-real') return `${stem}: of ${methods.join(', ')}, without a real image`;
  if (why === 'no-labels') return `${stem}: without a label map`;
  return `${stem}: ${file ?? ''} cannot be read (${found ?? ''})`;
}
