/**
 * A network larger than the machine's memory, or than the process's limit: an error that says what was being created and
 * what takes less, exit code 1; the system never kills the process.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cudaAvailable } from '@pix2pixhd/torch';
import { refuse } from '../support/cli.js';
import { labelNc, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const linux = process.platform === 'linux';
/** CUDA's libraries alone need more address space than the test leaves. */
const limitable = linux && !cudaAvailable();
const folder = workFolder();
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const training = (ngf: number) => [
  ...['train', '--checkpoints-dir', join(folder, 'checkpoints'), '--name', `ngf${ngf}`, '--ngf', String(ngf)],
  ...['--dataroot', join(folder, 'data'), '--label-nc', String(labelNc), '--resize-or-crop', 'none'],
  ...['--n-downsample-global', '2', '--no-vgg-loss', '--precision', 'fp32', '--workers', '1', '--max-steps', '1'],
];

before(() => writeLabelPairs(join(folder, 'data'), 'train', 1, 32, 32));

test('weights beyond what the machine has free', { skip: !linux }, () =>
  refuse(
    training(65536),
    1,
    /not enough memory for a tensor of 288\.00 GiB: [\d.]+ [GM]iB are free \(aten::\w+ of \[131072, 65536, 3, 3\]\)/,
    /remedy: .*--load-size.*--batch-size.*--checkpointing.*--ngf/,
  ),
);

test('weights beyond what the process may take', { skip: !limitable }, () => {
  const limited = ['-c', 'ulimit -v 3000000; exec "$0" "$@"', process.execPath, main, ...training(2048)];
  const { status, signal, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
  assert.deepEqual([status, signal], [1, null], stderr);
  assert.match(
    stderr,
    /found: {4}not enough memory for a tensor of 1\.12 GiB: .* \(aten::\w+ of \[8192, 4096, 3, 3\]\)/,
  );
  assert.match(stderr, /remedy: .*--ngf/);
});
