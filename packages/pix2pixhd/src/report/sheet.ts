/**
 * The sample sheet: rows of images side by side (input, generated, real) in one PNG, captions above and labels beside them.
 * Depends on sharp, `lettering.ts` and the image type of the evaluation module.
 */

import sharp, { type OverlayOptions } from 'sharp';
import type { Image8 } from '../raster.js';
import { toSharp } from '../sharp-image.js';
import { shortened, textPath, textWidth } from './lettering.js';

/** One row of the sheet. */
export interface SheetRow {
  /** What the row shows: a file name, and optionally figures on further lines. */
  readonly label?: string;
  /** One image per column, grey or RGB, all of the same size. */
  readonly images: readonly Image8[];
}

/** What a sheet shows. */
export interface Sheet {
  readonly title?: string;
  /** The captions: `['input', 'generated', 'real']`. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
}

/** Images are shown between these lengths of their longer side; larger ones are reduced, tiny ones enlarged. */
const LONGEST = 512;
const SHORTEST = 96;

const MARGIN = 28;
const GAP = 10;
const BLOCK_GAP = 40;
const TITLE = { size: 20, height: 40, colour: '#1b1b1a' };
const CAPTION = { size: 14, height: 26, colour: '#1b1b1a' };
const LABEL = { size: 12, lineHeight: 16, gap: 14, widest: 120, colour: '#5f5e5a' };
const FRAME = '#e4e3df';

/**
 * Composes a sheet. Where the rows would make it much taller than wide they continue in a second block beside the first.
 *
 * @returns the PNG file, RGB on white.
 * @throws RangeError where images differ in size, a row does not have one image per column, or there are no rows.
 */
export async function composeSheet(sheet: Sheet): Promise<Buffer> {
  const layout = layOut(sheet);
  const overlays = await Promise.all(
    sheet.rows.flatMap((row, r) =>
      row.images.map(async (image, c): Promise<OverlayOptions> => {
        const { x, y } = layout.cell(r, c);
        return { input: await shown(image, layout), left: x, top: y, raw: { ...layout.shown, channels: 3 } };
      }),
    ),
  );
  const drawing = Buffer.from(lettersAndFrames(sheet, layout));
  const { width, height } = layout;
  return sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...overlays, { input: drawing, left: 0, top: 0 }])
    .removeAlpha()
    .png({ compressionLevel: 7 })
    .toBuffer();
}

interface Layout {
  readonly width: number;
  readonly height: number;
  /** Size of an image on the sheet. */
  readonly shown: { readonly width: number; readonly height: number };
  readonly enlarged: boolean;
  readonly rowsPerBlock: number;
  readonly labelWidth: number;
  /** Where the image of a row and a column has its upper left corner. */
  readonly cell: (row: number, column: number) => { x: number; y: number };
}

