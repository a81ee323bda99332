/** Compiled files whose source is gone: tsc leaves them behind, tests would run them and npm publish them. Depends on Node only. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Deletes them from a package.
 * @param {string} path the package's folder, with sources beside `dist`.
 */
export function removeStaleOutput(path) {
  const dist = join(path, 'dist');
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { recursive: true }).map(String)) {
    // `page` and `site` are bundles, and not file for file from sources.
    const compiled = /^(?!(?:page|site)\/)(.*)\.(?:d\.ts|js|js\.map)$/.exec(entry);
    if (compiled !== null && !['ts', 'tsx'].some(kind => existsSync(join(path, `${compiled[1]}.${kind}`))))
      rmSync(join(dist, entry));
  }
}
