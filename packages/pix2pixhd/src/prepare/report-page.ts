/**
 * The page that shows what `prepare` did: figures, pictures before and after. One HTML file with all in it. Depends on sharp, the
 * decoder and the report's HTML.
 */
import { join } from 'node:path';
import { decodeImage, decodeInstanceMap } from '../data/decode/decode.js';
import { ANY_SCALE } from '../data/values/range.js';
import type { IdMap, Image8 } from '../raster.js';
import { colourLabels } from '../report/colour-labels.js';
import { escapeHtml, page, pngImage, tiles } from '../report/html.js';
import { showable, toSharp } from '../sharp-image.js';
import { overlayOf } from './overlay.js';
import type { WrittenPair } from './prepare.js';
import { PART_ROLES, type PartRole } from './raw-pair.js';
import { readToShow } from './read-to-show.js';
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
  /** Whether images of two cameras were brought over each other. */
  readonly overlays: boolean;
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
  for (const pair of chosen)
    rows.push(await row(pair, before.get(`${pair.phase}/${pair.stem}`)!, out, report.overlays));
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

async function row(pair: WrittenPair, raw: SplitPair, out: string, overlays: boolean): Promise<string> {
  const originals = [...new Set(PART_ROLES.flatMap(role => raw.parts[role]?.file ?? []))];
  const made = PART_ROLES.filter(role => pair.files[role] !== undefined);
  const cells: string[] = [];
  for (const file of originals) cells.push(await picture(file, 'before', false));
  const { source, image } = raw.parts;
  if (overlays && source !== undefined && image !== undefined && source.panel === undefined)
    cells.push(await overlay(source.file, image.file, 'over each other, before'));
  for (const role of made) cells.push(await picture(join(out, pair.files[role]!), roleInWords[role], isMap(role)));
  if (overlays && pair.files.source !== undefined && pair.files.image !== undefined)
    cells.push(
      await overlay(join(out, pair.files.source), join(out, pair.files.image), 'over each other, as trained on'),
    );
  return `<section><h3>${escapeHtml(`${pair.phase}/${pair.stem}`)}</h3><div style="display:flex;flex-wrap:wrap;gap:.75rem">${cells.join('')}</div></section>`;
}

function isMap(role: PartRole): boolean {
  return role === 'label' || role === 'instance';
}

async function picture(file: string, what: string, ids: boolean): Promise<string> {
  const shown = showable(ids ? colouredIds(await decodeInstanceMap(file)) : await readToShow(file));
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

async function overlay(a: string, b: string, what: string): Promise<string> {
  const [first, second] = [await decodeImage(a, undefined, ANY_SCALE), await decodeImage(b, undefined, ANY_SCALE)];
  const scale = LONGEST / Math.max(first.width, first.height);
  const shown = overlayOf(first, second, Math.round(first.width * scale), Math.round(first.height * scale));
  const png = await toSharp(shown).png().toBuffer();
  return `<figure style="margin:0">${pngImage(png, what)}<figcaption>${escapeHtml(what)}</figcaption></figure>`;
}

function colouredIds({ width, height, data }: IdMap): Image8 {
  const folded = Array.from(data, id => id % 4093);
  return { width, height, channels: 3, data: colourLabels(folded, 4093) };
}
