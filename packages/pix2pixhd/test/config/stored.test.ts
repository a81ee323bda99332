import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainCommand } from '../../src/config/commands/train.js';
import { fromStoredConfig, resumedConfig, toStoredConfig } from '../../src/config/stored.js';
import { UserError } from '../../src/errors.js';
import { parseCommand } from '../support/parse-command.js';

const config = parseCommand(trainCommand, '--dataroot d --name n --ngf 16 --max-steps 40 --dry-run'.split(' '));

test('a configuration survives being stored, but for the options of one invocation', () => {
  const stored = toStoredConfig(config);
  assert(!('dryRun' in stored) && !('resume' in stored) && !('debug' in stored));
  assert.deepEqual(fromStoredConfig(JSON.parse(JSON.stringify(stored)), 'config.json'), { ...config, dryRun: false });
});

test('an option added since takes its default, an unknown one or a bad value is named with the file', () => {
  const { lambdaL1: _, ...older } = toStoredConfig(config);
  assert.equal(fromStoredConfig(older, 'config.json').lambdaL1, 0);
  for (const [change, name] of [
    [{ warpDrive: 9 }, /warpDrive/],
    [{ ngf: 'many' }, /ngf/],
  ] as const) {
    assert.throws(
      () => fromStoredConfig({ ...toStoredConfig(config), ...change }, 'runs/n/config.json'),
      (error: unknown) =>
        error instanceof UserError && name.test(error.message) && error.parts.where === 'runs/n/config.json',
    );
  }
});

test('a resumed run keeps its options, takes new limits, and refuses another network', () => {
  const stored = fromStoredConfig(toStoredConfig(config), 'config.json');
  const resumed = resumedConfig(stored, { name: 'n', resume: true, maxSteps: 60, ngf: 16 });
  assert.deepEqual(resumed, { ...stored, resume: true, maxSteps: 60 });
  assert.throws(
    () => resumedConfig(stored, { ngf: 64 }),
    (error: unknown) =>
      error instanceof UserError &&
      error.parts.where === '--ngf' &&
      error.parts.found === '64' &&
      error.parts.expected?.startsWith('16') === true,
  );
});

test('whether an imported run has the perceptual loss may still be said, and is kept then', () => {
  const stored = fromStoredConfig(toStoredConfig(config), 'config.json');
  assert.equal(stored.vggLoss, null);
  assert.equal(resumedConfig(stored, { vggLoss: true }).vggLoss, true);
  assert.throws(() => resumedConfig({ ...stored, vggLoss: false }, { vggLoss: true }), UserError);
});
