/**
 * `check/`: everything that can be wrong with a data set, found before training instead of during it. It may import the other
 * folders of data but `load/` and `resize/`.
 *
 * This file checks a data set; check-files.ts its single files. Depends on `concurrently.ts` and the folders above.
 */
import { mapConcurrently } from '../../concurrently.js';
import { UserError } from '../../errors.js';
import { decodeInstanceMap } from '../decode/decode.js';
import { READABLE_FORMATS_LISTED } from '../files/extensions.js';
import { findFolder, type RoleFolder, unusedInstances } from '../find/folders.js';
import { type DatasetLayout, type Phase, type Role, rolesOf } from '../find/layout.js';
import type { LeftOut } from '../find/left-out.js';
import { BROKEN_LINK_REMEDY } from '../find/listing.js';
import { type Orphan, type Pairing, pairUp, type Sample, sourcesOf } from '../find/pairs.js';
import { boundaryMap } from '../labels/boundary.js';
import { parseLabelMap } from '../labels/mapping.js';
import { depthOf, surveyValues, type ValueSurvey } from '../survey/survey.js';
import { type FixedRange, parseRange, parseRanges, parseUndecided } from '../values/range.js';
import { checkHeaders, checkImage, checkLabelValues, checkPixels, type FileChecks } from './check-files.js';
import { bySeverity, type Finding, type Report, type UsedValues } from './findings.js';
import { judgeLabelUse } from './label-use.js';

/** What {@link checkDataset} looks at. */
export interface CheckOptions extends DatasetLayout {
  /** Phases to check. Only `train` must have images to train on. Default: `train`, and `test` where it exists. */
  readonly phases?: readonly Phase[];
  /** Decode every file. Otherwise only headers are read, and the values of the first few label maps. */
  readonly full: boolean;
  /** Channels of input images (`--input-nc`); default 3. */
  readonly inputNc?: number;
  /** Channels of output images (`--output-nc`); default 3. */
  readonly outputNc?: number;
  /** `--input-range` and `--output-range`; default `auto`. */
  readonly inputRange?: string;
  readonly outputRange?: string;
  /** `--label-map`, as `255:1`; default none. */
  readonly labelMap?: string | null;
}

/** Label maps, and images in floating point, whose values the quick check reads. */
const FILES_SAMPLED = 4;

/** Files worked on at a time: enough to keep libuv's threads busy. */
const CONCURRENCY = 8;

/**
 * Checks a data set. Never throws for what is wrong with it: that goes into the report, whose findings are in the same
 * order in every run: by severity, phase, step of the check, and name.
 */
export async function checkDataset(dataroot: string, options: CheckOptions): Promise<Report> {
  const phases: PhaseReport[] = [];
  for (const phase of options.phases ?? ['train', 'test']) {
    if (options.phases === undefined && phase !== 'train' && !hasPhase(dataroot, phase, options)) continue;
    const wanted = phases.every(({ boundary }) => boundary === undefined);
    phases.push(await checkPhase(dataroot, phase, options, wanted));
  }
  const labelValues = new Set(phases.flatMap(({ labelValues }) => [...labelValues]));
  const labelMapsRead = phases.flatMap(phase => phase.labelMapsRead);
  const use = judgeLabelUse(labelValues, options.labelNc, labelMapsRead, options.full ? ALL_MAPS : SOME_MAPS);
  const findings = phases.flatMap(phase => phase.findings);
  if (use.finding !== undefined) findings.push({ phase: '', ...use.finding });
  const boundary = phases.find(phase => phase.boundary !== undefined)?.boundary;
  // Those that training sees.
  const values = phases[0]?.values;
  return {
    // A mask has no pixels to ignore.
    findings: bySeverity(findings.filter(({ code }) => !(use.isMask && code === 'label-ignored'))),
    samples: Object.fromEntries(
      phases.flatMap(({ phase, samples }) => (samples === undefined ? [] : [[phase, samples]])),
    ),
    ...(options.domains !== undefined && { unpaired: true }),
    ...(use.labelNc !== undefined && { suggestedLabelNc: use.labelNc }),
    labelMapsRead: labelMapsRead.length,
    ...(boundary && { boundary }),
    ...(values && { values }),
  };
}

const ALL_MAPS = 'the label maps';
const SOME_MAPS = 'the label maps that were read';

/** What there is to say of one phase. */
interface PhaseReport {
  readonly phase: Phase;
  readonly findings: readonly Finding[];
  /** Complete samples; `undefined` where a folder is missing. */
  readonly samples?: number;
  readonly labelValues: ReadonlySet<number>;
  readonly labelMapsRead: readonly string[];
  readonly boundary?: NonNullable<Report['boundary']>;
  readonly values?: NonNullable<Report['values']>;
}

