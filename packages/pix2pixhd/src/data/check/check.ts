/**
 * The dataset doctor: everything that can be wrong with a data set, found before training instead of during it.
 * Depends on pairs.ts, check-files.ts, label-values.ts and boundary.ts.
 */
import { UserError } from '../../errors.js';
import { decodeInstanceMap } from '../decode/decode.js';
import { READABLE_FORMATS } from '../files/extensions.js';
import { findFolder, type RoleFolder, unusedInstances } from '../find/folders.js';
import { type DatasetLayout, type Phase, type Role, rolesOf } from '../find/layout.js';
import type { LeftOut } from '../find/left-out.js';
import { BROKEN_LINK_REMEDY } from '../find/listing.js';
import { type Orphan, type Pairing, pairUp, type Sample } from '../find/pairs.js';
import { boundaryMap } from '../labels/boundary.js';
import { parseLabelMap } from '../labels/mapping.js';
import { checkHeaders, checkImage, checkLabelValues, checkPixels, type FileChecks } from './check-files.js';
import { bySeverity, type Finding, type Report } from './findings.js';
import { judgeLabelUse } from './label-use.js';

/** What {@link checkDataset} looks at. */
export interface CheckOptions extends DatasetLayout {
  /** Phases to check; of `train` photographs are demanded, of others not. Default: `train`, and `test` if it is there. */
  readonly phases?: readonly Phase[];
  /** Decode every file. Otherwise only headers are read, and the values of the first few label maps. */
  readonly full: boolean;
  /** Channels of input images (`--input-nc`); default 3. */
  readonly inputNc?: number;
  /** Channels of the images to be made (`--output-nc`); default 3. */
  readonly outputNc?: number;
  /** `--label-map`, as `255:1`; default none. */
  readonly labelMap?: string | null;
}

/** Instance maps beside images. */
const UNUSED = {
  message: 'instance maps, which are not used with images as input (--label-nc 0)',
  remedy: 'nothing, if that is meant; instance maps go with label maps (--label-nc N)',
};

/** Label maps, and images in floating point, whose values the cheap check reads. */
const FILES_SAMPLED = 4;

/** Files worked on at a time: enough to keep libuv's threads busy. */
const CONCURRENCY = 8;

/**
 * Examine a data set. Never throws for what is wrong with it: that is what the report is for.
 */
export async function checkDataset(dataroot: string, options: CheckOptions): Promise<Report> {
  const findings: Finding[] = [];
  const samples: Record<string, number> = {};
  const labelValues = new Set<number>();
  const labelMapsRead: string[] = [];
  let boundary: Report['boundary'];
  for (const phase of options.phases ?? ['train', 'test']) {
    if (options.phases === undefined && phase !== 'train' && !hasPhase(dataroot, phase, options)) continue;
    const pairing = tryPairing(dataroot, phase, options, findings);
    if (pairing === undefined) continue;
    samples[phase] = pairing.samples.length;
    findings.push(...pairingFindings(phase, pairing));
    const checks: FileChecks = {
      phase,
      labelNc: options.labelNc,
      labelMap: parseLabelMap(options.labelMap),
      inputNc: options.inputNc ?? 3,
      outputNc: options.outputNc ?? 3,
      report: finding => findings.push(finding),
    };
    const sampled = (files: readonly string[]) => (options.full ? files : files.slice(0, FILES_SAMPLED));
    const headers = await inParallel(pairing.samples, sample => checkHeaders(sample, checks));
    const unusable = new Set(headers.flatMap(header => header.unusable));
    const labels = sampled(
      pairing.samples.flatMap(s => (s.label === undefined || unusable.has(s.label) ? [] : s.label)),
    );
    for (const [i, counts] of (await inParallel(labels, file => checkLabelValues(file, checks))).entries()) {
      if (counts === undefined) continue;
      labelMapsRead.push(labels[i]!);
      for (const value of counts.keys()) labelValues.add(value);
    }
    if (options.full) await inParallel(pairing.samples, sample => checkPixels(sample, unusable, checks));
    else await inParallel(sampled(headers.flatMap(header => header.floating)), file => checkImage(file, checks));
    boundary ??= await firstBoundary(pairing.samples, unusable);
  }
  const use = judgeLabelUse(labelValues, options.labelNc, labelMapsRead, options.full ? ALL_MAPS : SOME_MAPS);
  if (use.finding !== undefined) findings.push({ phase: '', ...use.finding });
  return {
    // What is a mask has no pixels to ignore.
    findings: bySeverity(findings.filter(({ code }) => !(use.isMask && code === 'label-ignored'))),
    samples,
    ...(use.labelNc !== undefined && { suggestedLabelNc: use.labelNc }),
    labelMapsRead: labelMapsRead.length,
    ...(boundary && { boundary }),
  };
}

