/** PyTorch itself reads what writePth writes. Skipped where no Python with PyTorch is found. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from '../../src/serialize/crc32.js';
import { type PthValue, readPth, writePth } from '../../src/serialize/index.js';
import { oneOfEachType, temporaryFolder, tensorOf } from './support.js';

const folder = temporaryFolder();
const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter(name => name !== undefined);
const python = candidates.find(name => spawnSync(name, ['-c', 'import torch, numpy']).status === 0);
const options = python === undefined ? { skip: 'no Python with PyTorch and NumPy' } : {};

function run(script: string, ...args: string[]): string {
  const result = spawnSync(python!, ['-c', script, ...args], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

const describeTensors = `
import json, sys, zlib, torch
state = torch.load(sys.argv[1], weights_only=True)
def describe(t):
    raw = t.view(torch.int16) if t.dtype == torch.bfloat16 else t
    return [str(t.dtype)[6:], list(t.shape), zlib.crc32(raw.numpy().tobytes())]
print(json.dumps([[name, *describe(t)] for name, t in state.items()]))
`;

test('torch.load(weights_only=True) reads every element type, bit by bit', options, () => {
  const path = join(folder, 'state.pth');
  const state = oneOfEachType();
  writePth(path, state);
  const expected = [...state].map(([name, { dtype, shape, bytes }]) => [name, dtype, shape, crc32(bytes)]);
  assert.deepEqual(JSON.parse(run(describeTensors, path)), expected);
});

test('torch.load(weights_only=True) reads nested values without floats; a shared tensor is one object', options, () => {
  const path = join(folder, 'nested.pth');
  const tied = tensorOf('float32', [2], [3, 4]);
  writePth(
    path,
    new Map<string, PthValue>([
      ['tied', [tied, tied]],
      ['ints', [0, 255, 256, -1, 2 ** 40, 2n ** 70n]],
      ['rest', [true, false, null, 'Größe ✓', [], new Map([[3, 'three']])]],
    ]),
  );
  const script = `
import sys, torch
v = torch.load(sys.argv[1], weights_only=True)
assert v['ints'] == [0, 255, 256, -1, 2 ** 40, 2 ** 70], v['ints']
assert v['rest'] == [True, False, None, 'Größe ✓', [], {3: 'three'}], v['rest']
assert v['tied'][0].tolist() == [3, 4] and v['tied'][0] is v['tied'][1]
`;
  run(script, path);
});

test('torch.load reads floats exactly', options, () => {
  const path = join(folder, 'floats.pth');
  writePth(path, [0.1, -1e300, 5e-324, Infinity]);
  // PyTorch 1.13's weights-only reader knows no floats; its ordinary one and 2.x's both do.
  const script = `
import sys, torch
old = torch.__version__.startswith('1.')
assert torch.load(sys.argv[1], weights_only=not old) == [0.1, -1e300, 5e-324, float('inf')]
`;
  run(script, path);
});

test('readPth undoes what PyTorch makes of our file and saves again, in both formats', options, () => {
  const path = join(folder, 'ours.pth');
  const value = new Map<string, PthValue>([
    ['state', oneOfEachType()],
    ['lr', 2e-4],
    ['epochs', [1, 2]],
  ]);
  writePth(path, value);
  const script = `
import sys, torch
old = torch.__version__.startswith('1.')
value = torch.load(sys.argv[1], weights_only=not old)
torch.save(value, sys.argv[2], _use_new_zipfile_serialization=sys.argv[3] == 'zip')
`;
  for (const format of ['zip', 'legacy']) {
    const again = join(folder, `again.${format}.pth`);
    run(script, path, again, format);
    assert.deepEqual(readPth(again), value);
  }
});
