/** Sound files of every kind and variant that the readers know, as beginnings for damage. Depends on what writes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors, type TensorData, writeNpy, writePth, writeSafetensors } from '@pix2pixhd/torch';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { trainSchema } from '../../src/config/schema.js';
import { formatOptTxt } from '../../src/interop/opt-txt.js';
import { noise } from '../data/images.js';

/** Files that PyTorch and NumPy wrote, of the package beside this one. */
const fixtures = fileURLToPath(new URL('../../../../torch/test/fixtures', import.meta.url));

/** The fixtures of an ending, up to some size: damage to a large tensor is rarely of interest. */
function fixturesOf(ending: RegExp): Buffer[] {
  return readdirSync(fixtures)
    .filter(name => ending.test(name))
    .map(name => readFileSync(join(fixtures, name)))
    .filter(bytes => bytes.length < 10_000);
}

function written(folder: string, write: (path: string) => void): Buffer {
  const path = join(folder, 'seed');
  write(path);
  return readFileSync(path);
}

const tensors = new Map<string, TensorData>([
  ['model.1.weight', { dtype: 'float32', shape: [2, 3, 2], bytes: noise(48, 1) }],
  ['model.1.bias', { dtype: 'float16', shape: [3], bytes: noise(6, 2) }],
  ['steps', { dtype: 'int64', shape: [], bytes: noise(8, 3) }],
  ['mask', { dtype: 'uint8', shape: [0, 4], bytes: new Uint8Array(0) }],
]);

export const pthZip = (folder: string): Buffer[] => [
  written(folder, path => writePth(path, tensors)),
  written(folder, path => writePth(path, new Map([['epoch', [1, 2.5, null, true, 'text']]]))),
  ...fixturesOf(/^(values|model|parameters2017|values\.protocol4)\.pth$/).filter(isZip),
];

export const pthLegacy = (): Buffer[] => fixturesOf(/\.pth$/).filter(bytes => !isZip(bytes));

export const safetensors = (folder: string): Buffer[] => [
  written(folder, path => writeSafetensors(path, tensors, { format: 'pix2pixhd', version: '2', state: '{"a":[1]}' })),
];

/** The checkpoint of the fixture as it is written today. */
export function checkpoint(folder: string): Buffer[] {
  const old = readSafetensors(
    fileURLToPath(new URL('../../../test/fixtures/checkpoint-without-digests.safetensors', import.meta.url)),
  );
  return [written(folder, path => writeSafetensors(path, old.tensors, { ...old.metadata, version: '2' }))];
}

/** As other programs write them, without checksums: damage to the header is not found by those. */
export const safetensorsOfOthers = (): Buffer[] =>
  [
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}',
    '{"a":{"dtype":"U8","shape":[1,1,32],"data_offsets":[0,32]}}     ',
  ].map(header => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, Buffer.from(header), noise(32, 4)]);
  });

export const npy = (folder: string): Buffer[] => [
  ...[...tensors.values()].map(tensor => written(folder, path => writeNpy(path, tensor))),
  ...['<u2', '<u4', '<f8'].map(type => {
    const size = Number(type.at(-1));
    const text = `{'descr': '${type}', 'fortran_order': True, 'shape': (2, 3), }`.padEnd(117);
    const start = Buffer.from('\x93NUMPY\x02\x00\x76\x00\x00\x00', 'latin1');
    return Buffer.concat([start, Buffer.from(`${text}\n`), noise(6 * size, 5)]);
  }),
];

export const npyDict = (): Buffer[] => fixturesOf(/\.npy$/);

export const optTxt = (): Buffer[] =>
  [
    {},
    { netG: 'local', norm: 'batch', instanceFeat: true, lr: 1e-5, batchSize: 4, stages: '512,1024' },
    { labelNc: 0, vggLoss: false, ganMode: 'vanilla', dataroot: 'data/ä: b' },
  ].map(changes =>
    Buffer.from(formatOptTxt({ ...trainSchema.parse({ dataroot: 'data', name: 'run' }), ...changes } as never)),
  );

const [width, height] = [37, 21];
const raw = (channels: 1 | 3 | 4) =>
  sharp(noise(width * height * channels, channels), { raw: { width, height, channels } });

export const png = async (): Promise<Buffer[]> => [
  await raw(1).toColourspace('b-w').png().toBuffer(),
  await raw(3).png({ progressive: true }).toBuffer(),
  await raw(4).png().toBuffer(),
  await raw(3).png({ palette: true, colours: 16 }).toBuffer(),
  await raw(1).png({ palette: true, colours: 4 }).toBuffer(),
  Buffer.from(
    encode({ width, height, channels: 1, depth: 16, data: new Uint16Array(noise(2 * width * height, 6).buffer) }),
  ),
];

/** IHDR of 16 by 8 pixels: grey of 1, 8 and 16 bits, colour, palette of 1, 2, 4 and 8 bits, interlaced. */
export const pngHeaders = (): Buffer[] =>
  [
    ...[[1, 0, 0] as const, [8, 0, 0] as const, [16, 0, 0] as const, [8, 2, 0] as const, [8, 6, 1] as const],
    ...[[1, 3, 0] as const, [2, 3, 0] as const, [4, 3, 1] as const, [8, 3, 0] as const],
  ].map(([bits, colours, interlaced]) => Buffer.from([0, 0, 0, 16, 0, 0, 0, 8, bits, colours, 0, 0, interlaced]));

/** Eight rows, each behind the number of its filter, for the depths of {@link pngHeaders}. */
export const pngRows = (): Buffer[] =>
  [2, 4, 8, 16, 32, 48, 64].map(bytes =>
    Buffer.concat(
      Array.from({ length: 8 }, (_, y) => Buffer.concat([Buffer.of(y % 5), noise(bytes, y).map(v => v % 4)])),
    ),
  );

export const tiff = async (): Promise<Buffer[]> =>
  Promise.all([
    ...(['none', 'lzw', 'deflate', 'packbits', 'jpeg'] as const).map(compression =>
      raw(3).tiff({ compression }).toBuffer(),
    ),
    raw(1).toColourspace('b-w').tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer(),
    raw(1).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
    raw(1).toColourspace('b-w').tiff({ compression: 'none', bitdepth: 4 }).toBuffer(),
    raw(3).tiff({ compression: 'none', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    raw(3).tiff({ compression: 'none', bigtiff: true }).toBuffer(),
    raw(3).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(),
    raw(3).toColourspace('scrgb').tiff({ compression: 'none' }).toBuffer(),
  ]);

function isZip(bytes: Buffer): boolean {
  return bytes.readUInt32LE(0) === 0x04034b50;
}
