/**
 * Folders as the public implementation leaves them, from the recorded weights; and the command line run inside this
 * process. Depends on the parity fixtures and the command line.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pix2pixhd } from './cli.js';

/** A file of the recorded vectors. */
export function parityFile(name: string): string {
  return fileURLToPath(new URL(`../../../test/fixtures/parity/${name}`, import.meta.url));
}

/** The lines of an `opt.txt` as the public implementation writes them, with other values in some. */
export function optTxt(changes: Readonly<Record<string, string>>): string {
  const options: Record<string, string> = {
    batchSize: '1',
    beta1: '0.5',
    checkpoints_dir: './checkpoints',
    continue_train: 'False',
    data_type: '32',
    dataroot: './datasets/cityscapes/',
    debug: 'False',
    display_freq: '100',
    display_winsize: '512',
    feat_num: '3',
    fineSize: '512',
    fp16: 'False',
    gpu_ids: '[0]',
    input_nc: '3',
    instance_feat: 'False',
    isTrain: 'True',
    label_feat: 'False',
    label_nc: '35',
    lambda_feat: '10.0',
    loadSize: '1024',
    load_features: 'False',
    load_pretrain: '',
    local_rank: '0',
    lr: '0.0002',
    max_dataset_size: 'inf',
    model: 'pix2pixHD',
    nThreads: '2',
    n_blocks_global: '9',
    n_blocks_local: '3',
    n_clusters: '10',
    n_downsample_E: '4',
    n_downsample_global: '4',
    n_layers_D: '3',
    n_local_enhancers: '1',
    name: 'label2city',
    ndf: '64',
    nef: '16',
    netG: 'global',
    ngf: '64',
    niter: '100',
    niter_decay: '100',
    niter_fix_global: '0',
    no_flip: 'False',
    no_ganFeat_loss: 'False',
    no_html: 'False',
    no_instance: 'False',
    no_lsgan: 'False',
    no_vgg_loss: 'False',
    norm: 'instance',
    num_D: '2',
    output_nc: '3',
    phase: 'train',
    pool_size: '0',
    print_freq: '100',
    resize_or_crop: 'scale_width',
    save_epoch_freq: '10',
    save_latest_freq: '1000',
    serial_batches: 'False',
    tf_log: 'False',
    use_dropout: 'False',
    verbose: 'False',
    which_epoch: 'latest',
    ...changes,
  };
  const lines = Object.entries(options).map(([name, value]) => `${name}: ${value}`);
  return ['------------ Options -------------', ...lines, '-------------- End ----------------', ''].join('\n');
}

/** The options of the recorded generators with one enhancer, in `opt.txt`'s names; they take 8 channels. */
export const recordedGenerator = {
  label_nc: '7',
  netG: 'local',
  ngf: '4',
  n_downsample_global: '2',
  n_blocks_global: '2',
  n_local_enhancers: '1',
  n_blocks_local: '1',
  resize_or_crop: 'none',
} as const;

/** Writes an official folder. @param files recorded files by the names they get. */
export function writeOfficial(
  folder: string,
  files: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>> | undefined,
): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, recorded] of Object.entries(files)) copyFileSync(parityFile(recorded), join(folder, name));
  if (options !== undefined) writeFileSync(join(folder, 'opt.txt'), optTxt(options));
  return folder;
}

/** Runs `pix2pixhd ARGV` inside this process. @returns the exit code, and all that was printed. */
export async function runHere(...argv: readonly string[]): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await pix2pixhd(...argv);
  return { code, said: stderr + stdout };
}
