/**
 * The checks of single files: headers, label values, whole pixels. What is wrong with a file is decided by validate, as it
 * is for loading. Depends on decode, files, labels and validate.
 */
import { UserError } from '../../errors.js';
import { decodeImage, decodeInstanceMap, decodeLabelMap } from '../decode/decode.js';
import { type ImageHeader, readHeader } from '../files/header.js';
import { holdsIds, IMAGE_ROLES } from '../find/layout.js';
import { type Sample, sourcesOf } from '../find/pairs.js';
import { type LabelMapping, mapLabels } from '../labels/mapping.js';
import { countLabels, ignoredLabel, ignoredPixels, type LabelCounts } from '../labels/values.js';
import { disagreements, type Member } from '../validate/alignment.js';
import { type Fault, FaultyFile } from '../validate/fault.js';
import { type ChannelOption, channelFault, imageFault } from '../validate/images.js';
import { labelFault } from '../validate/labels.js';
import { mapFault } from '../validate/maps.js';
import type { ValueScale } from '../values/range.js';
import type { Finding, FindingCode, Severity } from './findings.js';

/** What the checks of a phase share. */
export interface FileChecks {
  readonly phase: string;
  readonly labelNc: number;
  readonly labelMap: LabelMapping;
  /** Channels of input and output images (`--input-nc`, `--output-nc`). */
  readonly inputNc: number;
  readonly outputNc: number;
  /** Which values are used, as far as that is decided. */
  readonly scales: { readonly sources: readonly ValueScale[]; readonly image: ValueScale };
  /** Whether there are several inputs, whose channels add up to `inputNc`. */
  readonly severalInputs: boolean;
  readonly report: (finding: Finding) => void;
}

/** An image whose values are to be checked, and the range they are used in. */
export interface ImageToCheck {
  readonly file: string;
  readonly scale: ValueScale;
}

/** What is known about a sample once its headers are read. */
export interface HeaderCheck {
  /** Files that are not worth decoding. */
  readonly unusable: readonly string[];
  /** Images in floating point, whose values must be checked. */
  readonly floating: readonly ImageToCheck[];
}

/** Read the headers of a sample's files: are they readable, of one size, and of a kind that fits their role? */
export async function checkHeaders(sample: Sample, checks: FileChecks): Promise<HeaderCheck> {
  const unusable: string[] = [];
  const floating: ImageToCheck[] = [];
  const sources: { file: string; header: ImageHeader }[] = [];
  const members: Member[] = [];
  for (const role of IMAGE_ROLES) {
    const files = role === 'source' ? sourcesOf(sample) : [sample[role]];
    for (const [i, file] of files.entries()) {
      if (file === undefined) continue;
      const header = await attempt(file, checks, () => readHeader(file));
      if (header === undefined) {
        unusable.push(file);
        continue;
      }
      members.push({ file, isMap: holdsIds(role), header });
      if (role === 'source') sources.push({ file, header });
      if (header.pages > 1) {
        say(checks, 'warning', 'pages', [file], {
          message: `${header.pages} pages or frames; only the first is read`,
          remedy:
            'nothing, if the others are smaller copies; channels stored as separate pages must be merged into one page',
        });
      }
      const usable = holdsIds(role)
        ? checkMapHeader(role, file, header, checks)
        : checkImageHeader(role, file, header, checks, scaleOf(checks, role, i));
      if (!usable) unusable.push(file);
      else if (!holdsIds(role) && header.storage === 'float') floating.push({ file, scale: scaleOf(checks, role, i) });
    }
  }
  if (checks.severalInputs && sources.length > 0) checkSum(sources, checks);
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
      message: 'a TIFF in which white is 0: the stored values are used, not the reversed ones that viewers show',
      remedy: 'nothing, if the stored values are the ids; otherwise save the map as PNG',
    });
  }
  const bits = header.stored?.bits ?? 8;
  if (role === 'instance' && bits <= 8) {
    say(checks, 'warning', 'instance-8bit', [file], {
      message: `${bits === 8 ? 'an' : 'a'} ${bits}-bit instance map: it cannot hold more than ${2 ** bits} instances, or ids such as 26001 (class 26, instance 1)`,
      remedy: 'export instance ids as 16-bit PNG (in Cityscapes: *_instanceIds.png); nothing, if this is intended',
    });
  }
  return true;
}

