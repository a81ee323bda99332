/**
 * The doctor's looks into single files: headers, label values, whole pixels. What they find
 * wrong is judged by judge.ts and label-values.ts, as it is for loading.
 */
import { UserError } from '../../errors.js';
import { decodeImage, decodeInstanceMap, decodeLabelMap, type ImageHeader, readHeader } from '../decode/decode.js';
import type { Sample } from '../find/pairs.js';
import type { Finding, FindingCode, Severity } from '../judge/findings.js';
import {
  type ChannelOption,
  channelFault,
  disagreements,
  type Fault,
  FaultyFile,
  imageFault,
  type Member,
  mapFault,
} from '../judge/judge.js';
import { type LabelMapping, mapLabels } from '../judge/label-map.js';
import { countLabels, ignoredPixels, type LabelCounts, labelFault } from '../judge/label-values.js';
import { IGNORE_LABEL } from '../raster.js';

/** What the checks of a phase share. */
export interface FileChecks {
  readonly phase: string;
  readonly labelNc: number;
  readonly labelMap: LabelMapping;
  /** Channels of input images and of those to be made, as `--input-nc` and `--output-nc` say. */
  readonly inputNc: number;
  readonly outputNc: number;
  readonly report: (finding: Finding) => void;
}

const ROLES = ['label', 'source', 'instance', 'image'] as const;

/** What is known of a sample when its headers are read. */
export interface HeaderCheck {
  /** Files that are not worth decoding. */
  readonly unusable: readonly string[];
  /** Images in floating point, whose values have to be looked at. */
  readonly floating: readonly string[];
}

/** Read the headers of a sample's files: readable, lying over each other, and of a kind that suits their role. */
export async function checkHeaders(sample: Sample, checks: FileChecks): Promise<HeaderCheck> {
  const unusable: string[] = [];
  const floating: string[] = [];
  const members: Member[] = [];
  for (const role of ROLES) {
    const file = sample[role];
    if (file === undefined) continue;
    const header = await attempt(file, checks, () => readHeader(file));
    if (header === undefined) {
      unusable.push(file);
      continue;
    }
    const isMap = role === 'label' || role === 'instance';
    members.push({ file, isMap, header });
    if (header.pages > 1) {
      say(checks, 'warning', 'pages', [file], {
        message: `${header.pages} pages or frames, of which the first is read`,
        remedy:
          'nothing, if the others are smaller copies; channels that lie on pages of their own must become one page',
      });
    }
    const usable = isMap ? checkMapHeader(role, file, header, checks) : checkImageHeader(role, file, header, checks);
    if (!usable) unusable.push(file);
    else if (header.storage === 'float') floating.push(file);
  }
  for (const { file, other, fault } of disagreements(members)) sayFault(checks, [file, other], fault);
  return { unusable, floating };
}

function checkMapHeader(role: 'label' | 'instance', file: string, header: ImageHeader, checks: FileChecks): boolean {
  const fault = mapFault(header);
  if (fault !== undefined) {
    sayFault(checks, [file], fault);
    return false;
  }
  if (header.stored?.reversed) {
    say(checks, 'warning', 'map-reversed', [file], {
      message: 'a TIFF whose white is 0: its stored values are taken, which are not those that viewers show',
      remedy: 'nothing, if the stored values are the ids; else save the map as PNG',
    });
  }
  const bits = header.stored?.bits ?? 8;
  if (role === 'instance' && bits <= 8) {
    say(checks, 'warning', 'instance-8bit', [file], {
      message: `${bits === 8 ? 'an' : 'a'} ${bits}-bit instance map: it cannot hold more than ${2 ** bits} instances, nor ids such as 26001 (class 26, first)`,
      remedy: 'export instance ids as 16-bit PNG (in Cityscapes: *_instanceIds.png), unless they are meant so',
    });
  }
  return true;
}

function checkImageHeader(role: 'source' | 'image', file: string, header: ImageHeader, checks: FileChecks): boolean {
  const fault = imageFault(header);
  if (fault !== undefined) {
    sayFault(checks, [file], fault);
    return false;
  }
  const [wanted, option]: [number, ChannelOption] =
    role === 'source' ? [checks.inputNc, '--input-nc'] : [checks.outputNc, '--output-nc'];
  const { channels, alpha } = header;
  const misfit = channelFault(header, wanted, option);
  if (misfit !== undefined) {
    sayFault(checks, [file], misfit);
  } else if (alpha && channels !== wanted) {
    say(checks, 'warning', 'image-alpha', [file], {
      message: `${channels} channels, the last of them alpha, which ${option} ${wanted} leaves out`,
      remedy: `nothing, if that is meant; else give ${option} ${channels}, or lay the images on a background colour`,
    });
  } else if (channels !== wanted) {
    say(checks, 'info', 'image-channels', [file], {
      message: `one channel (grey), which fills the ${wanted} of ${option}`,
    });
  }
  return true;
}

/**
 * Hold the values of a label map against label_nc. Returns how many pixels have which, or `undefined` when the file cannot
 * be read.
 */
export async function checkLabelValues(file: string, checks: FileChecks): Promise<LabelCounts | undefined> {
  const map = await attempt(file, checks, () => decodeLabelMap(file));
  if (map === undefined) return undefined;
  const { labelNc, labelMap } = checks;
  const counts = countLabels(mapLabels(map, labelMap));
  const ignored = ignoredPixels(counts, labelNc);
  if (ignored !== undefined) {
    say(checks, 'warning', 'label-ignored', [file], {
      message: `${ignored} have the value ${IGNORE_LABEL}, which means "ignore": they belong to no class`,
      remedy: `nothing, if that is meant; else give these pixels a class below ${labelNc}`,
    });
  }
  const fault = labelFault(counts, labelNc);
  if (fault !== undefined) say(checks, 'error', fault.code, [file], { message: fault.found, remedy: fault.remedy });
  return counts;
}

/** Decode an image for its values alone. */
export async function checkImage(file: string, checks: FileChecks): Promise<void> {
  await attempt(file, checks, () => decodeImage(file));
}

/** Decode every file of a sample but its label map and the `unusable` ones, to find damage that headers hide. */
export async function checkPixels(sample: Sample, unusable: ReadonlySet<string>, checks: FileChecks): Promise<void> {
  const { source, instance, image } = sample;
  for (const file of [source, image]) {
    if (file !== undefined && !unusable.has(file)) await checkImage(file, checks);
  }
  if (instance !== undefined && !unusable.has(instance)) {
    await attempt(instance, checks, () => decodeInstanceMap(instance));
  }
}

/** The result of reading a file, or `undefined` and a finding when that is the file's fault. */
async function attempt<T>(file: string, checks: FileChecks, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { found, expected, remedy } = error.parts;
    if (error instanceof FaultyFile)
      sayFault(checks, [file], { code: error.finding, found, expected: expected!, remedy });
    else say(checks, 'error', 'unreadable', [file], { message: found, remedy });
    return undefined;
  }
}

function sayFault(checks: FileChecks, files: readonly string[], { code, found, expected, remedy }: Fault): void {
  say(checks, 'error', code, files, { message: `${found}; expected ${expected}`, remedy });
}

function say(
  { phase, report }: FileChecks,
  severity: Severity,
  code: FindingCode,
  files: readonly string[],
  text: { readonly message: string; readonly remedy?: string },
): void {
  report({ severity, code, phase, files, ...text });
}
