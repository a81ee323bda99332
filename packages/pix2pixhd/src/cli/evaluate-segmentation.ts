/** `pix2pixhd evaluate-segmentation`: scores folders of generated images by a segmenter, beside the real images. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { resolveConfig } from '../config/argv.js';
import { evaluateSegmentationCommand } from '../config/commands/evaluate-segmentation.js';
import { findSamples } from '../data/find/pairs.js';
import { readClasses } from '../data/labels/classes.js';
import { UsageError } from '../errors.js';
import { filesByStem } from '../inference/image-files.js';
import { OutputGuard } from '../output/guard.js';
import { printable } from '../printable.js';
import { openSegmenter } from '../segmentation/open-segmenter.js';
import { type MatchedScenes, matchScenes, ORACLE, type ResultImages } from '../segmentation/scenes.js';
import { type Scene, type ScoredScenes, scoreScenes } from '../segmentation/score-scenes.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import { matrixRows, summaryOf } from '../segmentation/summary.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { renderSummary } from './segmentation-text.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const FORMAT = 'pix2pixhd-segmentation-scores';
const named = 5;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, operands } = readOptions(evaluateSegmentationCommand, argv, terminal);
  const options = resolveConfig(evaluateSegmentationCommand, given);
  const { dataroot, phase, out } = options;
  const folders = foldersOf(operands);
  // In float32 everywhere: scores must not depend on what the hardware multiplies.
  const compute = chooseCompute({ ...options, precision: 'fp32' });
  configureProcess({ threads: options.threads, device: compute.device });
  await using segmenter = await openSegmenter(options.segmenter, compute, process.cwd());
  const layout = { labelNc: segmenter.labelNc, useInstance: false, warn: terminal.notice };
  const samples = findSamples(dataroot, phase, layout);
  const methods = new Map([...folders].map(([method, folder]) => [method, imagesOf(method, folder, terminal)]));
  const matched = matchScenes(samples, methods);
  const guard = outputGuard(options, matched.scenes);
  if (out !== null) guard.checkAll([out]);
  sayMatched(matched, samples.length, terminal);
  using interrupt = new Interrupt(() => terminal.error.write('\nending; press Ctrl-C again to leave at once\n'));
  const result = await score(segmenter, matched.scenes, interrupt.signal, terminal);
  if (interrupt.requested) {
    terminal.error.write(`Interrupted after ${result.scored} of ${matched.scenes.length} scenes; nothing is written\n`);
    terminal.result({ reason: 'interrupted', scenes: result.scored }, '');
    return interrupt.exitCode;
  }
  if (result.scored === 0) throw result.excluded[0]!.error;
  sayExcluded(result, matched.scenes.length, terminal);
  const summary = summaryOf(result);
  const fields = {
    ...{ segmenter: segmenter.path, protocol: segmenter.protocol },
    ...{ missing: Object.fromEntries(matched.missing), ...summary },
  };
  if (out !== null)
    guard.write(out, `${JSON.stringify({ format: FORMAT, ...fields, matrices: matrixRows(result) }, null, 1)}\n`);
  const names = options.classes ? new Map((readClasses(dataroot) ?? []).map(({ id, name }) => [id, name])) : null;
  const text = `${renderSummary(segmenter, summary, names)}\n`;
  const place = out === null ? '' : `Everything is in ${printable(out)}\n`;
  terminal.answer({ reason: 'finished', ...fields, out }, text + place);
  return 0;
}

/** `NAME=FOLDER`, or a folder whose own name is the method's. */
function foldersOf(operands: readonly string[]): Map<string, string> {
  const problem = (found: string, expected: string) =>
    new UsageError({
      code: 'BAD_OPTION',
      doing: `reading the options of pix2pixhd ${evaluateSegmentationCommand.name}`,
      found,
      expected,
      remedy: `pix2pixhd ${evaluateSegmentationCommand.name} --help has examples`,
    });
  if (operands.length === 0) throw problem('no results', 'NAME=FOLDER for each method, such as ours=results/city');
  const folders = new Map<string, string>();
  for (const operand of operands) {
    const equals = operand.indexOf('=');
    const [method, folder] =
      equals < 0 ? [basename(operand), operand] : [operand.slice(0, equals), operand.slice(equals + 1)];
    if (method === '' || folder === '') throw problem(operand, 'NAME=FOLDER');
    if (method === ORACLE) throw problem(operand, `another name: the real images are the ${ORACLE}`);
    if (folders.has(method))
      throw problem(`two folders with the name ${method}`, 'NAME=FOLDER with a name of its own for each');
    folders.set(method, folder);
  }
  return folders;
}

function imagesOf(method: string, folder: string, { notice }: Terminal): ResultImages {
  return filesByStem(folder, `the results of ${method}`, line => notice(`warning: ${method}: ${line}`));
}

function outputGuard(
  { force, segmenter }: { readonly force: boolean; readonly segmenter: string },
  scenes: readonly Scene[],
): OutputGuard {
  return new OutputGuard({
    doing: 'writing the scores',
    elsewhere: 'give --out another file',
    inputs: [segmenter, ...scenes.flatMap(({ labelMap, images }) => [labelMap, ...images.values()])],
    force,
    isOurs: file => readFileSync(file, 'utf8').startsWith(`{\n "format": "${FORMAT}"`),
  });
}

/** Scores, and shows how far that is. */
async function score(
  segmenter: Segmenter,
  scenes: readonly Scene[],
  signal: AbortSignal,
  terminal: Terminal,
): Promise<ScoredScenes> {
  const line = new StatusLine(terminal.out);
  let done = 0;
  try {
    return await scoreScenes(segmenter, scenes, {
      signal,
      async onScene({ stem }) {
        line.show(`${++done}/${scenes.length}  ${printable(stem)}`);
        terminal.event('scene', { stem, done, total: scenes.length });
        // What is read from a cache comes without a turn of the event loop, in which alone Ctrl-C is seen.
        await nextTurn();
      },
    });
  } finally {
    line.clear();
  }
}

/** Says which scenes are left out since methods lack them, and which images are of no scene. */
function sayMatched({ missing, unmatched, scenes }: MatchedScenes, of: number, { notice }: Terminal): void {
  if (missing.size > 0) {
    const few = [...missing].slice(0, named).map(([stem, methods]) => `${stem} (${methods.join(', ')})`);
    const more = missing.size > named ? ', …' : '';
    notice(
      `warning: ${missing.size} of ${of} scenes are not scored for any method, since one has no image of them: ${few.join(', ')}${more}; ${scenes.length} are left`,
    );
  }
  for (const [method, count] of unmatched)
    if (count > 0) notice(`warning: ${count} images of ${method} are of no scene of this phase, and are not scored`);
}

function sayExcluded({ excluded }: ScoredScenes, of: number, { notice }: Terminal): void {
  if (excluded.length === 0) return;
  const few = excluded.slice(0, named).map(({ error: { parts } }) => `${parts.where}: ${parts.found}`);
  const more = excluded.length > named ? '; …' : '';
  notice(
    `warning: ${excluded.length} of ${of} scenes are not scored for any method, since an image cannot be used: ${few.join('; ')}${more}`,
  );
}
