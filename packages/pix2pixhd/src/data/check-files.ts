/**
 * The doctor's looks into single files: headers, label values, whole pixels. Depends on decode.ts and findings.ts.
 */
import { UserError } from '../errors.js';
import {
  decodeImage,
  decodeInstanceMap,
  decodeLabelMap,
  type ImageHeader,
  idMapProblem,
  readHeader,
} from './decode.js';
import type { Finding, FindingCode, Severity } from './findings.js';
import type { Sample } from './pairs.js';
import { type IdMap, IGNORE_LABEL } from './raster.js';

/** What the checks of a phase share. */
export interface FileChecks {
  readonly phase: string;
  readonly labelNc: number;
  readonly report: (finding: Finding) => void;
}

const ROLES = ['label', 'source', 'instance', 'image'] as const;

/**
 * Read the headers of a sample's files: readable, of one size, and of a kind that suits their role. Returns the files
 * that are not worth decoding.
 */
export async function checkHeaders(sample: Sample, checks: FileChecks): Promise<readonly string[]> {
  const unusable: string[] = [];
  const headers: { readonly file: string; readonly header: ImageHeader }[] = [];
  for (const role of ROLES) {
    const file = sample[role];
    if (file === undefined) continue;
    const header = await attempt(file, checks, () => readHeader(file));
    if (header === undefined) {
      unusable.push(file);
      continue;
    }
    headers.push({ file, header });
    const usable =
      role === 'label' || role === 'instance'
        ? checkMapHeader(role, file, header, checks)
        : checkImageHeader(file, header, checks);
    if (!usable) unusable.push(file);
  }
  const first = headers[0];
  for (const { file, header } of headers) {
    if (header.width === first!.header.width && header.height === first!.header.height) continue;
    say(checks, 'error', 'size-mismatch', [file, first!.file], {
      message: `${header.width}×${header.height} pixels, but ${first!.file} has ${first!.header.width}×${first!.header.height}`,
      remedy: 'bring the pictures of a sample to one size, or remove it',
    });
  }
  return unusable;
}

function checkMapHeader(role: 'label' | 'instance', file: string, header: ImageHeader, checks: FileChecks): boolean {
  const problem = idMapProblem(header);
  if (problem !== undefined) {
    say(checks, 'error', 'not-an-id-map', [file], {
      message: `this ${role} map is ${problem.found}`,
      remedy: problem.remedy,
    });
    return false;
  }
  if (role === 'instance' && header.storage === 'uchar') {
    say(checks, 'warning', 'instance-8bit', [file], {
      message: 'an 8-bit instance map: it cannot hold more than 256 instances, nor ids such as 26001 (class 26, first)',
      remedy: 'export instance ids as 16-bit PNG (in Cityscapes: *_instanceIds.png), unless they are meant so',
    });
  }
  return true;
}

function checkImageHeader(file: string, header: ImageHeader, checks: FileChecks): boolean {
  if (header.space === 'cmyk') {
    say(checks, 'error', 'image-cmyk', [file], { message: 'a CMYK image', remedy: 'convert it to RGB' });
    return false;
  }
  if (header.alpha) {
    say(checks, 'warning', 'image-alpha', [file], {
      message: `${header.channels} channels, one of them alpha, which is ignored unless asked for`,
      remedy: 'lay the images on a background colour',
    });
  } else if (header.channels !== 3) {
    say(checks, 'info', 'image-channels', [file], {
      message: `${header.channels} channel(s) rather than 3`,
      ...(header.channels !== 1 && {
        remedy: `train with pix2pixhd train --input-nc or --output-nc ${header.channels}`,
      }),
    });
  }
  if (header.orientation > 1) {
    say(checks, 'warning', 'exif-orientation', [file], {
      message: 'the camera noted a rotation, which is not applied: pixels are used as stored',
      remedy: 'if the picture lies on its side against its label map, rotate its pixels',
    });
  }
  return true;
}

/**
 * Count the values of a label map against label_nc. Returns the highest class id ({@link IGNORE_LABEL} apart), -1 when
 * all pixels are ignored, or `undefined` when the file cannot be read.
 */
export async function checkLabelValues(file: string, checks: FileChecks): Promise<number | undefined> {
  const map = await attempt(file, checks, () => decodeLabelMap(file));
  if (map === undefined) return undefined;
  const { labelNc } = checks;
  const counts = countIds(map);
  const pixels = map.width * map.height;
  const ignored = labelNc <= IGNORE_LABEL ? (counts.get(IGNORE_LABEL) ?? 0) : 0;
  if (ignored > 0) {
    say(checks, 'warning', 'label-ignored', [file], {
      message: `${ignored} pixel(s) (${percent(ignored, pixels)}) have the value ${IGNORE_LABEL}, which means "ignore": they belong to no class`,
      remedy: `nothing, if that is meant; else give these pixels a class below ${labelNc}`,
    });
  }
  const ids = [...counts.keys()].filter(id => ignored === 0 || id !== IGNORE_LABEL).sort((a, b) => a - b);
  const outside = ids.filter(id => id < 0 || id >= labelNc);
  if (outside.length > 0) {
    const number = outside.reduce((sum, id) => sum + counts.get(id)!, 0);
    say(checks, 'error', 'label-out-of-range', [file], {
      message: `${number} pixel(s) (${percent(number, pixels)}) have the value ${listed(outside)}, outside 0 to ${labelNc - 1}`,
      remedy: `give --label-nc ${Math.max(...outside) + 1}, or correct the map`,
    });
  }
  return ids.at(-1) ?? -1;
}

/** Decode every file of a sample but its label map and the `unusable` ones, to find damage that headers hide. */
export async function checkPixels(sample: Sample, unusable: ReadonlySet<string>, checks: FileChecks): Promise<void> {
  const { source, instance, image } = sample;
  for (const file of [source, image]) {
    if (file !== undefined && !unusable.has(file)) await attempt(file, checks, () => decodeImage(file));
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
    say(checks, 'error', 'unreadable', [file], { message: error.parts.found, remedy: error.parts.remedy });
    return undefined;
  }
}

function countIds({ data }: IdMap): Map<number, number> {
  // Ids of 8 and 16 bits are counted in a table; the map alone would be slow for two million pixels.
  const table = new Uint32Array(65536);
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if (id >= 0 && id < table.length) table[id]!++;
    else counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (let id = 0; id < table.length; id++) if (table[id]! > 0) counts.set(id, table[id]!);
  return counts;
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

function listed(ids: readonly number[]): string {
  return ids.length > 8 ? `${ids.slice(0, 8).join(', ')}, …` : ids.join(', ');
}

function percent(part: number, whole: number): string {
  const value = (100 * part) / whole;
  return `${value < 0.01 ? '<0.01' : value.toFixed(2)} %`;
}
