/**
 * From options to a data set: the steps of `prepare` one after the other. Prints nothing and handles no signal: command line and
 * programs are told by events, and stop it by an AbortSignal. Depends on the other files of prepare.
 */
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { DatasetOptions } from '../data/dataset-file.js';
import type { ValueSurvey } from '../data/survey/survey.js';
import { shellWord } from '../shell-word.js';
import { type Decided, type DecideOptions, decide } from './decide.js';
import { DoesNotTell } from './does-not-tell.js';
import { findMaterial } from './material.js';
import { twinsOf } from './near-duplicates.js';
import { factsOf } from './options.js';
import { counted, describeTwins, unitsInWords } from './outcome-text.js';
import { finish, type WrittenPair, writePairs } from './prepare.js';
import type { Material } from './raw-pair.js';
import { renderPreparedPage } from './report-page.js';
import type { SplitUnit } from './split.js';
import { tidy, type UnpackOptions, unpack } from './unpack.js';

/** What `prepare` is told, as its command has it. */
export type PrepareConfig = UnpackOptions &
  DecideOptions & { readonly inputRange: string; readonly outputRange: string };

/** Files that could not be used, and why. */
export type LeftOut = Material['leftOut'];

/** What happens while a data set is prepared. */
export type PrepareEvent =
  /** So many images have been taken out of a video, or of a folder of radiometric files. */
  | { readonly type: 'taken'; readonly file: string; readonly count: number }
  /** What the material is, its pairs and what has no partner. */
  | { readonly type: 'material'; readonly what: string; readonly pairs: number; readonly leftOut: LeftOut }
  /** A sentence for people: what was decided, what takes a while. */
  | { readonly type: 'note'; readonly text: string }
  /** The same, where something may be wrong. */
  | { readonly type: 'warning'; readonly text: string }
  /** So many pairs are done: 0 first, then after each. */
  | { readonly type: 'pair'; readonly done: number; readonly total: number }
  /** So many pairs have been looked at for near duplicates. */
  | { readonly type: 'compared'; readonly done: number; readonly total: number };

/** How a preparation is followed and stopped. */
export interface PrepareHooks {
  /** Aborted, it ends after the pairs at hand. That is not an error: called again, it goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event; what it throws ends the preparation. */
  readonly onEvent?: ((event: PrepareEvent) => void) | undefined;
}

/** A data set that is whole: what `dataset.json` says of it, and how it came about. */
export interface PreparedDataset {
  readonly reason: 'finished';
  /** Its folder. */
  readonly out: string;
  /** How many pairs each phase has. */
  readonly pairs: Readonly<Record<string, number>>;
  /** The options that `train` and `check` take from it: classes, channels, ranges of values. */
  readonly options: DatasetOptions;
  /** What was decided: palette, alignment, split and the like. */
  readonly decisions: Readonly<Record<string, unknown>>;
  readonly leftOut: LeftOut;
  /** Held-out pairs whose targets look like one of training, each with that one. */
  readonly nearDuplicates: readonly (readonly [string, string])[];
  /** Of images with more than 8 bits what values they have. */
  readonly values: { readonly source?: ValueSurvey; readonly image?: ValueSurvey };
  /** What stays together on one side of the split. */
  readonly split: SplitUnit;
  /** Files that are second names of the originals. */
  readonly linked: number;
  /** Pairs that an earlier, interrupted call had done. */
  readonly before: number;
  /** The page that shows pairs before and after. */
  readonly report: string;
}

/** A preparation that was stopped. */
export interface InterruptedPreparation {
  readonly reason: 'interrupted';
  readonly out: string;
  /** Pairs that are done, and all. */
  readonly done: number;
  readonly total: number;
}

const REPORT_FILE = 'report.html';

/**
 * Prepares a data set.
 *
 * @throws UserError where the material cannot be used, or nothing can be written.
 */
