/**
 * Whether the files of a sample lie over each other, pixel by pixel. Depends on files/header.ts for types, shell-word.ts and
 * fault.ts.
 */
import { dirname, extname } from 'node:path';
import { shellWord } from '../../shell-word.js';
import type { ImageHeader } from '../files/header.js';
import type { Fault } from './fault.js';

/** A file of a sample, by its header. */
export interface Member {
  readonly file: string;
  /** A label map or instance map, whose values must not change. */
  readonly isMap: boolean;
  readonly header: Pick<ImageHeader, 'width' | 'height' | 'orientation'>;
}

/** What is wrong between two files. */
export interface Disagreement {
  readonly file: string;
  /** The first file of the sample, with which the others are compared. */
  readonly other: string;
  readonly fault: Fault;
}

/** Where the files of a sample do not lie over each other: their orientation, or else their size, is not the first file's. */
export function disagreements(members: readonly Member[]): readonly Disagreement[] {
  const first = members[0];
  if (first === undefined) return [];
  return members.slice(1).flatMap(member => {
    const { file, header } = member;
    const fault = orientationFault(member, first) ?? sizeFault(header, first);
    return fault === undefined ? [] : [{ file, other: first.file, fault }];
  });
}

function orientationFault(member: Member, first: Member): Fault | undefined {
  const { orientation } = member.header;
  const other = first.header.orientation;
  if (orientation === other || (upright(orientation) && upright(other))) return undefined;
  return {
    code: 'exif-orientation',
    found: `${described(orientation)}, where ${first.file} has ${upright(other) ? 'none' : `"${turns[other]}"`}`,
    expected: 'the same in all files of a sample, whose pixels must lie over each other',
    remedy: turnRemedy(upright(orientation) ? first : member),
  };
}

/** The command, by how the files fit. Image editors may change ids, so only the tag of a map is ever removed. */
function turnRemedy({ file, isMap }: Member): string {
  // The folder is quoted, the pattern is the shell's to expand: exiftool does not.
  const alike = `${shellWord(dirname(file))}/*${extname(file)}`;
  const remove = `exiftool -Orientation= ${alike}`;
  return isMap
    ? `if they fit as stored: ${remove}; if only as viewers show them: export the maps again, without an orientation tag`
    : `if they fit as viewers show them: mogrify -auto-orient ${alike} (ImageMagick); if they fit as stored: ${remove}`;
}

function upright(orientation: number): boolean {
  return orientation < 2 || orientation > 8;
}

function described(orientation: number): string {
  return upright(orientation) ? 'no orientation tag' : `the orientation tag ${orientation}, "${turns[orientation]}"`;
}

const turns: Readonly<Record<number, string>> = {
  2: 'mirrored',
  3: 'turned by 180°',
  4: 'upside down',
  5: 'mirrored and turned left',
  6: 'turned right',
  7: 'mirrored and turned right',
  8: 'turned left',
};

function sizeFault({ width, height }: Member['header'], { file, header }: Member): Fault | undefined {
  if (width === header.width && height === header.height) return undefined;
  return {
    code: 'size-mismatch',
    found: `${width}×${height} pixels`,
    expected: `${header.width}×${header.height}, the size of ${file}`,
    remedy: 'resize the images of the sample to one size, or remove the sample',
  };
}