const ALL_MAPS = 'the label maps';
const SOME_MAPS = 'the label maps looked at';

/** Whether any folder of a phase is there. */
function hasPhase(dataroot: string, phase: Phase, layout: DatasetLayout): boolean {
  return rolesOf(layout).some(role => findFolder(dataroot, phase, role, layout.labelNc) !== undefined);
}

function tryPairing(dataroot: string, phase: Phase, options: CheckOptions, findings: Finding[]): Pairing | undefined {
  try {
    const pairing = pairUp(dataroot, phase, { ...options, imageOptional: phase !== 'train' });
    findings.push(...unusedFindings(dataroot, phase, options));
    return { ...pairing, samples: pairing.samples.map(sample => withoutBroken(sample, pairing.folders)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { found, expected, remedy, where } = error.parts;
    findings.push({
      severity: 'error',
      code: 'missing-folder',
      phase,
      files: [where ?? dataroot],
      message: `expected ${expected}, found ${found}`,
      remedy,
    });
    return undefined;
  }
}

function pairingFindings(phase: Phase, { folders, samples, orphans, duplicates }: Pairing): Finding[] {
  const findings: Finding[] = [
    ...folders.flatMap(({ broken }) => [...broken].map(([file, found]) => brokenFinding(phase, file, found))),
    ...folders.flatMap(({ leftOut }) => leftOut.map(one => leftOutFinding(phase, one))),
    ...orphans.map(orphan => orphanFinding(phase, orphan)),
    ...duplicates.map(
      (files): Finding => ({
        severity: 'error',
        code: 'duplicate-stem',
        phase,
        files,
        message: `${files.length} files of one folder have the same name`,
        remedy: 'keep one of them',
      }),
    ),
  ];
  if (samples.length === 0) {
    findings.push({
      severity: 'error',
      code: 'no-samples',
      phase,
      files: folders.map(folder => folder.path),
      message: 'no complete sample',
      remedy: `give files that belong together the same name, in one of ${READABLE_FORMATS.join(', ')}`,
    });
  }
  return findings;
}

function brokenFinding(phase: Phase, file: string, found: string): Finding {
  return { severity: 'error', code: 'broken-link', phase, files: [file], message: found, remedy: BROKEN_LINK_REMEDY };
}

function leftOutFinding(phase: Phase, { file, found, remedy, severity }: LeftOut): Finding {
  const code = severity === 'error' ? 'broken-link' : 'left-out';
  return { severity, code, phase, files: [file], message: found, remedy };
}

function unusedFindings(dataroot: string, phase: Phase, layout: DatasetLayout): Finding[] {
  const folder = unusedInstances(dataroot, phase, layout);
  return folder === undefined ? [] : [{ severity: 'info', code: 'unused-folder', phase, files: [folder], ...UNUSED }];
}

/** A sample without its links to nothing, which are reported with their folders. */
function withoutBroken(sample: Sample, folders: readonly RoleFolder[]): Sample {
  const broken = folders.filter(folder => folder.broken.has(sample[folder.role] ?? '')).map(({ role }) => role);
  if (broken.length === 0) return sample;
  return Object.fromEntries(Object.entries(sample).filter(([key]) => !broken.includes(key as Role))) as typeof sample;
}

function orphanFinding(phase: Phase, { files, missing, leftOut }: Orphan): Finding {
  const there = leftOut[0];
  return {
    severity: 'error',
    code: 'orphan',
    phase,
    files,
    message: `no file of this name in ${missing.join(', ')}${there ? `, where ${there.file} is left out` : ''}`,
    remedy: there?.remedy ?? 'add the missing file, or remove this one',
  };
}

async function firstBoundary(samples: readonly Sample[], unusable: ReadonlySet<string>): Promise<Report['boundary']> {
  for (const { instance: file } of samples) {
    if (file === undefined || unusable.has(file)) continue;
    try {
      const map = await decodeInstanceMap(file);
      return { file, width: map.width, height: map.height, data: boundaryMap(map.data, map.width, map.height) };
    } catch (error) {
      // Reported where the file itself is checked; another map will do for the preview.
      if (!(error instanceof UserError)) throw error;
    }
  }
  return undefined;
}

/** Run `work` over items, {@link CONCURRENCY} at a time; results in the items' order. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return results;
}
