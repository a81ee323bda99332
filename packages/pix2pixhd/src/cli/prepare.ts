/** `pix2pixhd prepare`: makes a data set of raw material. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { mapConcurrently } from '../concurrently.js';
import { resolveConfig } from '../config/argv.js';
import { type PrepareConfig, prepareCommand } from '../config/commands/prepare.js';
import { UserError } from '../errors.js';
import { decideRig, loadThrough } from '../prepare/align.js';
import { readCalibration } from '../prepare/alignment/index.js';
import { describeRig } from '../prepare/alignment-text.js';
import { DoesNotTell } from '../prepare/does-not-tell.js';
import { treatLabels } from '../prepare/label-maps.js';
import { findMaterial, radiometricFiles } from '../prepare/material.js';
import { hashOf, nearDuplicates } from '../prepare/near-duplicates.js';
import { factsOf } from '../prepare/options.js';
import { finish, type Plan, type WrittenPair, writePairs } from '../prepare/prepare.js';
import type { Material, RawPair } from '../prepare/raw-pair.js';
import { renderPreparedPage } from '../prepare/report-page.js';
import { takeRadiometric } from '../prepare/sources/radiometric.js';
import { takeFrames } from '../prepare/sources/videos.js';
import { type SplitPair, type SplitUnit, splitPairs, unitOf } from '../prepare/split.js';
import { type PlannedStep, stepOf } from '../prepare/steps.js';
import { printable } from '../printable.js';
import { shellWord } from '../shell-word.js';
import { findFfmpeg } from '../video/ffmpeg.js';
import { isVideoName } from '../video/probe.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

const SHOWN = 5;
const REPORT_FILE = 'report.html';

const unitsInWords: Readonly<Record<SplitUnit, string>> = {
  phase: 'as the material is split',
  group: 'by groups that stay together',
  block: 'by blocks of frames that follow each other',
  pair: 'pair by pair',
};

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given } = readOptions(prepareCommand, argv, terminal);
  const options = resolveConfig(prepareCommand, given);
  const frames = `${options.out}.frames`;
  const folders = await framesOf(options, frames, terminal);
  const { material: found, steps: drawn, classes: named } = await findMaterial({ ...options, ...folders });
  terminal.say(`${found.what}: ${found.pairs.length} pairs`);
  tellLeftOut(found, terminal);
  const labels = await treatLabels(found.pairs, options);
  const material = { ...found, pairs: labels.pairs };
  const aligned = await alignmentOf(options, material.pairs, [...drawn, ...labels.steps], terminal.say);
  const told = [...labels.told, ...aligned.told];
  const { plan, unit } = planOf(options, material, aligned.steps, { ...labels.decided, ...aligned.decided });
  const classes = named ?? labels.classes;
  for (const line of told) terminal.say(line);
  const stop = new AbortController();
  using interrupt = new Interrupt(() => stop.abort());
  const line = new StatusLine(terminal.out);
  const silent: Material['leftOut'][number][] = [];
  const written = await writePairs(plan, {
    signal: stop.signal,
    onPair: (done, total) => {
      line.show(`${done}/${total}`);
      terminal.event('pair', { done, total });
    },
    onFailure: (pair, error) => {
      if (!(error instanceof DoesNotTell)) throw error;
      silent.push({ file: pair.stem, why: error.parts.found });
    },
  });
  line.clear();
  if (written.pairs.length === 0 && silent.length > 0) throw DoesNotTell.of(silent[0]!.file, silent[0]!.why);
  if (silent.length > 0)
    terminal.notice(`${silent.length} pairs are left out: their images do not tell how they lie over each other`);
  if (interrupt.requested) {
    terminal.error.write(
      `Interrupted; ${written.pairs.length} of ${plan.pairs.length} pairs are done. The same command goes on.\n`,
    );
    return interrupt.exitCode;
  }
  terminal.say('looking at the values and for near duplicates');
  const facts = await factsOf(options.out, written.pairs, classes?.length, options);
  const twins = await twinsOf(options.out, written.pairs);
  const counts = countsOf(written.pairs);
  const record = {
    pairs: counts,
    leftOut: [...material.leftOut, ...silent],
    nearDuplicates: twins,
    values: facts.values,
  };
  finish(plan, facts.options, record, classes);
  const train = `pix2pixhd train --dataroot ${shellWord(options.out)} --name NAME`;
  const notes = [...told, ...(written.pairs.every(({ phase }) => phase === 'train') ? [] : notesOf(unit, twins))];
  const html = await renderPreparedPage(
    {
      title: `Prepared: ${options.out}`,
      figures: [
        ['material', material.what],
        ...Object.entries(counts).map(([phase, count]) => [phase, `${count} pairs`] as const),
        ['split', unitsInWords[unit]],
        ['left out', `${material.leftOut.length + silent.length} files`],
      ],
      notes,
      command: train,
      overlays: options.align !== 'none',
    },
    options.out,
    plan.pairs,
    written.pairs,
  );
  writeFileAtomic(join(options.out, REPORT_FILE), html);
  // Frames of videos have names in the data set now.
  rmSync(frames, { recursive: true, force: true });
  const result = {
    out: options.out,
    pairs: counts,
    options: facts.options,
    nearDuplicates: twins,
    linked: written.linked,
  };
  const inWords = Object.entries(counts).map(([phase, count]) => `${count} ${phase}`);
  terminal.result(
    result,
    [
      `${options.out}: ${inWords.join(' and ')} pairs, split ${unitsInWords[unit]}; ${written.linked} files are second names of the originals`,
      ...(written.before > 0 ? [`${written.before} pairs were there already`] : []),
      ...notes,
      `Look at ${join(options.out, REPORT_FILE)}`,
      `Train with: ${train}`,
      '',
    ].join('\n'),
  );
  return 0;
}

/** Folders of images in the place of videos and of files that hold several. */
async function framesOf(
  options: PrepareConfig,
  frames: string,
  { notice, out, event }: Terminal,
): Promise<{ readonly from?: null; readonly inputs: string | null; readonly targets: string | null }> {
  const { inputs, targets, every, ffmpeg } = options;
  const taken = { inputs, targets };
  const line = new StatusLine(out);
  const radiometric = radiometricFiles(options);
  if (radiometric !== undefined) {
    const places = await takeRadiometric(radiometric, frames, count => line.show(`${count}/${radiometric.length}`));
    line.clear();
    return { from: null, ...places };
  }
  for (const role of ['inputs', 'targets'] as const) {
    const file = taken[role];
    if (file === null || !isVideoName(file)) continue;
    const tools = await findFfmpeg(ffmpeg, process.env.FFMPEG);
    const folder = join(frames, role);
    const onFrame = (count: number) => {
      line.show(`${printable(file)}: ${count} frames`);
      event('frame', { file, count });
    };
    await takeFrames(tools, { file, folder, every, onNotice: notice, onFrame });
    line.clear();
    taken[role] = folder;
  }
  return taken;
}

