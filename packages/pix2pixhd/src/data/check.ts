/**
 * The dataset doctor: everything that can be wrong with a data set, found before training instead of during it.
 * Depends on pairs.ts, check-files.ts and boundary.ts.
 */
import { UserError } from '../errors.js';
import { boundaryMap } from './boundary.js';
import { checkHeaders, checkLabelValues, checkPixels, type FileChecks } from './check-files.js';
import { decodeInstanceMap } from './decode.js';
import { READABLE_FORMATS } from './extensions.js';
import { bySeverity, type Finding, type Report } from './findings.js';
import { findFolder, type RoleFolder, unusedInstances } from './folders.js';
import { type Layout, type Phase, type Role, rolesOf } from './layout.js';
import type { LeftOut } from './left-out.js';
import { BROKEN_LINK_REMEDY } from './listing.js';
import { type Orphan, type Pairing, pairUp, type Sample } from './pairs.js';

/** What {@link checkDataset} looks at. */
export interface CheckOptions extends Layout {
  /** Phases to check; of `train` photographs are demanded, of others not. Default: `train`, and `test` if it is there. */
  readonly phases?: readonly Phase[];
  /** Decode every file. Otherwise only headers are read, and the values of the first few label maps. */
  readonly full: boolean;
}

/** Instance maps beside pictures. */
const UNUSED = {
  message: 'instance maps, which are not used with pictures as input (--label-nc 0)',
  remedy: 'nothing, if that is meant; instance maps go with label maps (--label-nc N)',
};

/** Label maps whose values the cheap check reads. */
const LABEL_MAPS_SAMPLED = 4;

/** Files worked on at a time: enough to keep libuv's threads busy. */
const CONCURRENCY = 8;

/**
 * Examine a data set. Never throws for what is wrong with it: that is what the report is for.
 */
export async function checkDataset(dataroot: string, options: CheckOptions): Promise<Report> {
  const findings: Finding[] = [];
  const samples: Record<string, number> = {};
  let highest = -1;
  let labelMapsRead = 0;
  let boundary: Report['boundary'];
  for (const phase of options.phases ?? ['train', 'test']) {
    if (options.phases === undefined && phase !== 'train' && !hasPhase(dataroot, phase, options)) continue;
    const pairing = tryPairing(dataroot, phase, options, findings);
    if (pairing === undefined) continue;
    samples[phase] = pairing.samples.length;
    findings.push(...pairingFindings(phase, pairing));
    const checks: FileChecks = { phase, labelNc: options.labelNc, report: finding => findings.push(finding) };
    const unusable = new Set((await inParallel(pairing.samples, sample => checkHeaders(sample, checks))).flat());
    const labels = pairing.samples.map(s => s.label).filter(file => file !== undefined && !unusable.has(file));
    const read = options.full ? labels : labels.slice(0, LABEL_MAPS_SAMPLED);
    for (const id of await inParallel(read, file => checkLabelValues(file!, checks))) {
      if (id === undefined) continue;
      labelMapsRead++;
      highest = Math.max(highest, id);
    }
    if (options.full) await inParallel(pairing.samples, sample => checkPixels(sample, unusable, checks));
    boundary ??= await firstBoundary(pairing.samples, unusable);
  }
  if (highest >= 0) findings.push(...labelNcFinding(highest + 1, options));
  return {
    findings: bySeverity(findings),
    samples,
    ...(highest >= 0 && { suggestedLabelNc: highest + 1 }),
    labelMapsRead,
    ...(boundary && { boundary }),
  };
}

/** Whether any folder of a phase is there. */
function hasPhase(dataroot: string, phase: Phase, layout: Layout): boolean {
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

function unusedFindings(dataroot: string, phase: Phase, layout: Layout): Finding[] {
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

/** What label_nc should be, when it is larger than the data need. (Smaller is reported by file.) */
function labelNcFinding(needed: number, { labelNc, full }: CheckOptions): Finding[] {
  if (needed === labelNc) return [];
  const read = full ? 'the label maps' : 'the label maps looked at';
  return [
    {
      severity: 'info',
      code: 'label-nc',
      phase: '',
      files: [],
      message: `${read} use ids up to ${needed - 1}, so --label-nc ${needed} is ${needed > labelNc ? 'needed' : 'enough'} (given: ${labelNc})`,
      ...(needed > labelNc && { remedy: `give --label-nc ${needed}, if these ids are meant` }),
    },
  ];
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
