/**
 * The bytes of an input that is a file: of its path, its address, or itself. Depends on download/ and the platform.
 */
import { platform } from '#platform';
import { readAddress } from '../download/address.js';

/**
 * @param name what errors call it.
 * @returns undefined where the input is no file.
 * @throws UserError where it cannot be read.
 */
export async function bytesOf(input: unknown, name: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  if (input instanceof Uint8Array) return input;
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (typeof Blob !== 'undefined' && input instanceof Blob) return new Uint8Array(await input.arrayBuffer());
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  const path = platform.pathOf(input);
  if (path !== undefined) return platform.readFile(path, name);
  return (await readAddress(platform.addressOf(input), { doing: `reading ${name}`, signal })).bytes;
}
