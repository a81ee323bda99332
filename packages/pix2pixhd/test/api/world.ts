/**
 * A folder as the examples find it: a small dataset in `data/city`, one scene in `label.png`, `inst.png` and `photo.png`.
 * Depends on the small datasets of the tests.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelNc, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

/** The repository. */
export const root = fileURLToPath(new URL('../../../../../', import.meta.url));
/** The folder of the package. */
export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** Makes the folder; it is gone when the test file is done. */
export function makeWorld(): string {
  const world = workFolder();
  const dataroot = join(world, 'data/city');
  writeLabelPairs(dataroot, 'train', 3, 64, 32);
  writeLabelPairs(dataroot, 'test', 2, 64, 32);
  const classes = Array.from({ length: labelNc }, (_, id) => ({
    id,
    name: `class ${id}`,
    colour: `#0000${id}0`,
    countable: id === 4,
  }));
  writeFileSync(join(dataroot, 'classes.json'), JSON.stringify(classes));
  for (const [role, name] of Object.entries({ label: 'label', inst: 'inst', img: 'photo' }))
    copyFileSync(join(dataroot, `test_${role}`, '0.png'), join(world, `${name}.png`));
  symlinkSync(join(root, 'node_modules'), join(world, 'node_modules'), 'dir');
  return world;
}

/** Runs a script of Node in the folder; what it prints. */
export function runIn(world: string, script: string, ...args: string[]): string {
  return execFileSync(process.execPath, [script, ...args], { cwd: world, encoding: 'utf8', stdio: 'pipe' });
}
