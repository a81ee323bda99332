/** Every file of a folder is read, named as left out, or no data: by one list, which the decoder keeps. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { npyHeader } from '@pix2pixhd/torch/npy';
import sharp from 'sharp';
import { decodeImage } from '../../src/data/decode/decode.js';
import { READABLE_EXTENSIONS } from '../../src/data/files/extensions.js';
import { formatByContent, isAnimatedGif } from '../../src/data/files/signatures.js';
import { leftOutLine } from '../../src/data/find/left-out.js';
import { listFolder, whyFileNotRead } from '../../src/data/find/listing.js';
import { noise, temporaryFolder } from './images.js';

type Format = 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif' | 'avif';

const image = (format: Format, salt = 0): Promise<Buffer> =>
  sharp(noise(8 * 4 * 3, salt), { raw: { width: 8, height: 4, channels: 3 } })
    .toFormat(format)
    .toBuffer();

/** A 2 by 1 BMP of 24 bits: the 14 bytes of the file, the 40 of the header, one row. */
function bmp(): Buffer {
  const bytes = Buffer.alloc(62);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(2, 18);
  bytes.writeInt32LE(1, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

async function animated(frames: number): Promise<Buffer> {
  const images = await Promise.all(Array.from({ length: frames }, (_, i) => image('png', i)));
  return sharp(images, { join: { animated: true } })
    .gif()
    .toBuffer();
}

function folder(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

test('every extension on the list is decoded, lower and upper case', async t => {
  const formats: Readonly<Record<string, Format | 'npy'>> = {
    '.png': 'png',
    ...{ '.jpg': 'jpeg', '.jpeg': 'jpeg', '.jpe': 'jpeg', '.jfif': 'jpeg' },
    '.webp': 'webp',
    ...{ '.tif': 'tiff', '.tiff': 'tiff' },
    '.gif': 'gif',
    '.npy': 'npy',
  };
  assert.deepEqual(Object.keys(formats).sort(), [...READABLE_EXTENSIONS].sort());
  const names = Object.keys(formats).flatMap(extension => [`a${extension}`, `B${extension.toUpperCase()}`]);
  const files: Record<string, Uint8Array> = {};
  const npy = Buffer.concat([npyHeader('|u1', [4, 8, 3]), noise(4 * 8 * 3)]);
  for (const name of names) {
    const format = formats[name.slice(1).toLowerCase()]!;
    files[name] = format === 'npy' ? npy : await image(format);
  }
  const root = folder(t, files);
  const listing = listFolder(root);
  assert.deepEqual(listing.leftOut, []);
  const listed = [...listing.files.values()].flat();
  assert.deepEqual(listed.sort(), names.map(name => join(root, name)).sort());
  for (const file of listed) {
    const { width, height, channels, alpha } = await decodeImage(file);
    // libvips writes every GIF with a transparent colour.
    assert.deepEqual([width, height, channels - Number(alpha)], [8, 4, 3], file);
  }
});

test('docs/own-data.md lists the same extensions', () => {
  const page = readFileSync(new URL('../../../../../docs/own-data.md', import.meta.url), 'utf8');
  const listed = /^- Extensions read: (.*),/m.exec(page)?.[1] ?? '';
  assert.deepEqual(
    [...listed.matchAll(/`(\.\w+)`/g)].map(([, extension]) => extension),
    READABLE_EXTENSIONS,
  );
});

test('a GIF of one image is read pixel by pixel, an animated one is left out', async t => {
  // 64 colours: the palette holds them all, so that nothing is lost.
  const few = noise(8 * 4 * 3).map(value => value & 0xc0);
  const gif = await sharp(few, { raw: { width: 8, height: 4, channels: 3 } })
    .gif({ dither: 0, effort: 10 })
    .toBuffer();
  const root = folder(t, { 'one.gif': gif, 'two.gif': await animated(2), 'three.gif': await animated(3) });
  const { data, channels } = await decodeImage(join(root, 'one.gif'));
  assert.deepEqual(
    [...data].filter((_, i) => i % channels < 3),
    [...few],
  );
  assert.deepEqual(
    listFolder(root).leftOut.map(({ file, found }) => [file, found]),
    ['three.gif', 'two.gif'].map(name => [join(root, name), 'an animated GIF']),
  );
  // By sharp's own count of pages.
  for (const name of ['one.gif', 'two.gif', 'three.gif'])
    assert.equal(isAnimatedGif(join(root, name)), ((await sharp(join(root, name)).metadata()).pages ?? 1) > 1, name);
  for (const length of [0, 5, 13, 20, gif.length - 3]) {
    writeFileSync(join(root, 'cut.gif'), gif.subarray(0, length));
    assert.equal(isAnimatedGif(join(root, 'cut.gif')), false, `cut to ${length} bytes`);
  }
});

test('formats that are not read are left out by name, with what they are and what to do', async t => {
  const root = folder(t, {
    'a.bmp': bmp(),
    'b.HEIC': '',
    'c.avif': await image('avif'),
    'd.exr': '',
    'e.jp2': '',
    'f.ppm': 'P6 1 1 255 abc',
    'g.npz': '',
    'h.mp4': '',
    'sub dir/i.tga': '',
    'read.png': await image('png'),
  });
  const { leftOut, files } = listFolder(root);
  assert.deepEqual([...files.keys()], ['read']);
  assert.deepEqual(
    leftOut.map(({ found }) => found.split(',')[0]),
    ['BMP', 'HEIC', 'AVIF', 'OpenEXR', 'JPEG 2000', 'Netpbm', 'NumPy archive', 'video', 'TGA'],
  );
  assert.equal(leftOut[0]!.remedy, `convert it to PNG, with ImageMagick: mogrify -format png '${root}/*.bmp'`);
  assert.equal(leftOut[6]!.remedy, 'save it as PNG or TIFF');
  assert.match(leftOut[3]!.remedy, /\.npy or floating-point TIFF.*PNG loses them/);
});

test('files without extension, or with another, are recognised by their first bytes', async t => {
  const content: Record<string, Uint8Array | string> = { bmp: bmp(), text: 'BMW drives', empty: '', 'notes.txt': 'x' };
  for (const format of ['png', 'jpeg', 'webp', 'tiff', 'gif', 'avif'] as const) content[format] = await image(format);
  content['photo.jpg_large'] = content.jpeg!;
  content['half.png.part'] = content.png!;
  const root = folder(t, content);
  const { files, leftOut } = listFolder(root);
  assert.equal(files.size, 0);
  assert.deepEqual(Object.fromEntries(leftOut.map(({ file, found }) => [file.slice(root.length + 1), found])), {
    avif: 'AVIF, a format that is not read',
    bmp: 'BMP, a format that is not read',
    gif: 'GIF by its content, but without an extension',
    'half.png.part': 'PNG by its content, but named .part',
    jpeg: 'JPEG by its content, but without an extension',
    'photo.jpg_large': 'JPEG by its content, but named .jpg_large',
    png: 'PNG by its content, but without an extension',
    tiff: 'TIFF by its content, but without an extension',
    webp: 'WebP by its content, but without an extension',
  });
  assert.equal(formatByContent(join(root, 'nowhere')), undefined);
  // Given by its own path, a file may be called what it likes.
  assert.equal(whyFileNotRead(join(root, 'jpeg')), undefined);
  assert.match(whyFileNotRead(join(root, 'bmp'))?.found ?? '', /^BMP/);
});

test('broken links stand for the image or the folder that they were', t => {
  const root = folder(t, { 'a.png': '' });
  for (const name of ['b.png', 'city', 'notes.txt']) symlinkSync(`/nowhere/${name}`, join(root, name));
  const { files, broken, leftOut } = listFolder(root);
  assert.deepEqual([...files.keys()], ['a', 'b']);
  assert.deepEqual([...broken.keys()], [join(root, 'b.png')]);
  assert.deepEqual(
    leftOut.map(({ file, severity }) => [file, severity]),
    [[join(root, 'city'), 'error']],
  );
});

test('feature maps are .npy files; images among them are named', async t => {
  const root = folder(t, { 'a.npy': '', 'b.png': await image('png'), 'notes.txt': '' });
  const { files, leftOut } = listFolder(root, 'features');
  assert.deepEqual([...files.keys()], ['a']);
  assert.match(leftOut[0]!.found, /^PNG; feature maps are \.npy/);
  assert.equal(leftOut.length, 1);
});

test('one line counts what is left out and names the first three', () => {
  const one = (file: string) => ({ file, found: 'BMP', remedy: 'convert it', severity: 'warning' as const });
  assert.equal(leftOutLine([]), undefined);
  assert.equal(leftOutLine([one('a')], 'check'), 'left out: 1 file: a (BMP); convert it');
  assert.equal(
    leftOutLine(['a', 'b', 'c', 'd', 'e'].map(one), 'pix2pixhd check'),
    'left out: 5 files: a (BMP), b (BMP), c (BMP) and 2 more; pix2pixhd check lists all',
  );
});
