/** A folder that is made once, on a disk that is full. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolderOnce } from '../../src/demo/made-folder.js';
import { smallDisk } from '../support/small-disk.js';

test('on a full disk nothing is left of the folder, and the error names it', async t => {
  const disk = smallDisk(t, 2 ** 20);
  if (disk === undefined) return;
  const out = join(disk.folder, 'made');
  const fill = async (folder: string) => {
    for (const name of ['a', 'b', 'c']) await writeFile(join(folder, name), new Uint8Array(500_000));
  };
  await assert.rejects(makeFolderOnce(out, 'about', { version: 1, size: 1 }, fill), { code: 'ENOSPC', path: out });
  assert.deepEqual(readdirSync(disk.folder), []);
});
