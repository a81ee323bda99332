/**
 * Label images from files of any format. Depends on data/decode, data/files and labels-of.ts.
 */
import { decodeImage, decodeLabelMap } from '../../data/decode/decode.js';
import { readHeader } from '../../data/files/header.js';
import { type ImageFile, nameOf } from '../../data/files/image-file.js';
import type { IdMap, Raster } from '../../raster.js';
import { type LabelHints, type LabelReading, labelsOf } from './labels-of.js';
import { colourText, type Palette } from './palette.js';

/**
 * Reads a label image and recognises what it is, as {@link labelsOf}; of PNG and TIFF the values as they are stored.
 *
 * The ids of a palette PNG are its indices; but where the hints have a palette of which they are not the ids, as after an
 * optimiser of files, its colours count.
 *
 * @throws UserError naming the file where it cannot be read or is no label image.
 */
export async function readLabels(
  file: ImageFile,
  hints: Omit<LabelHints, 'name' | 'isLossy'> = {},
): Promise<LabelReading> {
  const header = await readHeader(file, 'reading a label image');
  const isLossy = (header.format !== 'png' && header.format !== 'tiff') || header.stored?.lossy !== undefined;
  const known = { ...hints, name: nameOf(file), isLossy };
  const samples = header.alpha ? header.channels - 1 : header.channels;
  if (hints.panoptic !== undefined || isLossy) return labelsOf(await decodeImage(file, header), known);
  if (!header.palette && samples > 1) return labelsOf(await decodeImage(file, header), known);
  const labels = await decodeLabelMap(file, header);
  if (!header.palette || hints.palette === undefined) return labelsOf(labels, known);
  const image = await decodeImage(file, header);
  return areIdsOf(hints.palette, labels, image) ? labelsOf(labels, known) : labelsOf(image, known);
}

/** Whether the indices of an image are the ids of its colours. */
function areIdsOf({ entries, ignore = [] }: Palette, { data: ids }: IdMap, { data, channels }: Raster): boolean {
  const meanings = new Set(entries.map(({ id, color }) => `${id} ${colourText(color)}`));
  for (const color of ignore) meanings.add(`255 ${colourText(color)}`);
  const checked = new Set<number>();
  return ids.every((id, i) => {
    if (checked.has(id)) return true;
    checked.add(id);
    const [r, g, b] = data.subarray(i * channels, i * channels + 3);
    return meanings.has(`${id} ${colourText([r!, g!, b!])}`);
  });
}
