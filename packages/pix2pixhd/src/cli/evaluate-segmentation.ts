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
import { type ScoredScenes, scoreScenes } from '../segmentation/score-scenes.js';
import { scoresOf } from '../segmentation/scores.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import { advised } from './advice.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { aboveOracle, renderClasses, renderScores, type ScoredMethod } from './segmentation-text.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const FORMAT = 'pix2pixhd-segmentation-scores';
const named = 5;

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, operands } = readOptions(evaluateSegmentationCommand, argv, terminal);
  const options = resolveConfig(evaluateSegmentationCommand, given);
  const { dataroot, phase } = options;
  const folders = foldersOf(operands);
  // In float32 everywhere: scores must not depend on what the hardware multiplies.
  const compute = chooseCompute({ ...options, precision: 'fp32' });
  configureProcess({ threads: options.threads, device: compute.device });
  await using segmenter = await openSegmenter(options.segmenter, compute, process.cwd());
  const layout = { labelNc: segmenter.labelNc, useInstance: false, warn: terminal.notice };
  const samples = findSamples(dataroot, phase, layout);
  const methods = new Map([...folders].map(([method, folder]) => [method, imagesOf(method, folder, terminal)]));
  const matched = matchScenes(samples, methods);
  const { scenes } = matched;
  const guard = outputGuard(options, [
    options.segmenter,
    ...samples.flatMap(({ label, image }) => [label!, image!]),
    ...scenes.flatMap(({ images }) => [...images.values()]),
  ]);
  if (options.out !== null) guard.checkAll([options.out]);
  sayMatched(matched, samples.length, terminal);
  const line = new StatusLine(terminal.out);
  using interrupt = new Interrupt(() => terminal.error.write('\nending; press Ctrl-C again to leave at once\n'));
  let done = 0;
  const result = await scoreScenes(segmenter, scenes, {
    signal: interrupt.signal,
    async onScene({ stem }) {
      line.show(`${++done}/${scenes.length}  ${printable(stem)}`);
      terminal.event('scene', { stem, done, total: scenes.length });
      await nextTurn();
    },
  });
  line.clear();
  if (interrupt.requested) {
    terminal.error.write(`Interrupted after ${done} of ${scenes.length} scenes; nothing is written\n`);
    terminal.result({ reason: 'interrupted', scenes: done }, '');
    return interrupt.exitCode;
  }
  if (result.scored === 0) throw advised(result.excluded[0]!.error, evaluateSegmentationCommand.name);
  sayExcluded(result, scenes.length, terminal);
  const scored = [...result.matrices].map(([method, matrix]) => ({ method, scores: scoresOf(matrix) }));
  const fields = fieldsOf(segmenter, matched, result, scored);
  if (options.out !== null)
    guard.write(options.out, `${JSON.stringify({ format: FORMAT, ...fields, matrices: rowsOf(result) }, null, 1)}\n`);
  terminal.answer(
    { reason: 'finished', ...fields, out: options.out },
    textOf(options.classes ? dataroot : null, segmenter, result, scored, options.out),
  );
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

function outputGuard({ force }: { readonly force: boolean }, inputs: readonly string[]): OutputGuard {
  return new OutputGuard({
    doing: 'writing the scores',
    elsewhere: 'give --out another file',
    inputs,
    force,
    isOurs: file => readFileSync(file, 'utf8').startsWith(`{\n "format": "${FORMAT}"`),
  });
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
  notice(
    `warning: ${excluded.length} of ${of} scenes are not scored for any method, since an image cannot be used: ${few.join('; ')}${excluded.length > named ? '; …' : ''}`,
  );
}

function fieldsOf(
  segmenter: Segmenter,
  { missing }: MatchedScenes,
  result: ScoredScenes,
  scored: readonly ScoredMethod[],
) {
  const oracle = scored.find(({ method }) => method === ORACLE)!;
  return {
    segmenter: segmenter.path,
    protocol: segmenter.protocol,
    scenes: result.scored,
    pixels: result.pixels,
    missing: Object.fromEntries(missing),
    excluded: result.excluded.map(({ stem, method, error: { code, parts } }) => ({
      stem,
      method,
      code,
      where: parts.where,
      found: parts.found,
    })),
    methods: scored.map(one => ({
      method: one.method,
      ...one.scores,
      aboveOracle: aboveOracle(one, oracle.scores).length > 0,
    })),
  };
}

function rowsOf({ matrices }: ScoredScenes): Record<string, number[][]> {
  return Object.fromEntries([...matrices].map(([method, matrix]) => [method, matrix.toRows()]));
}

/** @param classesOf the data set whose classes are listed; null for none. */
function textOf(
  classesOf: string | null,
  segmenter: Segmenter,
  { scored: count, pixels }: ScoredScenes,
  scored: readonly ScoredMethod[],
  out: string | null,
): string {
  const oracle = scored.at(-1)!;
  const classes = oracle.scores.perClass.filter(({ iou }) => iou !== null).length;
  const skipped = [
    ...(pixels.ignored > 0 ? [`${pixels.ignored} have no class`] : []),
    ...(pixels.unknown > 0 ? [`${pixels.unknown} have a class that the segmenter does not know`] : []),
  ];
  const names = classesOf === null ? [] : (readClasses(classesOf) ?? []);
  return [
    `${count} scenes by ${printable(segmenter.path)}, ${segmenter.protocol}`,
    `${pixels.scored} pixels of each method${skipped.length === 0 ? '' : `; not scored: ${skipped.join(', ')}`}`,
    '',
    renderScores(scored),
    `Means over the classes that label maps or segmentation have (oracle: ${classes} of ${segmenter.labelNc}).`,
    ...(classesOf === null ? [] : ['', renderClasses(scored, new Map(names.map(({ id, name }) => [id, name])))]),
    ...scored.flatMap(one => aboveOracle(one, oracle.scores)).map(sentence => `warning: ${sentence}`),
    ...(out === null ? [] : [`Everything is in ${printable(out)}`]),
    '',
  ].join('\n');
}
