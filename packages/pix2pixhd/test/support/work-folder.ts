/** A folder for the files of a test file. Apart from runs.ts, which loads libtorch. Depends on Node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder that is gone when the test file is done. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-e2e-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