async function checkPhase(
  dataroot: string,
  phase: Phase,
  options: CheckOptions,
  withBoundary: boolean,
): Promise<PhaseReport> {
  const findings: Finding[] = [];
  const labelValues = new Set<number>();
  const labelMapsRead: string[] = [];
  const pairing = tryPairing(dataroot, phase, options, findings);
  if (pairing === undefined) return { phase, findings, labelValues, labelMapsRead };
  findings.push(...pairingFindings(phase, pairing, options.domains === undefined));
  const settings = {
    phase,
    labelNc: options.labelNc,
    labelMap: parseLabelMap(options.labelMap),
    inputNc: options.inputNc ?? 3,
    outputNc: options.outputNc ?? 3,
    scales: {
      sources: parseRanges(options.inputRange ?? 'auto', parseUndecided).map(range => ({
        range,
        option: '--input-range' as const,
      })),
      image: { range: parseUndecided(options.outputRange ?? 'auto'), option: '--output-range' as const },
    },
    severalInputs: options.images !== undefined,
  };
  /** Files are read in any order; what is found follows the order of the items. */
  const inOrder = async <T, R>(items: readonly T[], look: (item: T, checks: FileChecks) => Promise<R>) => {
    const looks = await mapConcurrently(
      items,
      async item => {
        const found: Finding[] = [];
        return { found, result: await look(item, { ...settings, report: finding => found.push(finding) }) };
      },
      CONCURRENCY,
    );
    for (const { found } of looks) findings.push(...found);
    return looks.map(({ result }) => result);
  };
  const sampled = <T>(files: readonly T[]) => (options.full ? files : files.slice(0, FILES_SAMPLED));

  const headers = await inOrder(pairing.samples, checkHeaders);
  const unusable = new Set(headers.flatMap(header => header.unusable));
  const labels = sampled(pairing.samples.flatMap(s => (s.label === undefined || unusable.has(s.label) ? [] : s.label)));
  for (const [i, counts] of (await inOrder(labels, checkLabelValues)).entries()) {
    if (counts === undefined) continue;
    labelMapsRead.push(labels[i]!);
    for (const value of counts.keys()) labelValues.add(value);
  }
  if (options.full) await inOrder(pairing.samples, (sample, checks) => checkPixels(sample, unusable, checks));
  else await inOrder(sampled(headers.flatMap(header => header.floating)), checkImage);
  const usable = pairing.samples.filter(
    sample => ![...sourcesOf(sample), sample.image].some(file => unusable.has(file!)),
  );
  const sound = findings.every(({ severity }) => severity !== 'error');
  const values = options.full && sound ? await lookAtValues(usable, options) : undefined;
  const boundary = withBoundary ? await firstBoundary(pairing.samples, unusable) : undefined;
  return {
    phase,
    findings,
    samples: pairing.samples.length,
    labelValues,
    labelMapsRead,
    ...(boundary && { boundary }),
    ...(values && { values }),
  };
}

/** The values of input and target images, where there is more to say than that 8 bits are used as they are. */
async function lookAtValues(
  samples: readonly Sample[],
  { inputRange = 'auto', outputRange = 'auto' }: Pick<CheckOptions, 'inputRange' | 'outputRange'>,
): Promise<Report['values']> {
  const look = async (files: readonly string[], wanted: string): Promise<UsedValues | undefined> => {
    if (files.length === 0) return undefined;
    if ((wanted === 'auto' || wanted === 'full') && (await depthOf(files)) === '8') return undefined;
    const survey = await surveyValues(files);
    return { ...survey, used: rangeUsed(wanted, survey) };
  };
  const ranges = inputRange.split('/');
  const inputs = samples[0] === undefined ? [] : sourcesOf(samples[0]);
  const sources: UsedValues[] = [];
  for (const i of inputs.keys()) {
    const files = samples.flatMap(sample => sourcesOf(sample)[i] ?? []);
    const values = await look(files, ranges[Math.min(i, ranges.length - 1)]!);
    if (values !== undefined) sources.push(values);
  }
  const targets = samples.flatMap(({ image }) => image ?? []);
  const image = await look(targets, outputRange);
  return sources.length > 0 || image ? { sources, ...(image && { image }) } : undefined;
}

/** The range that training would use. */
function rangeUsed(wanted: string, { range, storage }: ValueSurvey): FixedRange | 'per-frame' | 'clahe' {
  if (wanted === 'auto' || wanted === 'percentile') return range;
  const asked = parseRange(wanted);
  if (asked !== 'full') return asked;
  return { low: 0, high: storage.includes('ushort') ? 65535 : storage.includes('uchar') ? 255 : 1 };
}

/** Whether any folder of a phase exists. */
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

function pairingFindings(phase: Phase, { folders, orphans, duplicates, empty }: Pairing, paired: boolean): Finding[] {
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
        message: `${files.length} files in one folder have the same name`,
        remedy: 'keep one of them',
      }),
    ),
  ];
  if (empty.length > 0) {
    findings.push({
      severity: 'error',
      code: 'no-samples',
      phase,
      files: empty.map(folder => folder.path),
      message: paired ? 'no complete sample' : 'no image',
      remedy: paired
        ? `give files that belong together the same name, as ${READABLE_FORMATS_LISTED}`
        : `put images there, as ${READABLE_FORMATS_LISTED}`,
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

/** Instance maps of a data set whose inputs are images. */
const UNUSED = {
  message: 'instance maps, which are not used when the input is an image (--label-nc 0)',
  remedy: 'nothing, if that is intended; instance maps belong to label maps (--label-nc N)',
};

function unusedFindings(dataroot: string, phase: Phase, layout: DatasetLayout): Finding[] {
  const folder = unusedInstances(dataroot, phase, layout);
  return folder === undefined ? [] : [{ severity: 'info', code: 'unused-folder', phase, files: [folder], ...UNUSED }];
}

/** A sample without its broken links, which are reported with their folders. */
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
    message: `no file with this name in ${missing.join(', ')}${there ? `, where ${there.file} is left out` : ''}`,
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
      // Reported where the file itself is checked; the preview takes another map.
      if (!(error instanceof UserError)) throw error;
    }
  }
  return undefined;
}
