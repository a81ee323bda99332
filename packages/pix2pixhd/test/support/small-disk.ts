/** A disk that can be filled. Depends on the right to mount. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A disk in memory, unmounted after the test. */
export interface SmallDisk {
  readonly folder: string;
  /** Gives it another size, in bytes. */
  readonly grow: (bytes: number) => void;
}

/** Mounts a disk of so many bytes; where this process may not, the test is skipped and there is none. */
export function smallDisk(t: TestContext, bytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-disk-'));
  const mount = (...options: string[]) => spawnSync('mount', [...options, folder]).status === 0;
  const mounted = mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs');
  t.after(() => {
    if (mounted) spawnSync('umount', [folder]);
    rmdirSync(folder);
  });
  if (!mounted) t.skip('mounting is not allowed here');
  return mounted ? { folder, grow: more => assert.ok(mount('-o', `remount,size=${more}`)) } : undefined;
}