export async function prepareDataset(
  config: PrepareConfig,
  { signal, onEvent = () => {} }: PrepareHooks = {},
): Promise<PreparedDataset | InterruptedPreparation> {
  const { out } = config;
  const note = (text: string) => onEvent({ type: 'note', text });
  const frames = `${resolve(out)}.frames`;
  const unpacked = await unpack(config, frames, {
    signal,
    onNotice: text => onEvent({ type: 'warning', text }),
    onTaken: (file, count) => onEvent({ type: 'taken', file, count }),
  });
  if (signal?.aborted) return { reason: 'interrupted', out, done: 0, total: 0 };
  const found = await findMaterial({ ...config, ...unpacked.options });
  const { what, pairs, leftOut } = found.material;
  onEvent({ type: 'material', what, pairs: pairs.length, leftOut });
  const decided = await decide(config, found, unpacked.made, note);
  for (const sentence of decided.told) note(sentence);
  const { plan } = decided;
  const silent: LeftOut[number][] = [];
  onEvent({ type: 'pair', done: 0, total: plan.pairs.length });
  const written = await writePairs(plan, {
    ...(signal && { signal }),
    onPair: (done, total) => onEvent({ type: 'pair', done, total }),
    onFailure: (pair, error) => {
      if (!(error instanceof DoesNotTell)) throw error;
      silent.push({ file: pair.stem, why: error.parts.found });
    },
  });
  if (written.pairs.length === 0 && silent.length > 0) throw DoesNotTell.of(silent[0]!.file, silent[0]!.why);
  if (silent.length > 0)
    onEvent({
      type: 'warning',
      text: `${silent.length} pairs are left out: their images do not tell how they lie over each other`,
    });
  const interrupted = { reason: 'interrupted', out, done: written.pairs.length, total: plan.pairs.length } as const;
  if (written.interrupted) return interrupted;
  note('looking at the values and for near duplicates');
  const { options, values } = await factsOf(out, written.pairs, decided.classes?.length, config);
  const nearDuplicates = await twinsOf(out, written.pairs, (done, total) => onEvent({ type: 'compared', done, total }));
  if (signal?.aborted) return interrupted;
  const record = { pairs: countsOf(written.pairs), leftOut: [...leftOut, ...silent], nearDuplicates, values };
  finish(plan, options, record, decided.classes);
  const { before, linked } = written;
  const report = join(out, REPORT_FILE);
  const prepared = { out, ...record, options, decisions: plan.decisions, split: decided.unit, linked, before, report };
  writeFileAtomic(report, await reportOf(prepared, what, decided, written.pairs, config.align !== 'none'));
  tidy(frames);
  return { reason: 'finished', ...prepared };
}

/** The command that trains on a data set. */
export function trainCommandOf(out: string): string {
  return `pix2pixhd train --dataroot ${shellWord(out)} --name NAME`;
}

function reportOf(
  { out, pairs, leftOut, nearDuplicates }: Omit<PreparedDataset, 'reason'>,
  material: string,
  { plan, unit, told }: Decided,
  written: readonly WrittenPair[],
  overlays: boolean,
): Promise<string> {
  const isSplit = Object.keys(pairs).some(phase => phase !== 'train');
  const report = {
    title: `Prepared: ${out}`,
    figures: [
      ['material', material],
      ...Object.entries(pairs).map(([phase, count]) => [phase, counted(count, 'pair')] as const),
      ['split', unitsInWords[unit]],
      ['left out', counted(leftOut.length, 'file')],
    ] as const,
    notes: [...told, ...(isSplit ? [describeTwins(unit, nearDuplicates)] : [])],
    command: trainCommandOf(out),
    overlays,
  };
  return renderPreparedPage(report, out, plan.pairs, written);
}

function countsOf(pairs: readonly WrittenPair[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { phase } of pairs) counts[phase] = (counts[phase] ?? 0) + 1;
  return counts;
}
