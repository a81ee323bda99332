/** What the tests of the file formats share. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bytesPerElement, type DType, type TensorData, viewAs } from '../../src/dtype.js';
import { zipChunks } from '../../src/serialize/zip-writer.js';

/** A folder that is removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'serialize-'));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A committed fixture; the compiled tests run from dist/test/serialize. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../test/fixtures/${name}`, import.meta.url));
}

/** A tensor of the given elements; raw bits for the 16-bit floats. */
export function tensorOf(dtype: DType, shape: readonly number[], elements: readonly number[]): TensorData {
  const bytes = new Uint8Array(elements.length * bytesPerElement[dtype]);
  const view = viewAs(dtype, bytes);
  elements.forEach((element, i) => {
    if (view instanceof BigInt64Array) view[i] = BigInt(element);
    else view[i] = element;
  });
  return { dtype, shape, bytes };
}

/** A tensor's elements as numbers. */
export function elementsOf({ dtype, bytes }: TensorData): number[] {
  return Array.from(viewAs(dtype, bytes), Number);
}

/** One tensor of each element type, with extreme values; raw bits for the 16-bit floats. */
export function oneOfEachType(): Map<string, TensorData> {
  return new Map([
    ['float32', tensorOf('float32', [2, 2], [1.5, -0, Infinity, 2 ** -149])],
    ['float64', tensorOf('float64', [3], [Math.PI, -1e300, NaN])],
    ['float16', tensorOf('float16', [2], [0x3c00, 0xfbff])], // 1, -65504
    ['bfloat16', tensorOf('bfloat16', [1, 3], [0x3f80, 0xc000, 0x7f80])], // 1, -2, infinity
    ['int64', tensorOf('int64', [2], [-(2 ** 52), 2 ** 52 + 1])],
    ['int32', tensorOf('int32', [2], [-(2 ** 31), 2 ** 31 - 1])],
    ['int16', tensorOf('int16', [2], [-32768, 32767])],
    ['int8', tensorOf('int8', [3], [-128, 0, 127])],
    ['uint8', tensorOf('uint8', [5], [0, 1, 127, 128, 255])],
    ['bool', tensorOf('bool', [3], [1, 0, 1])],
    ['scalar', tensorOf('float32', [], [42])],
    ['empty', tensorOf('float32', [0, 7], [])],
  ]);
}

/** Writes a .pth zip archive around a pickle. */
export function writePickleZip(path: string, pickle: Uint8Array, others: Record<string, Uint8Array> = {}): string {
  const files = [
    { name: 'archive/data.pkl', bytes: pickle },
    ...Object.entries(others).map(([name, bytes]) => ({ name, bytes })),
  ];
  writeFileSync(path, Buffer.concat([...zipChunks(files)]));
  return path;
}

/** Pickle opcodes as text, each character one byte. */
export function pickle(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** The pickle of a short text: BINUNICODE. */
export function pickledText(text: string): string {
  return `X${String.fromCharCode(text.length)}\0\0\0${text}`;
}
