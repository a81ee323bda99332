/** A folder that is made once: what remains if writing fails. The other rules are tested with the data sets. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolderOnce } from '../src/dataset/made-folder.js';

/** A device on which every write fails as on a full disk. */
const full = '/dev/full';

test('on a full disk the folder is removed, and the error names it', { skip: !existsSync(full) }, async t => {
  const root = mkdtempSync(join(tmpdir(), 'pix2pixhd-made-'));
  t.after(() => rmSync(root, { recursive: true }));
  const out = join(root, 'made');
  const fill = async (folder: string) => {
    await writeFile(join(folder, 'a'), 'fits');
    symlinkSync(full, join(folder, 'b'));
    await writeFile(join(folder, 'b'), 'does not');
  };
  await assert.rejects(makeFolderOnce(out, 'about', { version: 1, size: 1 }, fill), { code: 'ENOSPC', path: out });
  assert.deepEqual(readdirSync(root), []);
});
