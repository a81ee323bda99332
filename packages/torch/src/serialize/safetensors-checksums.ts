/**
 * Checksums in the metadata of a safetensors file, by which flipped bytes are found. Other readers take them for two texts
 * more. Depends on the CRC.
 *
 * `crc32.tensors` is JSON: the CRC-32 of each tensor's bytes by its name, in eight hex digits. `crc32.header` is that of
 * everything before the tensors, length and padding included, taken while its own eight digits are zeros; it stands first
 * in the header, and so always at the same place. A file has both or neither: damage to the name of one leaves the other.
 * Damage that takes both makes a file look like another program's; who knows that there must be checksums asks for them.
 */

import { crc32 } from './crc32.js';
import { FileFormatError, quote } from './file-format-error.js';

const headerKey = 'crc32.header';
const tensorsKey = 'crc32.tensors';

/** The names in the metadata that are not the user's. */
export const checksumKeys: readonly string[] = [headerKey, tensorsKey];

/** CRC-32 of tensors' bytes, by name. */
export type Checksums = ReadonlyMap<string, number>;

/** Stands for a checksum that is not known yet: all have the same number of digits. */
export const noChecksum = 0;

/** How the header of a file with checksums begins, up to the digits. */
const beginning = new TextEncoder().encode(`{"__metadata__":{"${headerKey}":"`);
const digitsAt = 8 + beginning.byteLength;
const digits = 8;

/** The metadata as JSON: the user's behind the checksums, of which the header's is still zeros. */
export function metadataWithChecksums(metadata: Readonly<Record<string, string>>, checksums: Checksums): string {
  // Joined by hand, as an object would put names that look like integers first.
  const ofTensors = [...checksums].map(([name, crc]) => `${JSON.stringify(name)}:"${hex(crc)}"`).join(',');
  const own = `"${headerKey}":"${hex(noChecksum)}","${tensorsKey}":${JSON.stringify(`{${ofTensors}}`)}`;
  const users = JSON.stringify(metadata).slice(1, -1);
  return `{${own}${users === '' ? '' : ','}${users}}`;
}

/** Puts the header's own checksum into it. @param start the file up to where the tensors begin. */
export function sealHeader(start: Uint8Array): Uint8Array {
  const sealed = start.slice();
  sealed.set(new TextEncoder().encode(hex(crc32(start))), digitsAt);
  return sealed;
}

/**
 * Takes the checksums out of a file's metadata and checks that of the header.
 * @param start the file up to where the tensors begin.
 * @param metadata loses the checksums.
 * @param tensors what the header says of each tensor, by name.
 * @returns undefined where the file has none: another program wrote it, or this one before it wrote checksums.
 * @throws {FileFormatError} where the header is not as it was written.
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
    new FileFormatError(path, `has a damaged header, or was changed by a program that left its checksums: ${problem}`);
  if (ofHeader === undefined || ofTensors === undefined || !beginning.every((byte, i) => start[8 + i] === byte))
    throw damaged(`${headerKey} and ${tensorsKey} are not where they were written`);
  const found = headerChecksum(start);
  if (ofHeader !== hex(found)) throw damaged(`it has the checksum ${hex(found)}, written was ${quote(ofHeader)}`);
  const checksums = parseChecksums(ofTensors);
  if (checksums?.size !== tensors.size || ![...tensors.keys()].every(name => checksums.has(name)))
    throw damaged('its checksums are not those of its tensors');
  return checksums;
}

/**
 * The bytes of a tensor, if they have its checksum.
 * @throws {FileFormatError} naming the tensor.
 */
export function checkedBytes(path: string, name: string, bytes: Uint8Array, checksums: Checksums): Uint8Array {
  const found = crc32(bytes);
  const written = checksums.get(name)!;
  if (found === written) return bytes;
  throw new FileFormatError(
    path,
    `tensor ${quote(name)} is damaged: its bytes have the checksum ${hex(found)}, written was ${hex(written)}`,
  );
}

/** The checksum of a header while its own digits are zeros. */
function headerChecksum(start: Uint8Array): number {
  const unsealed = start.slice();
  unsealed.fill(0x30, digitsAt, digitsAt + digits);
  return crc32(unsealed);
}

/** @returns undefined where the text is anything but eight digits for each of some names. */
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
