/** What `check` reports, as data; the command line prints it. Depends on validate/fault.ts and the error codes. */
import type { ErrorCode } from '../../errors.js';
import type { ValueSurvey } from '../survey/survey.js';
import { errorCodeOf, type FaultCode } from '../validate/fault.js';
import type { FixedRange } from '../values/range.js';

/** `error`: training would fail or learn nonsense; `warning`: probably a mistake; `info`: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** What a finding is about. Stable: scripts may rely on it. */
export type FindingCode =
  | FaultCode
  | 'missing-folder'
  | 'no-samples'
  | 'orphan'
  | 'duplicate-stem'
  | 'left-out'
  | 'broken-link'
  | 'unused-folder'
  | 'unreadable'
  | 'label-ignored'
  | 'label-nc'
  | 'label-mask'
  | 'map-reversed'
  | 'instance-8bit'
  | 'image-alpha'
  | 'pages';

/** The codes of errors for findings about more than the content of one file. */
const errorCodes: Partial<Record<FindingCode, ErrorCode>> = {
  'missing-folder': 'DATASET_NOT_FOUND',
  'no-samples': 'NO_IMAGES',
  orphan: 'PARTNER_MISSING',
  'duplicate-stem': 'DUPLICATE_NAME',
  'broken-link': 'FILE_NOT_FOUND',
  unreadable: 'FILE_UNREADABLE',
};

/** The code of the error for a finding that is refused rather than reported. */
export function findingErrorCode(finding: FindingCode): ErrorCode {
  return errorCodes[finding] ?? errorCodeOf(finding as FaultCode);
}

/** One thing that `check` found. */
export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** The phase it was found in. */
  readonly phase: string;
  /** The files (or folders) concerned. */
  readonly files: readonly string[];
  readonly message: string;
  /** What to do; absent where nothing needs to be done. */
  readonly remedy?: string;
}

/** How values are distributed, and which of them become black to white. */
export interface UsedValues extends ValueSurvey {
  readonly used: FixedRange | 'per-frame' | 'clahe';
}

/** The report on a data set. */
export interface Report {
  /** Errors first, then warnings, then information. */
  readonly findings: readonly Finding[];
  /** Complete samples by phase; of folders without pairs, the images of both. */
  readonly samples: Readonly<Record<string, number>>;
  /** Whether folders are read each by itself. */
  readonly unpaired?: true;
  /** Highest class id found (apart from 255) plus one; `undefined` when no label map was read. */
  readonly suggestedLabelNc?: number;
  /** Label maps whose values were counted. */
  readonly labelMapsRead: number;
  /** The values of input and target images of the first phase; absent where 8 bits are used as they are. */
  readonly values?: { readonly sources: readonly UsedValues[]; readonly image?: UsedValues };
  /** The boundary map of the first instance map, (H, W), 0 or 1. */
  readonly boundary?: {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
  };
}

/**
 * Whether a report holds an error: the dataset cannot be trained on as it is.
 *
 * @example
 * ```ts
 * const report = await check({ dataroot: 'data/city', labelNc: 5, quick: true });
 * if (hasErrors(report)) console.log(report.findings.filter(({ severity }) => severity === 'error'));
 * ```
 */
export function hasErrors(report: Report): boolean {
  return report.findings.some(finding => finding.severity === 'error');
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Errors first, then warnings; otherwise in the given order. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}
