/** The Python of this machine that has PyTorch, for tests that compare with it. Depends on Node. */
import { spawnSync } from 'node:child_process';

const candidates = [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter(name => name !== undefined);

/** Looks for the package without importing it, which takes seconds. */
const probe = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';

/** The first that has PyTorch; undefined where there is none. */
export function findPyTorch(): string | undefined {
  return candidates.find(name => spawnSync(name, ['-c', probe]).status === 0);
}
