/** Small images and data sets for the tests of this module, made on the spot in a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { encode } from 'fast-png';
import sharp from 'sharp';

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Write a PNG of 8 or 16 bits, by the type of `data`; (H, W, C). */
export function writePng(path: string, width: number, channels: number, data: Uint8Array | Uint16Array): void {
  const height = data.length / (width * channels);
  const depth = data instanceof Uint16Array ? 16 : 8;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encode({ width, height, data, depth, channels }));
}

/** Encode raw 8-bit pixels with sharp, by the extension of `path`. */
export async function writeWithSharp(
  path: string,
  width: number,
  channels: 1 | 3 | 4,
  data: Uint8Array,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const height = data.length / (width * channels);
  await sharp(data, { raw: { width, height, channels } })
    .webp({ lossless: true })
    .tiff({ compression: 'none' })
    .toFile(path);
}

/** Values 0…255 that look random and repeat from run to run. */
export function noise(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1 + salt * 65537, 0x9e3779b1) >>> 24);
}

/** Options of {@link writeTriplet}. */
export interface TripletSize {
  readonly width: number;
  readonly height: number;
}

/** Write a label map (ids 0…4), an instance map (16-bit) and a photo in Cityscapes' names. */
export function writeTriplet(root: string, phase: string, stem: string, size: TripletSize, salt = 0): void {
  const { width, height } = size;
  const pixels = width * height;
  const label = noise(pixels, salt).map(v => v % 5);
  const instance = Uint16Array.from(label, (id, i) => (id === 4 ? 26000 + (i % 3) : id));
  writePng(join(root, `${phase}_label`, `${stem}_gtFine_labelIds.png`), width, 1, label);
  writePng(join(root, `${phase}_inst`, `${stem}_gtFine_instanceIds.png`), width, 1, instance);
  writePng(join(root, `${phase}_img`, `${stem}_leftImg8bit.png`), width, 3, noise(pixels * 3, salt + 1));
}