function planOf(
  options: PrepareConfig,
  material: Material,
  steps: readonly PlannedStep[],
  decided: Readonly<Record<string, unknown>>,
): { readonly plan: Plan; readonly unit: SplitUnit } {
  const unit = options.split === 'auto' ? unitOf(material.pairs) : options.split;
  if (unit === 'group' && material.pairs.some(({ group }) => group === undefined)) throw withoutGroups();
  const { test: share, block, seed } = options;
  const pairs = splitPairs(material.pairs, { unit, share, block, seed });
  const split = { unit, share, seed, ...(unit === 'block' && { block }) };
  const { direction, background, overlaps } = options;
  const drawn = options.annotations === null ? {} : { annotations: { background, overlaps } };
  const decisions = { material: material.what, direction, ...drawn, ...decided, split };
  return { plan: { out: options.out, pairs, steps, decisions, copy: options.copy }, unit };
}

/** What brings the images of two cameras over each other, and what is to be said of it. */
async function alignmentOf(
  { align, alignModel, calibrationInputs, calibrationTargets }: PrepareConfig,
  pairs: readonly RawPair[],
  drawn: readonly PlannedStep[],
  say: (line: string) => void,
): Promise<{
  readonly steps: readonly PlannedStep[];
  readonly decided: Readonly<Record<string, unknown>>;
  readonly told: readonly string[];
}> {
  const steps: PlannedStep[] = [
    ...drawn,
    ...(calibrationInputs === null
      ? []
      : [{ kind: 'undistort', role: 'source', calibration: readCalibration(calibrationInputs) } as const]),
    ...(calibrationTargets === null
      ? []
      : [{ kind: 'undistort', role: 'image', calibration: readCalibration(calibrationTargets) } as const]),
  ];
  const calibrated = {
    ...(calibrationInputs && { calibrationInputs }),
    ...(calibrationTargets && { calibrationTargets }),
  };
  if (align === 'none') return { steps, decided: calibrated, told: [] };
  if (align === 'pair') {
    const decided = { ...calibrated, alignment: { align, model: alignModel } };
    return { steps: [...steps, { kind: 'pair', model: alignModel }], decided, told: [] };
  }
  say('estimating how the cameras lie to each other');
  const decision = await decideRig(pairs, loadThrough(steps.map(stepOf)), alignModel);
  const { model, transform, frame, box, rig } = decision;
  const { displacement, remaining, correlation } = rig;
  const alignment = { align, model, transform, frame, box, displacement, remaining, correlation };
  return {
    steps: [...steps, { kind: 'rig', decision }],
    decided: { ...calibrated, alignment },
    told: describeRig(decision),
  };
}

