/** SHA-256 as hexadecimal digits. Depends on Web Crypto, which browsers have on pages of https and of localhost. */

/** Undefined where there is no Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A digest as people give it, with or without `sha256:` or `sha256-`, as 64 lower-case digits. @throws TypeError */
export function plainDigest(digest: string): string {
  const digits = digest.replace(/^sha256[:-]/i, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new TypeError(`digest: expected SHA-256 as 64 hexadecimal digits, as sha256sum prints it, found ${digest}`);
}
