/**
 * The images with the best, the median and the worst figure of each metric, side by side with input and real image. Depends on
 * data, sharp, the report module and judge.
 */
import { decodeLabelMap } from '../../data/decode/decode.js';
import { classColours, readClasses } from '../../data/labels/classes.js';
import { IGNORE_LABEL } from '../../data/labels/values.js';
import { UserError } from '../../errors.js';
import type { ComparedImage } from '../../evaluation/comparable.js';
import { formatNumber, type MetricFacts } from '../../evaluation/metric.js';
import type { Image8 } from '../../raster.js';
import { labelColours, paintLabels } from '../../report/colour-labels.js';
import { escapeHtml, webpImage } from '../../report/html.js';
import { showable, toSharp } from '../../sharp-image.js';
import { type Reading, readCompared } from '../compared-image.js';
import type { Judgement } from '../judge.js';

/** The longer side of an image on the page, and its quality as WebP. */
export const LONGEST = 256;
const QUALITY = 92;
/** Images below this are enlarged by the page, and show their pixels. */
const SMALL = 128;

/** Images of the inputs by stem, and whether they are label maps. */
export interface Inputs {
  readonly files: ReadonlyMap<string, string>;
  readonly areLabels: boolean;
  /** The dataset that they are of, whose classes have colours. */
  readonly dataroot: string | null;
}

/** An image that the page shows: its element. */
type Picture = string;

/** Draws the pictures of files, each once. */
export class Pictures {
  readonly #reading: Reading;
  readonly #inputs: Inputs | undefined;
  readonly #drawn = new Map<string, Promise<Picture>>();

  constructor(reading: Reading, inputs: Inputs | undefined) {
    this.#reading = reading;
    this.#inputs = inputs;
  }

  /** Whether there are inputs. */
  get haveInputs(): boolean {
    return this.#inputs !== undefined;
  }

  /** A result or a real image. */
  of(file: string): Promise<Picture> {
    return this.#once(file, async () => picture(eightBits(await readCompared(file, this.#reading)), file));
  }

  /** The input of a stem; undefined where it has none, or one that cannot be shown. */
  async input(stem: string): Promise<Picture | undefined> {
    const file = this.#inputs?.files.get(stem);
    if (file === undefined) return undefined;
    try {
      return await this.#once(file, async () => picture(await this.#decodeInput(file), file));
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  async #decodeInput(file: string): Promise<Image8> {
    const { areLabels, dataroot } = this.#inputs!;
    if (!areLabels) return eightBits(await readCompared(file, { resize: 'none', range: 'full' }));
    const map = await decodeLabelMap(file);
    const classes = dataroot === null ? undefined : readClasses(dataroot);
    let most = 0;
    for (const id of map.data) if (id !== IGNORE_LABEL && id > most) most = id;
    const colours = classes ? classColours(classes) : labelColours(most + 1);
    return { width: map.width, height: map.height, channels: 3, data: paintLabels(map.data, colours) };
  }

  #once(file: string, draw: () => Promise<Picture>): Promise<Picture> {
    let drawn = this.#drawn.get(file);
    if (drawn === undefined) {
      drawn = draw();
      this.#drawn.set(file, drawn);
    }
    return drawn;
  }
}

function eightBits({ width, height, channels, data }: ComparedImage): Image8 {
  return { width, height, channels, data: data instanceof Uint8Array ? data : Uint8Array.from(data, Math.round) };
}

async function picture(image: Image8, file: string): Promise<Picture> {
  const { data, info } = await toSharp(showable(image))
    .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .webp({ quality: QUALITY })
    .toBuffer({ resolveWithObject: true });
  const element = webpImage(data, info, file);
  return Math.max(info.width, info.height) < SMALL ? element.replace('<img ', '<img class="small" ') : element;
}

/** The rows with the best, the median and the worst figure, without repeats. */
function chosenRows(
  { better }: MetricFacts,
  figures: readonly number[],
): readonly (readonly [which: string, row: number])[] {
  // An image none of whose pixels has a class has no score.
  const order = [...figures.keys()]
    .filter(row => !Number.isNaN(figures[row]!))
    .sort((a, b) => (figures[a]! - figures[b]!) * (better === 'higher' ? -1 : 1) || a - b);
  if (order.length === 0) return [];
  const places: [string, number][] = [
    ['best', 0],
    ['median', (order.length - 1) >> 1],
    ['worst', order.length - 1],
  ];
  const seen = new Set<number>();
  return places.flatMap(([which, place]) => {
    const row = order[place]!;
    if (seen.has(row)) return [];
    seen.add(row);
    return [[which, row] as const];
  });
}

/** The examples of one metric, chosen by the first method's figures. */
export async function drawExamples(metric: MetricFacts, judgement: Judgement, pictures: Pictures): Promise<string> {
  const { rows, methods, figures } = judgement;
  const table = figures.get(metric.name)!;
  const drawn: string[] = [];
  for (const [which, number] of chosenRows(metric, table[0]!)) {
    const row = rows[number]!;
    const cells = [`<div class="which"><b>${which}</b>${escapeHtml(row.stem)}</div>`];
    if (pictures.haveInputs) cells.push(cell((await pictures.input(row.stem)) ?? '', 'input'));
    for (const [method, file] of row.results.entries())
      cells.push(cell(await pictures.of(file), methods[method]!.name, formatNumber(metric, table[method]![number]!)));
    const oracle = table[methods.length]?.[number];
    cells.push(cell(await pictures.of(row.real), 'real', oracle === undefined ? '' : formatNumber(metric, oracle)));
    drawn.push(`<div class="row" style="--columns: ${cells.length - 1}">${cells.join('')}</div>`);
  }
  return `<section class="card examples"><h3>${escapeHtml(metric.title)}, by ${escapeHtml(methods[0]!.name)}</h3>${drawn.join('')}</section>`;
}

function cell(element: string, name: string, figure = ''): string {
  return `<div class="cell">${element}<span>${escapeHtml(name)}<b>${escapeHtml(figure)}</b></span></div>`;
}
