/**
 * The page that shows what `prepare` did: figures, pictures before and after. One HTML file with all in it. Depends on sharp, the
 * decoder and the report's HTML.
 */
import { join } from 'node:path';
import { decodeImage, decodeInstanceMap } from '../data/decode/decode.js';
import { readHeader } from '../data/files/header.js';
import { ANY_SCALE, FULL_SCALE } from '../data/values/range.js';
import { type IdMap, type Image8, imageToShow } from '../raster.js';
import { colourLabels } from '../report/colour-labels.js';
import { escapeHtml, page, pngImage, tiles } from '../report/html.js';
import { showable, toSharp } from '../sharp-image.js';
import type { WrittenPair } from './prepare.js';
import { PART_ROLES, type PartRole } from './raw-pair.js';
import { roleInWords } from './sources/match.js';
import type { SplitPair } from './split.js';

/** Longer sides of the pictures, in pixels. */
const LONGEST = 320;
/** Pairs that are shown. */
const SHOWN = 8;

/** What the page says. */
export interface PreparedReport {
  readonly title: string;
  readonly figures: readonly (readonly [name: string, value: string])[];
  /** Paragraphs of plain text. */
  readonly notes: readonly string[];
  readonly command: string;
}

/**
 * Renders the page.
 *
 * @param raw the pairs before, in any order.
 * @param written the pairs as they lie in `out`.
 */
export async function renderPreparedPage(
  report: PreparedReport,
  out: string,
  raw: readonly SplitPair[],
  written: readonly WrittenPair[],
): Promise<string> {
  const before = new Map(raw.map(pair => [`${pair.phase}/${pair.stem}`, pair]));
  const count = Math.min(SHOWN, written.length);
  const chosen = Array.from({ length: count }, (_, i) => written[Math.floor((i * written.length) / count)]!);
  const rows: string[] = [];
  for (const pair of chosen) rows.push(await row(pair, before.get(`${pair.phase}/${pair.stem}`)!, out));
  const body = [
    `<header><h1>${escapeHtml(report.title)}</h1></header>`,
    '<main>',
    tiles(report.figures),
    ...report.notes.map(note => `<p>${escapeHtml(note)}</p>`),
    `<p><code>${escapeHtml(report.command)}</code></p>`,
    '<h2>Before, and as it is trained on</h2>',
    ...rows,
    '</main>',
  ];
  return page(report.title, body.join('\n'));
}

async function row(pair: WrittenPair, raw: SplitPair, out: string): Promise<string> {
  const originals = [...new Set(PART_ROLES.flatMap(role => raw.parts[role]?.file ?? []))];
  const made = PART_ROLES.filter(role => pair.files[role] !== undefined);
  const cells: string[] = [];
  for (const file of originals) cells.push(await picture(file, 'before', false));
  for (const role of made) cells.push(await picture(join(out, pair.files[role]!), roleInWords[role], isMap(role)));
  return `<section><h3>${escapeHtml(`${pair.phase}/${pair.stem}`)}</h3><div style="display:flex;flex-wrap:wrap;gap:.75rem">${cells.join('')}</div></section>`;
}

function isMap(role: PartRole): boolean {
  return role === 'label' || role === 'instance';
}

async function picture(file: string, what: string, ids: boolean): Promise<string> {
  const shown = showable(ids ? colouredIds(await decodeInstanceMap(file)) : await shownImage(file));
  const { width, height } = shown;
  const png = await toSharp(shown)
    .resize({
      width: LONGEST,
      height: LONGEST,
      fit: 'inside',
      withoutEnlargement: true,
      ...(ids && { kernel: 'nearest' }),
    })
    .png()
    .toBuffer();
  return `<figure style="margin:0">${pngImage(png, what)}<figcaption>${escapeHtml(`${what}, ${width}×${height}`)}</figcaption></figure>`;
}

/** 8 bits as they are, others from their darkest to their brightest. */
async function shownImage(file: string): Promise<Image8> {
  const header = await readHeader(file);
  const plain = header.storage === 'uchar';
  const image = await decodeImage(file, header, plain ? FULL_SCALE : ANY_SCALE);
  return imageToShow({ ...image, black: 0, white: plain ? 255 : 1 });
}

function colouredIds({ width, height, data }: IdMap): Image8 {
  const folded = Array.from(data, id => id % 4093);
  return { width, height, channels: 3, data: colourLabels(folded, 4093) };
}
