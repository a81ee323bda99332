/** Types of `@pix2pixhd/torch/download`; see download.mjs. */

/** What is downloaded, and where it goes. */
export interface Download {
  readonly url: string;
  /** The file; its folder is made where it is missing. */
  readonly destination: string;
  /** The SHA-256 of the file in hex, or how it begins; left out, anything is taken. */
  readonly sha256?: string | undefined;
  /** Called after every chunk: bytes so far, and in total where the server says. */
  readonly onProgress?: ((received: number, total: number | null) => void) | undefined;
  /** Ends the download. */
  readonly signal?: AbortSignal | undefined;
}

/** Why nothing was put in place. */
export type DownloadFailure = 'unreachable' | 'refused' | 'interrupted' | 'wrong-hash' | 'unwritable';

/** A download that failed: its message says why in a clause. */
export class DownloadError extends Error {
  readonly kind: DownloadFailure;
  constructor(kind: DownloadFailure, message: string, options?: ErrorOptions);
}

/**
 * Downloads a file. Whatever goes wrong, `destination` is as it was and no part of the file is left beside it.
 * @returns its size in bytes, and its SHA-256 in hex.
 * @throws DownloadError
 */
export function download(options: Download): Promise<{ bytes: number; sha256: string }>;
