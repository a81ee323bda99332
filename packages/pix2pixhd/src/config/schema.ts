/**
 * Every option of training: its type, range, default, help text and NVIDIA's name for it. Adding an option means adding
 * it here; parser, help, stored configuration and the `TrainConfig` type follow. Depends on zod and `option.ts` only.
 *
 * Defaults are those of the paper and of NVIDIA's public implementation unless the comment beside one says why not.
 */

import { z } from 'zod';
import { option } from './option.js';
import { debug, device, labelMap, precision, seed, threads } from './shared-options.js';

/** A run's name becomes a folder: one path component, no leading dot. */
export const runNamePattern = /^[A-Za-z0-9_][\w.+-]*$/;

const count = z.int().min(1);
const freq = z.int().min(0);
const flag = () => z.boolean().default(false);

/** The schema of `pix2pixhd train`, and of the `config.json` stored with every run. */
export const trainSchema = z.strictObject({
  dataroot: option(z.string().min(1), {
    group: 'run',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Folder of the pairs. It holds train_label, train_inst and train_img, or train_A and train_B where inputs are images.',
  }),
  name: option(z.string().regex(runNamePattern), {
    group: 'run',
    value: 'NAME',
    nvidia: 'name',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    help: 'Name of the run. Everything it writes goes to CHECKPOINTS_DIR/NAME.',
    fixed: true,
  }),
  checkpointsDir: option(z.string().min(1).default('checkpoints'), {
    group: 'run',
    value: 'FOLDER',
    nvidia: 'checkpoints_dir',
    help: 'Folder that holds all runs.',
  }),
  phase: option(z.string().regex(runNamePattern).default('train'), {
    group: 'run',
    value: 'NAME',
    nvidia: 'phase',
    allowed: 'the part of a folder name before _label or _A, as in train_label',
    help: 'Which folders of the dataroot to train on: those that begin with this name.',
  }),
  resume: option(flag(), {
    group: 'run',
    aliases: ['continue_train'],
    help: 'Continue the run from its latest checkpoint, with the options it began with. Limits, learning rate and whatever else you give again replace the stored ones.',
    transient: true,
  }),
  dryRun: option(flag(), {
    group: 'run',
    help: 'Print the resolved options, the number of parameters and an estimate of memory, then exit.',
    transient: true,
  }),
  preset: option(z.enum(['none', 'paper', 'paper-12g', 'small']).default('none'), {
    group: 'run',
    help: 'Start from a known set of options: paper (1024 then 2048 wide; a card of 24 GB), paper-12g (the same on crops), small (64, 128, 256; an evening on a laptop). Options given beside it win.',
    transient: true,
  }),
  stages: option(z.string().min(1).nullable().default(null), {
    group: 'run',
    value: 'LIST',
    whenNull: 'one stage',
    allowed:
      'widths, each twice the one before, as in 512,1024, each with settings of its own if wanted: 512:epochs=60:batch=4',
    help: 'Coarse to fine: train the global generator at the first width, then add a local enhancer for each further one, first alone, then with all the rest. Each width may be followed by settings: epochs or steps, fix (how much of it the new enhancer trains alone), batch, lr, as in 512:steps=4000:batch=4,1024:fix=500:steps=3000.',
    fixed: true,
  }),
  nIterFixGlobal: option(count.default(10), {
    group: 'run',
    value: 'EPOCHS',
    flag: 'niter-fix-global',
    nvidia: 'niter_fix_global',
    help: 'Epochs in which a new enhancer trains alone before everything trains together. Only with --stages.',
    fixed: true,
  }),
  loadPretrain: option(z.string().min(1).nullable().default(null), {
    group: 'run',
    value: 'PATH',
    nvidia: 'load_pretrain',
    whenNull: 'fresh weights',
    help: 'Begin with the weights of a checkpoint, of a run folder, or of a folder with latest_net_G.pth. What fits is taken, the rest is new; both are printed.',
    fixed: true,
  }),
  maxSteps: option(count.nullable().default(null), {
    group: 'run',
    value: 'N',
    whenNull: 'no limit',
    help: 'Stop after this many steps in all, earlier ones of a resumed run included. One step is one batch, or as many as --accumulate says.',
  }),
  maxMinutes: option(z.number().positive().nullable().default(null), {
    group: 'run',
    value: 'MINUTES',
    whenNull: 'no limit',
    help: 'Stop after this many minutes of this invocation, save and exit.',
  }),
  seed: option(seed(), {
    group: 'run',
    value: 'N',
    help: 'Seed of weights, shuffling, flips and crops. Same seed, data and number of threads: same losses.',
    fixed: true,
  }),
  debug: debug(),

  labelNc: option(z.int().min(0).max(65535).default(35), {
    group: 'data',
    value: 'N',
    nvidia: 'label_nc',
    help: 'Number of label classes; labels are 0 to N-1 and 255 means no class. 0: inputs are images (train_A, train_B), not label maps.',
    fixed: true,
  }),
  labelMap: labelMap('data'),
  inputNc: option(count.default(3), {
    group: 'data',
    value: 'N',
    nvidia: 'input_nc',
    help: 'Channels of the input images. Only used with --label-nc 0.',
    fixed: true,
  }),
  outputNc: option(count.default(3), {
    group: 'data',
    value: 'N',
    nvidia: 'output_nc',
    help: 'Channels of the images to generate.',
    fixed: true,
  }),
  noInstance: option(flag(), {
    group: 'data',
    nvidia: 'no_instance',
    help: 'Do without instance maps. Otherwise the borders between objects become an input channel.',
    fixed: true,
  }),
  resizeOrCrop: option(
    z.enum(['scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop', 'none']).default('scale_width'),
    {
      group: 'data',
      nvidia: 'resize_or_crop',
      help: 'How images are brought to size: width scaled to --load-size; then cropped to --fine-size; both sides resized to --load-size and cropped; only cropped; or left alone.',
    },
  ),
  loadSize: option(count.default(1024), {
    group: 'data',
    value: 'PIXELS',
    nvidia: 'loadSize',
    help: 'Width to which images are scaled.',
  }),
  fineSize: option(count.default(512), {
    group: 'data',
    value: 'PIXELS',
    nvidia: 'fineSize',
    help: 'Side of the crops.',
  }),
  serialBatches: option(flag(), {
    group: 'data',
    nvidia: 'serial_batches',
    help: 'Take the pairs in the order of their names in every epoch, not in a random one.',
  }),
  maxDatasetSize: option(count.nullable().default(null), {
    group: 'data',
    value: 'N',
    whenNull: 'all',
    help: 'Train on the first N pairs only, by name.',
  }),
  noFlip: option(flag(), {
    group: 'data',
    nvidia: 'no_flip',
    help: 'Do not mirror pairs at random. For images where left and right matter.',
  }),
  batchSize: option(count.default(1), {
    group: 'data',
    value: 'N',
    nvidia: 'batchSize',
    help: 'Pairs in a step.',
    fixed: true,
  }),
  workers: option(count.max(64).default(2), {
    group: 'data',
    value: 'N',
    aliases: ['nThreads'],
    help: 'Threads that decode images while the network computes.',
  }),
  cacheDir: option(z.string().min(1).nullable().default(null), {
    group: 'data',
    value: 'FOLDER',
    whenNull: 'no cache',
    help: 'Keep decoded and resized pairs in this folder: later epochs and runs read them without decoding.',
  }),

  netG: option(z.enum(['global', 'local', 'unet']).default('global'), {
    group: 'network',
    flag: 'netG',
    nvidia: 'netG',
    help: 'Generator: the global generator G1; the same with local enhancers for high resolution; or the U-Net of pix2pix.',
    fixed: true,
  }),
  ngf: option(count.default(64), {
    group: 'network',
    value: 'N',
    nvidia: 'ngf',
    help: "Filters in the generator's first layer. 32 needs about a quarter of the time, with softer images.",
    fixed: true,
  }),
  nDownsampleGlobal: option(z.int().min(1).max(8).default(4), {
    group: 'network',
    value: 'N',
    nvidia: 'n_downsample_global',
    help: 'How often the global generator halves the resolution. Fewer keep small detail in small images.',
    fixed: true,
  }),
  nBlocksGlobal: option(z.int().min(0).default(9), {
    group: 'network',
    value: 'N',
    nvidia: 'n_blocks_global',
    help: 'Residual blocks of the global generator.',
    fixed: true,
  }),
  nLocalEnhancers: option(count.max(4).default(1), {
    group: 'network',
    value: 'N',
    nvidia: 'n_local_enhancers',
    help: 'Local enhancers on top of the global generator. Each doubles the resolution. Only with --netG local.',
    fixed: true,
  }),
  nBlocksLocal: option(z.int().min(0).default(3), {
    group: 'network',
    value: 'N',
    nvidia: 'n_blocks_local',
    help: 'Residual blocks of each local enhancer. Only with --netG local.',
    fixed: true,
  }),
  nDownsampleUnet: option(z.int().min(5).max(10).default(8), {
    group: 'network',
    value: 'N',
    help: 'How often the U-Net halves the resolution: 8 for 256 pixels, 7 for 128. Only with --netG unet.',
    fixed: true,
  }),
  noDropout: option(flag(), {
    group: 'network',
    help: 'Do without dropout, the noise of pix2pix. Only with --netG unet; the others have none.',
    fixed: true,
  }),
  norm: option(z.enum(['instance', 'batch']).default('instance'), {
    group: 'network',
    nvidia: 'norm',
    help: 'Normalisation after convolutions.',
    fixed: true,
  }),
  upsample: option(z.enum(['transpose', 'resize']).default('transpose'), {
    group: 'network',
    help: 'Upsampling: transposed convolution, as in public checkpoints, or nearest-neighbour resize and convolution, which leaves no checkerboard in short runs. Not with --netG unet.',
    fixed: true,
  }),
  numD: option(count.max(8).default(2), {
    group: 'network',
    value: 'N',
    flag: 'num-D',
    nvidia: 'num_D',
    help: 'Discriminators, each at half the resolution of the one before.',
    fixed: true,
  }),
  nLayersD: option(count.max(8).default(3), {
    group: 'network',
    value: 'N',
    flag: 'n-layers-D',
    nvidia: 'n_layers_D',
    help: 'Stride-2 layers of each discriminator.',
    fixed: true,
  }),
  ndf: option(count.default(64), {
    group: 'network',
    value: 'N',
    nvidia: 'ndf',
    help: "Filters in a discriminator's first layer.",
    fixed: true,
  }),

  instanceFeat: option(flag(), {
    group: 'network',
    nvidia: 'instance_feat',
    help: 'Train an encoder along, whose features tell the style of every object, so that styles can be chosen later. Needs instance maps.',
    fixed: true,
  }),
  labelFeat: option(flag(), {
    group: 'network',
    nvidia: 'label_feat',
    help: 'The same with one style for each class of an image in place of each object.',
    fixed: true,
  }),
  featNum: option(count.max(64).default(3), {
    group: 'network',
    value: 'N',
    nvidia: 'feat_num',
    help: 'Numbers that describe a style. Only with --instance-feat or --label-feat.',
    fixed: true,
  }),
  loadFeatures: option(flag(), {
    group: 'network',
    nvidia: 'load_features',
    help: 'Read the features from PHASE_feat/STEM.npy, as encode --write-features makes them, in place of training an encoder. With --instance-feat or --label-feat.',
    fixed: true,
  }),
  nDownsampleE: option(z.int().min(1).max(8).default(4), {
    group: 'network',
    value: 'N',
    flag: 'n-downsample-E',
    nvidia: 'n_downsample_E',
    help: 'How often the encoder halves the resolution.',
    fixed: true,
  }),
  nef: option(count.default(16), {
    group: 'network',
    value: 'N',
    nvidia: 'nef',
    help: "Filters in the encoder's first layer.",
    fixed: true,
  }),

  ganMode: option(z.enum(['lsgan', 'vanilla', 'hinge']).default('lsgan'), {
    group: 'losses',
    help: 'Adversarial loss: least squares, sigmoid with cross-entropy, or hinge.',
    fixed: true,
  }),
  lambdaFeat: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    nvidia: 'lambda_feat',
    help: 'Weight of the feature-matching loss.',
  }),
  noGanFeatLoss: option(flag(), {
    group: 'losses',
    nvidia: 'no_ganFeat_loss',
    help: 'Do without the feature-matching loss.',
  }),
  vggLoss: option(z.boolean().nullable().default(null), {
    group: 'losses',
    whenNull: 'where the weights are at hand',
    help: 'The perceptual loss: images are compared as VGG19, a network trained on photographs, sees them. Its weights are fetched once (548 MB) when this is given; --no-vgg-loss does without.',
    fixed: true,
  }),
  vggWeights: option(z.string().min(1).nullable().default(null), {
    group: 'losses',
    value: 'FILE',
    whenNull: 'the usual places, then a download',
    help: "Weights of VGG19 as torchvision's .pth file.",
  }),
  lambdaVgg: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    help: 'Weight of the perceptual loss.',
  }),
  vggNormalise: option(flag(), {
    group: 'losses',
    aliases: ['vgg-normalize'],
    help: "Give VGG19 images with ImageNet's mean and deviation, as it was trained, in place of [-1, 1] as the public implementation does.",
    fixed: true,
  }),
  lambdaL1: option(z.number().min(0).default(0), {
    group: 'losses',
    value: 'X',
    flag: 'lambda-L1',
    help: 'Weight of the L1 distance between generated and real image. pix2pix uses 100.',
  }),

  niter: option(z.int().min(0).default(100), {
    group: 'optimisation',
    value: 'EPOCHS',
    nvidia: 'niter',
    help: 'Epochs at the full learning rate.',
  }),
  niterDecay: option(z.int().min(0).default(100), {
    group: 'optimisation',
    value: 'EPOCHS',
    nvidia: 'niter_decay',
    help: 'Epochs after those in which the learning rate falls linearly to zero.',
  }),
  lr: option(z.number().positive().default(2e-4), {
    group: 'optimisation',
    value: 'X',
    nvidia: 'lr',
    help: 'Learning rate of Adam.',
  }),
  beta1: option(z.number().min(0).lt(1).default(0.5), {
    group: 'optimisation',
    value: 'X',
    nvidia: 'beta1',
    help: "Adam's decay of the first moment.",
  }),
  beta2: option(z.number().min(0).lt(1).default(0.999), {
    group: 'optimisation',
    value: 'X',
    help: "Adam's decay of the second moment.",
  }),
  ema: option(z.number().min(0).lt(1).default(0), {
    group: 'optimisation',
    value: 'X',
    help: "Decay of a moving average of the generator's weights, 0.999 for instance, which samples and generate use then. 0: no average.",
  }),
  accumulate: option(count.max(1024).default(1), {
    group: 'optimisation',
    value: 'N',
    help: 'Batches whose gradients are averaged into one step: the effect of N times the batch size in the memory of one.',
    fixed: true,
  }),
  poolSize: option(z.int().min(0).default(0), {
    group: 'optimisation',
    value: 'N',
    nvidia: 'pool_size',
    help: 'Earlier generated images shown to the discriminator again. 0: none.',
    fixed: true,
  }),

  saveLatestFreq: option(freq.default(1000), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'save_latest_freq',
    help: 'Save a checkpoint every so many steps. 0: not by steps.',
  }),
  saveLatestMinutes: option(z.number().min(0).default(10), {
    group: 'saving and showing',
    value: 'MINUTES',
    help: 'Save a checkpoint when so many minutes have passed since the last one. 0: not by time.',
  }),
  saveEpochFreq: option(freq.default(10), {
    group: 'saving and showing',
    value: 'EPOCHS',
    nvidia: 'save_epoch_freq',
    help: 'Save a checkpoint at the end of every so many epochs. 0: not by epochs.',
  }),
  keepCheckpoints: option(freq.default(3), {
    group: 'saving and showing',
    value: 'N',
    help: 'Keep this many of the latest checkpoints, and the best. 0: keep all.',
  }),
  displayFreq: option(freq.default(100), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'display_freq',
    help: 'Write a sheet of samples and refresh the page every so many steps. 0: only at the end.',
  }),
  printFreq: option(count.default(100), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'print_freq',
    help: 'Print a line every so many steps where there is no terminal for a progress bar.',
  }),
  tfLog: option(flag(), {
    group: 'saving and showing',
    nvidia: 'tf_log',
    help: "Write losses and sheets of samples for TensorBoard too, into the run's folder logs.",
  }),

  device: device(),
  precision: precision(),
  checkpointing: option(flag(), {
    group: 'device',
    help: 'Compute parts of the generator a second time in place of keeping all they gave: less memory, most of all for large images, for about a quarter more time. The result is the same to the bit.',
  }),
  cudaGraphs: option(flag(), {
    group: 'device',
    help: 'On a CUDA device: record the gradients of a step once and launch them as a whole from then on. For images of one size.',
  }),
  threads: threads(),
});

/** All options of training, resolved: nothing is missing, and nothing is a default that is filled in later. */
export type TrainConfig = Readonly<z.output<typeof trainSchema>>;
