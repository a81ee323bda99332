/** `pix2pixhd check --alignment`: how far the images of two cameras are apart. */
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { type FindOptions, findSamples, type Sample } from '../data/find/pairs.js';
import { spread } from '../data/survey/survey.js';
import { reasonOf, UserError } from '../errors.js';
import { OutputGuard } from '../output/guard.js';
import { markedPng } from '../output/own-files.js';
import { loadThrough, measureSet } from '../prepare/align.js';
import { type AlignmentSummary, measureAlignment } from '../prepare/alignment/index.js';
import { describeAlignment } from '../prepare/alignment-text.js';
import { overlayOf } from '../prepare/overlay.js';
import type { RawPair } from '../prepare/raw-pair.js';
import { printable } from '../printable.js';
import { composeSheet } from '../report/sheet.js';

/** Overlays on a sheet, and their width in pixels. */
const SHOWN = 6;
const WIDTH = 320;

/**
 * Measures the training pairs.
 *
 * @param overlays the PNG of a sheet, or null.
 * @throws UserError where inputs are no images, or the sheet cannot be written.
 */
export async function checkAlignment(
  dataroot: string,
  phase: string,
  layout: FindOptions,
  overlays: string | null,
): Promise<{ readonly summary: AlignmentSummary; readonly text: string }> {
  const samples = findSamples(dataroot, phase, layout);
  const pairs = samples.flatMap(pairOf);
  if (pairs.length === 0)
    throw new UserError({
      code: 'IMAGE_UNSUITABLE',
      doing: 'measuring how far inputs and targets are apart',
      where: dataroot,
      found: 'no pairs of images',
      expected: 'input images and target images (--label-nc 0)',
      remedy: 'leave --alignment out: label maps are drawn on the image itself',
    });
  const load = loadThrough([]);
  const summary = await measureSet(pairs, load);
  const lines = [describeAlignment(summary)];
  if (summary.median !== undefined && summary.median > 1.5)
    lines.push(
      '  remedy: pix2pixhd prepare --align rig, for cameras that are fixed to each other; --align pair otherwise',
    );
  if (overlays !== null) {
    await writeOverlays(overlays, spread(pairs, SHOWN), load);
    lines.push(`Overlays are in ${printable(overlays)}: inputs in red, targets in green and blue.`);
  }
  return { summary, text: lines.join('\n') };
}

function pairOf({ stem, source, image }: Sample): readonly RawPair[] {
  return source === undefined || image === undefined
    ? []
    : [{ stem, parts: { source: { file: source }, image: { file: image } } }];
}

async function writeOverlays(
  path: string,
  pairs: readonly RawPair[],
  load: ReturnType<typeof loadThrough>,
): Promise<void> {
  const guard = new OutputGuard({
    doing: 'writing the overlays',
    elsewhere: 'give --overlays another name',
    inputs: pairs.flatMap(({ parts }) => Object.values(parts).map(({ file }) => file)),
  });
  guard.checkAll([path]);
  const rows = [];
  let height: number | undefined;
  for (const pair of pairs) {
    const { a, b } = await load(pair);
    height ??= Math.round((WIDTH * a.height) / a.width);
    const found = measureAlignment(a, b);
    const apart = found.known ? `${found.displacement.mean.toFixed(1)} px apart` : 'cannot tell';
    rows.push({ label: `${pair.stem}\n${apart}`, images: [overlayOf(a, b, WIDTH, height)] });
  }
  const png = await composeSheet({ columns: ['input over target'], rows });
  try {
    guard.claim(path);
    writeFileAtomic(path, markedPng(png));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      {
        code: 'CANNOT_WRITE',
        doing: 'writing the overlays',
        where: path,
        found: reasonOf(cause),
        expected: 'a file that can be written',
        remedy: 'give --overlays a file in a folder that exists and that you may write to',
      },
      { cause },
    );
  }
}
