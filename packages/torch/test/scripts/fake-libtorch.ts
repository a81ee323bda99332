/**
 * Folder trees that look like a libtorch, for the tests of the build scripts. Depends on Node only.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A temporary folder that goes when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-scripts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, given as path → text, below a folder. */
export function writeTree(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** The defines of libtorch's version.h. */
export function versionHeader(version: string): string {
  const [major, minor, patch] = version.split('.');
  return `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n`;
}

/** What an unpacked official zip holds, as far as the scripts look. */
export function zipLayout(
  version: string,
  libs: readonly string[] = ['torch', 'torch_cpu', 'c10'],
): Record<string, string> {
  return {
    'build-version': `${version}\n`,
    'include/ATen/ATen.h': '',
    'include/torch/csrc/api/include/torch/version.h': versionHeader(version),
    ...Object.fromEntries(libs.map(name => [`lib/lib${name}.so`, ''])),
  };
}