function withoutGroups(): UserError {
  return new UserError({
    code: 'BAD_OPTION',
    doing: 'splitting the pairs',
    where: '--split group',
    found: 'material without groups',
    expected: 'sequences, cities or subjects that pairs belong to',
    remedy: "say what of a name tells its group: --group '^(\\w+)_\\d+'; or give --split block",
  });
}

function tellLeftOut({ leftOut }: Material, { notice }: Terminal): void {
  if (leftOut.length === 0) return;
  const shown = leftOut.slice(0, SHOWN).map(({ file, why }) => `${printable(file)} ${why}`);
  notice(`${leftOut.length} files are left out: ${shown.join('; ')}${leftOut.length > SHOWN ? '; …' : ''}`);
}

/** Held-out pairs that look like training pairs, by their targets. */
async function twinsOf(out: string, pairs: readonly WrittenPair[]): Promise<readonly (readonly [string, string])[]> {
  const fileOf = ({ files }: WrittenPair) => join(out, (files.image ?? files.source)!);
  const held = pairs.filter(({ phase }) => phase !== 'train');
  const training = pairs.filter(({ phase }) => phase === 'train');
  const hashes = (list: readonly WrittenPair[]) => mapConcurrently(list, pair => hashOf(fileOf(pair)));
  const [a, b] = held.length === 0 ? [[], []] : [await hashes(held), await hashes(training)];
  return nearDuplicates(a, b).map(([i, k]) => [fileOf(held[i]!), fileOf(training[k]!)] as const);
}

function countsOf(pairs: readonly (SplitPair | WrittenPair)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { phase } of pairs) counts[phase] = (counts[phase] ?? 0) + 1;
  return counts;
}

function notesOf(unit: SplitUnit, twins: readonly (readonly [string, string])[]): readonly string[] {
  const [first] = twins;
  if (first === undefined) return ['No held-out target looks like one of training.'];
  const remedy =
    unit === 'group' || unit === 'phase' ? '' : '; --split group, or a longer --block, keeps them together';
  return [`${twins.length} held-out targets look like one of training, such as ${first[0]} and ${first[1]}${remedy}.`];
}