function scaleOf({ scales }: FileChecks, role: 'source' | 'image', index: number): ValueScale {
  return role === 'image' ? scales.image : scales.sources[Math.min(index, scales.sources.length - 1)]!;
}

/** The channels of several inputs are those of the network together. */
function checkSum(sources: readonly { file: string; header: ImageHeader }[], checks: FileChecks): void {
  const found = sources.reduce((sum, { header }) => sum + header.channels - Number(header.alpha), 0);
  if (found === checks.inputNc) return;
  const each = sources.map(({ header }) => header.channels - Number(header.alpha)).join(' + ');
  say(
    checks,
    'error',
    'image-channels',
    sources.map(({ file }) => file),
    {
      message: `inputs of ${each} = ${found} channels; expected ${checks.inputNc} together`,
      remedy: `give --input-nc ${found}`,
    },
  );
}

function checkImageHeader(
  role: 'source' | 'image',
  file: string,
  header: ImageHeader,
  checks: FileChecks,
  scale: ValueScale,
): boolean {
  const fault = imageFault(header, scale);
  if (fault !== undefined) {
    sayFault(checks, [file], fault);
    return false;
  }
  if (role === 'source' && checks.severalInputs) return true;
  const [wanted, option]: [number, ChannelOption] =
    role === 'source' ? [checks.inputNc, '--input-nc'] : [checks.outputNc, '--output-nc'];
  const { channels, alpha } = header;
  const misfit = channelFault(header, wanted, option);
  if (misfit !== undefined) {
    sayFault(checks, [file], misfit);
  } else if (alpha && channels !== wanted) {
    say(checks, 'warning', 'image-alpha', [file], {
      message: `${channels} channels, the last of them alpha, which ${option} ${wanted} drops`,
      remedy: `nothing, if this is intended; otherwise give ${option} ${channels}, or flatten the images onto a background colour`,
    });
  } else if (channels !== wanted) {
    say(checks, 'info', 'image-channels', [file], {
      message: `one channel (grey), used for all ${wanted} channels of ${option}`,
    });
  }
  return true;
}

/**
 * Compare the values of a label map with the number of classes. Returns how many pixels have each value, or `undefined` when
 * the file cannot be read.
 */
export async function checkLabelValues(file: string, checks: FileChecks): Promise<LabelCounts | undefined> {
  const map = await attempt(file, checks, () => decodeLabelMap(file));
  if (map === undefined) return undefined;
  const { labelNc, labelMap } = checks;
  const counts = countLabels(mapLabels(map, labelMap));
  const ignored = ignoredPixels(counts, labelNc);
  if (ignored !== undefined) {
    say(checks, 'warning', 'label-ignored', [file], {
      message: `${ignored} have the value ${ignoredLabel(labelNc)}, which means "ignore": they belong to no class`,
      remedy: `nothing, if this is intended; otherwise give these pixels a class below ${labelNc}`,
    });
  }
  const fault = labelFault(counts, labelNc);
  if (fault !== undefined) say(checks, 'error', fault.code, [file], { message: fault.found, remedy: fault.remedy });
  return counts;
}

/** Decode an image to check its values. */
export async function checkImage({ file, scale }: ImageToCheck, checks: FileChecks): Promise<void> {
  await attempt(file, checks, () => decodeImage(file, undefined, scale));
}

/** Decode every file of a sample but its label map and the `unusable` ones, to find damage that headers do not show. */
export async function checkPixels(sample: Sample, unusable: ReadonlySet<string>, checks: FileChecks): Promise<void> {
  const { instance } = sample;
  const images = [
    ...sourcesOf(sample).map((file, i) => ({ file, scale: scaleOf(checks, 'source', i) })),
    ...(sample.image === undefined ? [] : [{ file: sample.image, scale: checks.scales.image }]),
  ];
  for (const image of images) if (!unusable.has(image.file)) await checkImage(image, checks);
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
    const { found, remedy } = error.parts;
    if (error instanceof FaultyFile) sayFault(checks, [file], error.fault);
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
