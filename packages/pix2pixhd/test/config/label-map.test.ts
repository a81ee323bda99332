/** `--label-map` from the command line to the samples that training and generating make. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkCommand } from '../../src/config/commands/check.js';
import { trainCommand } from '../../src/config/commands/train.js';
import { checkConsistency } from '../../src/config/consistency.js';
import { loadSample } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { UsageError } from '../../src/errors.js';
import { inputSpec } from '../../src/inference/input-reader.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { temporaryFolder, writePng } from '../data/images.js';
import { parseCommand } from '../support/parse-command.js';

const train = (...more: string[]) => parseCommand(trainCommand, ['--dataroot', 'd', '--name', 'n', ...more]);

test('training and generating see the same classes in a mask', async t => {
  const label = join(temporaryFolder(t), 'mask.png');
  writePng(
    label,
    64,
    1,
    Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 32 ? 0 : 255)),
  );
  const config = train('--label-nc', '2', '--label-map', '255:1', '--load-size', '64', '--no-flip');
  for (const spec of [trainingSpec(config), inputSpec(config)]) {
    const { label: ids } = await loadSample({ stem: 's', label }, spec, sampleRandom(0, 0, 0));
    assert.deepEqual(
      [...ids!],
      Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 32 ? 0 : 1)),
    );
  }
});

test('mappings that are none, or lead to no class, are refused before a file is read', () => {
  for (const text of ['255', '255:', '255=1', '255:1,', '-1:0', '255:1,255:2'])
    assert.throws(() => parseCommand(checkCommand, ['--dataroot', 'd', '--label-map', text]), UsageError, text);
  checkConsistency(train('--label-nc', '2', '--label-map', '255:1,7:255'));
  for (const options of [
    ['--label-nc', '2', '--label-map', '255:2'],
    ['--label-nc', '0', '--label-map', '255:1'],
  ])
    assert.throws(
      () => checkConsistency(train('--no-instance', ...options)),
      (error: unknown) => error instanceof UsageError && error.parts.where === '--label-map',
      options.join(' '),
    );
});
