/**
 * The dataset doctor: everything that can be wrong with a data set, found before training instead of during it.
 * Depends on pairs.ts, check-files.ts, label-values.ts and boundary.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { boundaryMap } from './boundary.js';
import { checkHeaders, checkLabelValues, checkPicture, checkPixels, type FileChecks } from './check-files.js';
import { decodeInstanceMap } from './decode.js';
import { bySeverity, type Finding, type Report } from './findings.js';
import { folderNames, type Layout, type Phase, rolesOf } from './folders.js';
import { parseLabelMap } from './label-map.js';
import { judgeLabelUse } from './label-values.js';
import { type Orphan, type Pairing, pairUp, type Sample } from './pairs.js';

/** What {@link checkDataset} looks at. */
export interface CheckOptions extends Layout {
  /** Phases to check; of `train` photographs are demanded, of others not. Default: `train`, and `test` if it is there. */
  readonly phases?: readonly Phase[];
  /** Decode every file. Otherwise only headers are read, and the values of the first few label maps. */
  readonly full: boolean;
  /** Channels of input pictures (`--input-nc`); default 3. */
  readonly inputNc?: number;
  /** Channels of the pictures to be made (`--output-nc`); default 3. */
  readonly outputNc?: number;
  /** `--label-map`, as `255:1`; default none. */
  readonly labelMap?: string | null;
}

/** Label maps, and pictures in floating point, whose values the cheap check reads. */
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
    else await inParallel(sampled(headers.flatMap(header => header.floating)), file => checkPicture(file, checks));
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
function hasPhase(dataroot: string, phase: Phase, layout: Layout): boolean {
  return rolesOf(layout).some(role =>
    folderNames(phase, role, layout.labelNc).some(name => existsSync(join(dataroot, name))),
  );
}

function tryPairing(dataroot: string, phase: Phase, options: CheckOptions, findings: Finding[]): Pairing | undefined {
  try {
    return pairUp(dataroot, phase, { ...options, imageOptional: phase !== 'train' });
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
  const unsupported = folders.flatMap(folder => folder.unsupported);
  const findings: Finding[] = [
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
  if (unsupported.length > 0) {
    findings.push({
      severity: 'error',
      code: 'unsupported-format',
      phase,
      files: unsupported,
      message: `${unsupported.length} picture(s) in a format that cannot be read`,
      remedy: 'convert them to PNG, or remove them',
    });
  }
  if (samples.length === 0) {
    findings.push({
      severity: 'error',
      code: 'no-samples',
      phase,
      files: folders.map(folder => folder.path),
      message: 'no complete sample',
      remedy: 'give files that belong together the same name, in PNG, JPEG, WebP or TIFF',
    });
  }
  return findings;
}

function orphanFinding(phase: Phase, { files, missing }: Orphan): Finding {
  return {
    severity: 'error',
    code: 'orphan',
    phase,
    files,
    message: `no file of this name in ${missing.join(', ')}`,
    remedy: 'add the missing file, or remove this one',
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
