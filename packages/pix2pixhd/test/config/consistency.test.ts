/**
 * Options that do not go together, of those that only some devices have.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cudaAvailable } from '@pix2pixhd/torch';
import { trainCommand } from '../../src/config/commands/train.js';
import { checkConsistency } from '../../src/config/consistency.js';
import { UsageError, UserError } from '../../src/errors.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { prepareCompute } from '../support/compute.js';
import { parseCommand } from '../support/parse-command.js';

const train = (...more: string[]) => parseCommand(trainCommand, ['--dataroot', 'd', '--name', 'n', ...more]);

test('CUDA graphs are refused where a step is not the same every time', () => {
  for (const [found, ...more] of [
    ['--device cpu', '--device', 'cpu'],
    ['--pool-size 50', '--pool-size', '50'],
    ['--instance-feat', '--instance-feat'],
    ['--label-feat', '--label-feat'],
  ] as const)
    assert.throws(
      () => checkConsistency(train('--cuda-graphs', ...more)),
      (error: unknown) =>
        error instanceof UsageError &&
        error.parts.where === '--cuda-graphs' &&
        (error.parts.found ?? '').startsWith(found),
      found,
    );
  checkConsistency(train('--cuda-graphs', '--instance-feat', '--load-features'));
  checkConsistency(train('--cuda-graphs', '--device', 'cuda:1', '--checkpointing'));
  checkConsistency(train('--no-cuda-graphs', '--pool-size', '50'));
  assert.equal(train().cudaGraphs, null);
});

test('CUDA graphs are refused on the CPU before anything is computed', {
  skip: cudaAvailable() && 'there is a CUDA device',
}, () => {
  assert.throws(
    () => prepareCompute({ device: 'auto', precision: 'auto', threads: 1, seed: 0, cudaGraphs: true }),
    (error: unknown) =>
      error instanceof UserError &&
      error.parts.where === '--cuda-graphs' &&
      /leave --cuda-graphs out/.test(error.parts.remedy ?? ''),
  );
});

test('skips and the U-Net', () => {
  assert.throws(() => checkConsistency(train('--netG', 'unet', '--skips', 'input')), {
    name: 'UsageError',
    message: /--skips input\n.*--netG unet/s,
  });
});

test('jitter and modes that crop', () => {
  assert.throws(() => checkConsistency(train('--jitter', '0.1', '--resize-or-crop', 'crop')), {
    name: 'UsageError',
    message: /--jitter 0\.1\n.*--resize-or-crop crop/s,
  });
});

test('zoom and shift go with every mode, and reach the loader; by default there are none', () => {
  for (const mode of ['scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop', 'none']) {
    const config = train('--zoom', '1.3', '--shift', '0.1', '--resize-or-crop', mode);
    checkConsistency(config);
    const { zoom, shift } = trainingSpec(config).transform;
    assert.deepEqual([zoom, shift], [1.3, 0.1]);
  }
  const { zoom, shift } = trainingSpec(train()).transform;
  assert.deepEqual([zoom, shift], [1, 0]);
});
