/** `pix2pixhd check`: checks a data set and prints the report. */

import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import sharp from 'sharp';
import { resolveConfig } from '../config/argv.js';
import { checkCommand } from '../config/commands/check.js';
import { layoutFor } from '../config/inputs.js';
import { checkDataset } from '../data/check/check.js';
import { hasErrors, type Report } from '../data/check/findings.js';
import { withDatasetOptions } from '../data/dataset-file.js';
import { reasonOf, UserError } from '../errors.js';
import { OutputGuard } from '../output/guard.js';
import { markedPng } from '../output/own-files.js';
import { printable } from '../printable.js';
import { textImage } from '../report/text-image.js';
import { checkAlignment } from './check-alignment.js';
import { readOptions } from './options.js';
import { renderReport } from './report-text.js';
import type { Terminal } from './terminal.js';

const listedPerKind = 20;
const previewColumns = 72;

/** Runs the command; 1 where the dataset cannot be trained on as it is. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(checkCommand, withDatasetOptions(readOptions(checkCommand, argv, terminal).given));
  const { dataroot, phase, labelNc, labelMap, inputs, inputNc, outputNc, inputRange, outputRange } = options;
  const { noInstance, quick, all, preview } = options;
  const report = await checkDataset(dataroot, {
    labelMap,
    inputNc,
    outputNc,
    inputRange,
    outputRange,
    ...layoutFor({ labelNc, noInstance, inputs }),
    full: !quick,
    ...(phase === null ? {} : { phases: [phase] }),
  });
  const text = renderReport(report, dataroot, all ? Number.POSITIVE_INFINITY : listedPerKind);
  const boundary = await showBoundary(report.boundary, preview);
  const ready = !hasErrors(report);
  const layout = layoutFor({ labelNc, noInstance, inputs });
  const aligned =
    options.alignment && ready ? await checkAlignment(dataroot, phase ?? 'train', layout, options.overlays) : undefined;
  const { samples, findings, suggestedLabelNc, values } = report;
  // A dataset that is not ready is an error, which --quiet prints.
  const print = ready ? terminal.result : terminal.answer;
  const alignment = aligned?.summary;
  print(
    { ready, samples, suggestedLabelNc, findings, values, alignment },
    `${text}${aligned === undefined ? '' : `${aligned.text}\n`}${boundary}\n`,
  );
  return ready ? 0 : 1;
}

/** Writes the boundary map to `preview`, or draws it in the terminal. */
async function showBoundary(boundary: Report['boundary'], preview: string | null): Promise<string> {
  if (boundary === undefined) return 'No boundary map to preview: no instance map could be read.';
  const { file, width, height, data } = boundary;
  if (preview === null) {
    const image = textImage(data, width, height, previewColumns).join('\n');
    return `${image}\nBoundary map of ${printable(file)}: lines should separate objects. In full size: --preview boundaries.png`;
  }
  const guard = new OutputGuard({
    doing: 'writing the preview of a boundary map',
    elsewhere: 'give --preview another name',
    inputs: [file],
  });
  guard.checkAll([preview]);
  const png = await sharp(data, { raw: { width, height, channels: 1 } })
    .threshold(1)
    .png()
    .toBuffer();
  try {
    guard.claim(preview);
    writeFileAtomic(preview, markedPng(png));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      {
        code: 'CANNOT_WRITE',
        doing: 'writing the preview of a boundary map',
        where: preview,
        found: reasonOf(cause),
        expected: 'a file that can be written',
        remedy: 'give --preview a file in a folder that exists and that you may write to',
      },
      { cause },
    );
  }
  return `Boundary map of ${printable(file)} written to ${printable(preview)}: white lines should separate objects.`;
}
