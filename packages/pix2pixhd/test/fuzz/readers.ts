/**
 * The readers of files that come from elsewhere, and what each may do with a damaged one: give a value, or throw the one
 * error that its users are told of. Depends on the readers and the damage.
 */
import { FileFormatError, readNpy, readNpyDict, readPth, readSafetensors } from '@pix2pixhd/torch';
import fc from 'fast-check';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { decodeImage, decodeInstanceMap, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readHeader } from '../../src/data/files/header.js';
import { UserError } from '../../src/errors.js';
import { readOptTxt } from '../../src/interop/opt-txt.js';
import { pickleOf, pngOf, withPickle, withPngChecksums } from './checksums.js';
import { damaged } from './mutations.js';
import * as seeds from './seeds.js';

/** A reader under test. */
export interface FuzzedReader {
  readonly name: string;
  readonly read: (path: string) => unknown;
  /** The only error it may throw. */
  readonly error: typeof FileFormatError | typeof UserError;
  /** Files that it may read; where there are such, every other one must be refused. */
  readonly sound?: (folder: string) => readonly Buffer[];
  /** Bytes that it may take at its peak. @param size of the file. */
  readonly memory: (size: number) => number;
  /** @param folder for files that are made on the way. */
  readonly files: (folder: string) => Promise<fc.Arbitrary<Buffer>> | fc.Arbitrary<Buffer>;
}

/** What measuring itself, the collector's habits and the smallest reader need. */
const constant = 64 * 2 ** 20;
const ofFile = (size: number) => constant + 4 * size;
/**
 * Pixels take more than their file; src/data/plausible.ts has the bound, of pixels that may have one bit and become bytes.
 * The files here are small: more than a few of those constants would be a fault.
 */
const ofImage = (size: number) => 4 * constant + 8 * 1500 * size;

const tensorReader = (name: string, read: (path: string) => unknown, files: FuzzedReader['files']): FuzzedReader => ({
  name,
  read,
  files,
  error: FileFormatError,
  memory: ofFile,
});

const imageReader = (name: string, files: FuzzedReader['files']): FuzzedReader => ({
  name,
  read: decodeEveryWay,
  files,
  error: UserError,
  memory: ofImage,
});

export const readers: readonly FuzzedReader[] = [
  tensorReader('.pth, zip', readPth, folder => damaged(seeds.pthZip(folder))),
  tensorReader('.pth, pickle in a sound zip', readPth, folder => {
    const archives = seeds.pthZip(folder);
    const pickles = damaged(archives.map(pickleOf));
    return fc.tuple(fc.constantFrom(...archives), pickles).map(([archive, pickle]) => withPickle(archive, pickle));
  }),
  tensorReader('.pth, legacy', readPth, () => damaged(seeds.pthLegacy())),
  {
    ...tensorReader('safetensors', readWithChecksums, folder => damaged(seeds.safetensors(folder))),
    sound: seeds.safetensors,
  },
  {
    name: 'checkpoint',
    read: path => Checkpoint.read(path),
    error: UserError,
    memory: ofFile,
    files: folder => damaged(seeds.checkpoint(folder)),
    sound: seeds.checkpoint,
  },
  tensorReader('safetensors without checksums', readSafetensors, () => damaged(seeds.safetensorsOfOthers())),
  tensorReader('.npy', readNpy, folder => damaged(seeds.npy(folder))),
  tensorReader('.npy of a dict', readNpyDict, () => damaged(seeds.npyDict())),
  {
    name: 'opt.txt',
    read: path => readOptTxt(path),
    error: UserError,
    memory: ofFile,
    files: () => damaged(seeds.optTxt()),
  },
  imageReader('PNG', async () => damaged(await seeds.png())),
  imageReader('PNG with right checksums', async () => damaged(await seeds.png()).map(withPngChecksums)),
  imageReader('PNG of damaged headers and rows', () =>
    fc.tuple(damaged(seeds.pngHeaders()), damaged(seeds.pngRows())).map(([header, rows]) => pngOf(header, rows)),
  ),
  imageReader('TIFF', async () => damaged(await seeds.tiff())),
];

/** A file whose damage took the names of its checksums is another program's to the reader; that it is told counts here. */
function readWithChecksums(path: string): void {
  if (!readSafetensors(path).checksums) throw new FileFormatError(path, 'has no checksums');
}

/** One after the other: each may refuse what another takes. A value is an image that one of them has decoded. */
async function decodeEveryWay(path: string): Promise<void> {
  const decoders = [decodeImage, decodeLabelMap, decodeInstanceMap];
  const errors: unknown[] = [];
  for (const decode of decoders) await decode(path).catch((error: unknown) => errors.push(error));
  const decoded = errors.length < decoders.length;
  await readHeader(path).catch((error: unknown) => errors.push(error));
  const unexpected = errors.find(error => !(error instanceof UserError));
  if (unexpected !== undefined || !decoded) throw unexpected ?? errors[0];
}
