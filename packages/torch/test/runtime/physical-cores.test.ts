/**
 * The CPUs a process may use: all of those it is bound to, and no others.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { parseCpuList, physicalCores } from '../../src/physical-cores.js';

test("a list in Linux's notation names every CPU of its ranges", () => {
  assert.deepEqual(parseCpuList('0'), [0]);
  assert.deepEqual(parseCpuList('0-3'), [0, 1, 2, 3]);
  assert.deepEqual(parseCpuList('0-1,4,10-11'), [0, 1, 4, 10, 11]);
});

test('there are between one and as many cores as logical CPUs', () => {
  const cores = physicalCores();
  assert.ok(Number.isInteger(cores) && cores >= 1 && cores <= availableParallelism(), String(cores));
});

const canBind = spawnSync('taskset', ['--version']).status === 0;

test('a process bound to one CPU has one core, whichever it is', { skip: !canBind && 'no taskset' }, () => {
  const status = readFileSync('/proc/self/status', 'utf8');
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!);
  const file = new URL('../../src/physical-cores.js', import.meta.url).href;
  const program = `import(${JSON.stringify(file)}).then(m => process.stdout.write(String(m.physicalCores())))`;
  for (const cpu of [allowed[0]!, allowed.at(-1)!]) {
    const { stdout } = spawnSync('taskset', ['-c', String(cpu), process.execPath, '-e', program]);
    assert.equal(String(stdout), '1');
  }
});
