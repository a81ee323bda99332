/** `pix2pixhd check`: checks a data set and prints the report. */

import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import sharp from 'sharp';
import { resolveConfig } from '../config/argv.js';
import { withModelInputs } from '../config/baselines.js';
import { checkCommand } from '../config/commands/check.js';
import { layoutFor } from '../config/inputs.js';
import { checkDataset } from '../data/check/check.js';
import { hasErrors, type Report } from '../data/check/findings.js';
import { withDatasetOptions } from '../data/dataset-file.js';
import { reasonOf, UsageError, UserError } from '../errors.js';
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
  const { given } = readOptions(checkCommand, argv, terminal);
  const options = resolveConfig(checkCommand, withModelInputs(withDatasetOptions(given)));
  const { dataroot, phase, labelMap, inputNc, outputNc, inputRange, outputRange } = options;
  const { quick, all, preview } = options;
  const layout = layoutFor(options);
  if (options.alignment && layout.domains !== undefined) throw nothingToAlign();
  const report = await checkDataset(dataroot, {
    labelMap,
    inputNc,
    outputNc,
    inputRange,
    outputRange,
    ...layout,
    full: !quick,
    ...(phase === null ? {} : { phases: [phase] }),
  });
  const text = renderReport(report, dataroot, all ? Number.POSITIVE_INFINITY : listedPerKind);
  const boundary = await showBoundary(report.boundary, preview);
  const ready = !hasErrors(report);
  const aligned =
    options.alignment && ready ? await checkAlignment(dataroot, phase ?? 'train', layout, options.overlays) : undefined;
  const { samples, unpaired, findings, suggestedLabelNc, values } = report;
  // A dataset that is not ready is an error, which --quiet prints.
  const print = ready ? terminal.result : terminal.answer;
  const alignment = aligned?.summary;
  print(
    { ready, samples, unpaired, suggestedLabelNc, findings, values, alignment },
    `${text}${aligned === undefined ? '' : `${aligned.text}\n`}${boundary}\n`,
  );
  return ready ? 0 : 1;
}

function nothingToAlign(): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'checking a dataset',
    where: '--alignment',
    found: '--model cycle-gan, which has no pairs',
    expected: 'pairs of images, whose distance is measured',
    remedy: 'leave one of the two out',
  });
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
