/** What `--stages` says of every stage, and what of it is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainCommand } from '../../src/config/commands/train.js';
import { stagesOf } from '../../src/config/stages.js';
import { UsageError } from '../../src/errors.js';
import { parseCommand } from '../support/parse-command.js';

const stages = (...argv: string[]) => stagesOf(parseCommand(trainCommand, ['--dataroot', 'd', '--name', 'n', ...argv]));

test('each setting of a width counts for its stages, epochs in the proportion of the rates', () => {
  const options = [
    '--stages',
    '64:epochs=30:batch=4,128:fix=3:epochs=9:lr=1e-4',
    '--niter',
    '10',
    '--niter-decay',
    '20',
  ];
  assert.deepEqual(
    stages(...options).map(({ frozen, steps, config: { loadSize, batchSize, lr, niter, niterDecay } }) => [
      ...[frozen, steps, loadSize, batchSize, lr, niter, niterDecay],
    ]),
    [
      [false, null, 64, 4, 2e-4, 10, 20],
      [true, null, 128, 1, 1e-4, 3, 0],
      [false, null, 128, 1, 1e-4, 3, 6],
    ],
  );
});

test('a setting that is said twice, or has more than one value, is refused', () => {
  for (const [list, found] of [
    ['64:batch=1:batch=2', 'batch twice for the width 64'],
    ['64:batch=1=2', 'batch=1=2'],
    ['64:batch', 'batch'],
    ['64:batch=', 'batch='],
  ] as const)
    assert.throws(
      () => stages('--stages', list),
      (error: unknown) => error instanceof UsageError && error.parts.found === found,
      list,
    );
});

test('stages without any length are refused, and are not where each says its own', () => {
  const none = ['--niter', '0', '--niter-decay', '0'];
  assert.throws(
    () => stages('--stages', '64:epochs=3,128', ...none),
    (error: unknown) => error instanceof UsageError && error.parts.where === '--niter',
  );
  assert.equal(stages('--stages', '64:epochs=3,128:steps=9', ...none).length, 3);
});
