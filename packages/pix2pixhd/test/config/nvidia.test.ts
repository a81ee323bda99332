/**
 * NVIDIA's own command lines, every option of its base, train and test options: each is understood, says why it changes
 * nothing, or is refused with a reason, by the three commands that take the place of its programs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/config/argv.js';
import type { CommandSpec } from '../../src/config/commands/command.js';
import { encodeCommand } from '../../src/config/commands/encode.js';
import { generateCommand } from '../../src/config/commands/generate.js';
import { trainCommand } from '../../src/config/commands/train.js';
import { checkAgrees } from '../../src/config/repeatable.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { UsageError, UserError } from '../../src/errors.js';

/** Of base_options.py, with the default as one types it. */
const base =
  '--name n --gpu_ids -1 --checkpoints_dir ./c --model pix2pixHD --norm instance --use_dropout --data_type 32 --verbose ' +
  '--fp16 --local_rank 0 --batchSize 1 --loadSize 1024 --fineSize 512 --label_nc 35 --input_nc 3 --output_nc 3 ' +
  '--dataroot ./d --resize_or_crop scale_width --serial_batches --no_flip --nThreads 2 --max_dataset_size inf ' +
  '--display_winsize 512 --tf_log --netG global --ngf 64 --n_downsample_global 4 --n_blocks_global 9 --n_blocks_local 3 ' +
  '--n_local_enhancers 1 --niter_fix_global 10 --no_instance --instance_feat --label_feat --feat_num 3 ' +
  '--load_features --n_downsample_E 4 --nef 16 --n_clusters 10';
const ofTraining =
  '--display_freq 100 --print_freq 100 --save_latest_freq 1000 --save_epoch_freq 10 --no_html --debug --continue_train ' +
  '--load_pretrain p --which_epoch latest --phase train --niter 100 --niter_decay 100 --beta1 0.5 --lr 0.0002 --num_D 2 ' +
  '--n_layers_D 3 --ndf 64 --lambda_feat 10.0 --no_ganFeat_loss --no_vgg_loss --no_lsgan --pool_size 0';
const ofTest =
  '--ntest 10 --results_dir ./r --aspect_ratio 1.0 --phase test --which_epoch latest --how_many 50 ' +
  '--cluster_path features_clustered_010.npy --use_encoded_image';

/** `--a 1 --b` as `['--a', '1']` and `['--b']`. */
const options = (line: string) => line.split(/ (?=--)/).map(option => option.split(' '));
const read = (command: CommandSpec, ...argv: string[]) => readCommandLine(command, argv);

test('each option of each program is taken by each command that succeeds one', () => {
  const commands: readonly CommandSpec[] = [trainCommand, generateCommand, encodeCommand];
  for (const command of commands)
    for (const option of options(`${base} ${ofTraining} ${ofTest}`)) {
      const { given, stated, remarks } = read(command, ...option);
      // Nothing is dropped in silence but what could not be otherwise.
      const heard = Object.keys(given).length + Object.keys(stated).length + remarks.length;
      const obvious = ['--model', '--which_epoch', '--aspect_ratio', '--debug'].includes(option[0]!);
      assert.ok(heard > 0 || obvious, `${command.name} ${option.join(' ')}`);
    }
});

test('what contradicts is refused, with what is accepted', () => {
  for (const [command, line, expected] of [
    [generateCommand, '--aspect_ratio 2.0', /1\.0/],
    [generateCommand, '--model ui', /pix2pixHD/],
    [generateCommand, '--data_type 8', /32 or 16/],
    [trainCommand, '--which_epoch 20', /latest/],
  ] as const)
    assert.throws(
      () => read(command, ...line.split(' ')),
      (error: unknown) => error instanceof UsageError && expected.test(error.parts.expected ?? ''),
      line,
    );
  for (const name of ['--export_onnx', '--engine', '--onnx'])
    assert.throws(() => read(generateCommand, name, 'x'), UsageError);
});

test('remarks with one reason are one line', () => {
  const { remarks } = read(
    generateCommand,
    ...'--lr 0.1 --niter 5 --loadSize 64 --ndf 8 --resize_or_crop none'.split(' '),
  );
  assert.deepEqual(remarks, [
    '--lr, --niter, --ndf: only used in training',
    '--loadSize, --resize_or_crop: images keep their own size',
  ]);
  // A value that training would refuse is refused here too.
  assert.throws(() => read(generateCommand, '--lr', 'fast'), UsageError);
  // What only ours has is no option of the test program that somebody pastes.
  assert.throws(() => read(generateCommand, '--lambda-L1', '1'), /an option of pix2pixhd train/);
});

test('limits and threads in their spelling', () => {
  const given = (command: CommandSpec, line: string) => read(command, ...line.split(' ')).given;
  assert.deepEqual(given(trainCommand, '--max_dataset_size inf --nThreads 0 --serial_batches'), {
    maxDatasetSize: null,
    workers: 1,
    serialBatches: true,
  });
  assert.deepEqual(given(trainCommand, '--max_dataset_size 100'), { maxDatasetSize: 100 });
  assert.deepEqual(given(generateCommand, '--max_dataset_size 3'), { howMany: 3 });
  assert.deepEqual(given(generateCommand, '--fp16'), { precision: 'bf16' });
});

test('what is repeated must agree with the checkpoint, where it counts there', () => {
  const trained = trainSchema.parse({ dataroot: 'd', name: 'n', labelNc: 5, ngf: 8 });
  const check = (line: string, config: TrainConfig = trained) =>
    checkAgrees(read(generateCommand, ...line.split(' ')).stated, config, 'c.safetensors');
  check(
    '--label_nc 5 --ngf 8 --netG global --n_local_enhancers 2 --n_blocks_local 9 --input_nc 1 --feat_num 9 --nef 2',
  );
  for (const [line, found, expected] of [
    ['--ngf 64', '64', /^8, as c\.safetensors/],
    ['--label_nc 35', '35', /^5/],
    ['--no_instance', 'with --no-instance', /^without/],
    ['--netG local', 'local', /^global/],
    ['--instance_feat', 'with --instance-feat', /^without/],
    ['--norm batch', 'batch', /^instance/],
  ] as const)
    assert.throws(
      () => check(line),
      (error: unknown) =>
        error instanceof UserError && error.parts.found === found && expected.test(error.parts.expected ?? ''),
      line,
    );
  // Images have no instance maps, so that the option agrees whether or not it was given.
  const images: TrainConfig = { ...trained, labelNc: 0 };
  check('--no_instance --label_nc 0', images);
  assert.throws(() => check('--input_nc 1', images), UserError);
  assert.throws(() => check('--n_local_enhancers 2', { ...trained, netG: 'local' }), UserError);
});
