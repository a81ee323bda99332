/** The Python of this machine that has PyTorch, for tests that compare with it. Depends on Node. */
import { spawnSync } from 'node:child_process';

const candidates = [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter(name => name !== undefined);

/** The first that can import PyTorch; undefined where there is none. */
export function findPyTorch(): string | undefined {
  return candidates.find(name => spawnSync(name, ['-c', 'import torch']).status === 0);
}
