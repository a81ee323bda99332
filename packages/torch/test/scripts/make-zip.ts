/**
 * Writes small zip files for tests: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. Depends on Node only.
 */
import { deflateRawSync } from 'node:zlib';

/** One file of a zip; `mode` as in stat, `stored` without compression. */
export interface ZipEntry {
  readonly name: string;
  readonly data: string;
  readonly mode?: number;
  readonly stored?: boolean;
}

/** The bytes of a zip file. Checksums stay 0: the reader under test relies on the sizes. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, mode = 0o644, stored = false } of entries) {
    const plain = Buffer.from(data);
    const asIs = stored || plain.length === 0 || (mode & 0o170000) === 0o120000;
    const packed = asIs ? plain : deflateRawSync(plain);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(asIs ? 0 : 8, 4);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((mode << 16) | 0) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    // Version made by: 3 for Unix, so that the mode counts.
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listing, Buffer.from('PK\x05\x06'), end]);
}
