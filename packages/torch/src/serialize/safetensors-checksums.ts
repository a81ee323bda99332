/**
 * Checksums in the metadata of a safetensors file, which detect flipped bytes. To other readers they are just two more
 * metadata entries. Depends on the CRC.
 *
 * `crc32.tensors` is JSON: the CRC-32 of each tensor's bytes by its name, in eight hex digits. `crc32.header` is that of
 * everything before the tensors, length and padding included, computed with its own eight digits as zeros; it comes first
 * in the header, and so always at the same offset. A file has both or neither: damage to the name of one leaves the other.
 * Damage to both makes a file look like another program's; callers that require checksums check for them.
 */

import { crc32 } from './crc32.js';
import { FileFormatError, quote } from './file-format-error.js';

const headerKey = 'crc32.header';
const tensorsKey = 'crc32.tensors';

/** The reserved metadata keys. */
export const checksumKeys: readonly string[] = [headerKey, tensorsKey];

/** CRC-32 of tensors' bytes, by name. */
export type Checksums = ReadonlyMap<string, number>;

/** Placeholder for a checksum not known yet: all have the same number of digits. */
export const noChecksum = 0;

/** The start of the header of a file with checksums, up to the digits. */
const beginning = new TextEncoder().encode(`{"__metadata__":{"${headerKey}":"`);
const digitsAt = 8 + beginning.byteLength;
const digits = 8;

/** The metadata as JSON: the checksums, that of the header still zeros, then the user's. */
export function metadataWithChecksums(metadata: Readonly<Record<string, string>>, checksums: Checksums): string {
  // Joined by hand, as an object would put names that look like integers first.
  const ofTensors = [...checksums].map(([name, crc]) => `${JSON.stringify(name)}:"${hex(crc)}"`).join(',');
  const own = `"${headerKey}":"${hex(noChecksum)}","${tensorsKey}":${JSON.stringify(`{${ofTensors}}`)}`;
  const users = JSON.stringify(metadata).slice(1, -1);
  return `{${own}${users === '' ? '' : ','}${users}}`;
}

/** Inserts the header's own checksum. @param start the file up to the first tensor. */
export function sealHeader(start: Uint8Array): Uint8Array {
  const sealed = start.slice();
  sealed.set(new TextEncoder().encode(hex(crc32(start))), digitsAt);
  return sealed;
}

/**
 * Takes the checksums out of a file's metadata and checks that of the header.
 * @param start the file up to the first tensor.
 * @param metadata the checksums are removed from it.
 * @param tensors what the header says of each tensor, by name.
 * @returns undefined if the file has none: another program wrote it, or an earlier version of this one.
 * @throws {FileFormatError} if the header is not as it was written.
 */
export function takeChecksums(
  path: string,
  start: Uint8Array,
  metadata: Record<string, string>,
  tensors: ReadonlyMap<string, unknown>,
): Checksums | undefined {
  const { [headerKey]: ofHeader, [tensorsKey]: ofTensors } = metadata;
  if (ofHeader === undefined && ofTensors === undefined) return undefined;
  for (const key of checksumKeys) delete metadata[key];
  const damaged = (problem: string) =>
    new FileFormatError(
      path,
      `has a damaged header, or was changed by a program that kept its old checksums: ${problem}`,
    );
  if (ofHeader === undefined || ofTensors === undefined || !beginning.every((byte, i) => start[8 + i] === byte))
    throw damaged(`${headerKey} and ${tensorsKey} are not where they were written`);
  const found = headerChecksum(start);
  if (ofHeader !== hex(found)) throw damaged(`its checksum is ${hex(found)}, the stored one ${quote(ofHeader)}`);
  const checksums = parseChecksums(ofTensors);
  if (checksums?.size !== tensors.size || ![...tensors.keys()].every(name => checksums.has(name)))
    throw damaged('its checksums and its tensors have different names');
  return checksums;
}

/**
 * Returns the bytes of a tensor if they match its checksum.
 * @throws {FileFormatError} naming the tensor.
 */
export function checkedBytes(path: string, name: string, bytes: Uint8Array, checksums: Checksums): Uint8Array {
  const found = crc32(bytes);
  const written = checksums.get(name)!;
  if (found === written) return bytes;
  throw new FileFormatError(
    path,
    `tensor ${quote(name)} is damaged: the checksum of its bytes is ${hex(found)}, the stored one ${hex(written)}`,
  );
}

/** The checksum of a header with its own digits as zeros. */
function headerChecksum(start: Uint8Array): number {
  const unsealed = start.slice();
  unsealed.fill(0x30, digitsAt, digitsAt + digits);
  return crc32(unsealed);
}

/** @returns undefined unless the text maps names to eight hex digits each. */
function parseChecksums(text: string): Map<string, number> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  if (!entries.every(([, crc]) => typeof crc === 'string' && /^[0-9a-f]{8}$/.test(crc))) return undefined;
  return new Map(entries.map(([name, crc]) => [name, Number.parseInt(crc, 16)]));
}

function hex(crc: number): string {
  return crc.toString(16).padStart(digits, '0');
}