function layOut({ title, columns, rows }: Sheet): Layout {
  const size = commonSize(columns, rows);
  const longest = Math.max(size.width, size.height);
  const scale = longest > LONGEST ? LONGEST / longest : longest < SHORTEST ? Math.ceil(SHORTEST / longest) : 1;
  const shown = {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
  const widestLine = Math.max(0, ...rows.flatMap(row => linesOf(row).map(line => textWidth(line, LABEL.size))));
  const labelWidth = widestLine === 0 ? 0 : Math.ceil(Math.min(widestLine, LABEL.widest)) + LABEL.gap;
  const blockWidth = labelWidth + columns.length * (shown.width + GAP) - GAP;
  const top = MARGIN + (title === undefined ? 0 : TITLE.height) + CAPTION.height;
  const rowHeight = shown.height + GAP;

  const sized = (blocks: number): { width: number; height: number } => ({
    width: 2 * MARGIN + blocks * (blockWidth + BLOCK_GAP) - BLOCK_GAP,
    height: top + Math.ceil(rows.length / blocks) * rowHeight - GAP + MARGIN,
  });
  let blocks = 1;
  while (blocks < rows.length && sized(blocks).height > 1.25 * sized(blocks).width) blocks++;
  const rowsPerBlock = Math.ceil(rows.length / blocks);
  // Rounding up the rows of a block may have emptied the last one.
  const { width, height } = sized(Math.ceil(rows.length / rowsPerBlock));
  const titleWidth = title === undefined ? 0 : Math.ceil(textWidth(title, TITLE.size, 'bold'));

  return {
    width: Math.max(width, titleWidth + 2 * MARGIN),
    height,
    shown,
    enlarged: scale > 1,
    rowsPerBlock,
    labelWidth,
    cell: (row, column) => ({
      x: MARGIN + Math.floor(row / rowsPerBlock) * (blockWidth + BLOCK_GAP) + labelWidth + column * (shown.width + GAP),
      y: top + (row % rowsPerBlock) * rowHeight,
    }),
  };
}

function commonSize(columns: readonly string[], rows: readonly SheetRow[]): { width: number; height: number } {
  const first = rows[0]?.images[0];
  if (first === undefined) throw new RangeError('a sample sheet without images');
  for (const [r, { images }] of rows.entries()) {
    if (images.length !== columns.length) {
      throw new RangeError(`row ${r} of the sample sheet has ${images.length} images for ${columns.length} columns`);
    }
    for (const { width, height, channels, data } of images) {
      if (width !== first.width || height !== first.height) {
        throw new RangeError(
          `row ${r} of the sample sheet has an image of ${width}×${height}, others have ${first.width}×${first.height}`,
        );
      }
      if ((channels !== 1 && channels !== 3) || data.length !== width * height * channels) {
        throw new RangeError(`row ${r} of the sample sheet: ${data.length} values for ${width}×${height}×${channels}`);
      }
    }
  }
  return first;
}

/** The image as it is on the sheet: (H, W, 3), 8 bits. */
function shown(pixels: Image8, layout: Layout): Promise<Buffer> {
  const { width, height } = pixels;
  let image = toSharp(pixels);
  if (width !== layout.shown.width || height !== layout.shown.height) {
    // Enlarged pixels stay square, to show what the network made.
    image = image.resize({ ...layout.shown, fit: 'fill', kernel: layout.enlarged ? 'nearest' : 'lanczos3' });
  }
  return image.toColourspace('srgb').raw().toBuffer();
}

function lettersAndFrames({ title, columns, rows }: Sheet, layout: Layout): string {
  const parts: string[] = [];
  if (title !== undefined) parts.push(textPath(title, MARGIN, MARGIN + TITLE.size, TITLE.size, TITLE.colour, 'bold'));
  for (let row = 0; row < rows.length; row += layout.rowsPerBlock) {
    for (const [column, caption] of columns.entries()) {
      const { x, y } = layout.cell(row, column);
      const text = shortened(caption, layout.shown.width, CAPTION.size, 'bold');
      parts.push(textPath(text, x, y - CAPTION.height + CAPTION.size + 2, CAPTION.size, CAPTION.colour, 'bold'));
    }
  }
  for (const [r, row] of rows.entries()) {
    parts.push(...label(row, r, layout));
    for (const c of columns.keys()) {
      const { x, y } = layout.cell(r, c);
      const { width, height } = layout.shown;
      parts.push(
        `<rect x="${x - 0.5}" y="${y - 0.5}" width="${width + 1}" height="${height + 1}" fill="none" stroke="${FRAME}"/>`,
      );
    }
  }
  const { width, height } = layout;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
}

/** The lines of a label, centred beside the row's images. */
function label(row: SheetRow, r: number, layout: Layout): string[] {
  const lines = linesOf(row);
  const { x, y } = layout.cell(r, 0);
  const first = y + layout.shown.height / 2 - ((lines.length - 1) * LABEL.lineHeight) / 2 + LABEL.size * 0.35;
  return lines.map((line, i) => {
    const text = shortened(line, LABEL.widest, LABEL.size);
    return textPath(text, x - layout.labelWidth, first + i * LABEL.lineHeight, LABEL.size, LABEL.colour);
  });
}

function linesOf(row: SheetRow): string[] {
  return row.label === undefined || row.label === '' ? [] : row.label.split('\n');
}
