/** The Python of this machine that has PyTorch, for tests that compare with it. Depends on Node. */
import { spawnSync } from 'node:child_process';

const candidates = [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter(name => name !== undefined);

/** The first that has a package, which is looked for without importing it: that takes seconds. Undefined where there is none. */
export function findPythonWith(name: string): string | undefined {
  const probe = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`;
  return candidates.find(python => spawnSync(python, ['-c', probe]).status === 0);
}

/** The first that has PyTorch; undefined where there is none. */
export function findPyTorch(): string | undefined {
  return findPythonWith('torch');
}
