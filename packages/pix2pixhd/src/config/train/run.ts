/**
 * Options of a training run as a whole: dataset, name, stages, limits. Depends on zod, `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { checkpointsDir, count, flag, path, phase, runName, seed } from '../shared-options.js';

/** Under "Run" in the help. */
export const runOptions = {
  dataroot: option(path(), {
    group: 'run',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset folder. It holds train_label, train_inst and train_img or, where the inputs are images, train_A and train_B.',
  }),
  name: runName('run', 'Name of the run. Everything it writes goes to CHECKPOINTS_DIR/NAME.', { fixed: true }),
  checkpointsDir: checkpointsDir('run'),
  phase: phase('run', 'train', 'Which folders of the dataset to train on: those whose names begin with this.'),
  resume: option(flag(), {
    group: 'run',
    aliases: ['continue_train'],
    help: 'Continue the run from its latest checkpoint with its stored options. Options you give again, such as limits or the learning rate, replace the stored ones.',
    transient: true,
  }),
  dryRun: option(flag(), {
    group: 'run',
    help: 'Print the resolved options, the number of parameters and a memory estimate, then exit.',
    transient: true,
  }),
  preset: option(z.enum(['none', 'paper', 'paper-12g', 'modern', 'small']).default('none'), {
    group: 'run',
    help: 'Start from a known set of options: paper (1024 then 2048 wide; a GPU with 24 GB), paper-12g (the same on crops), modern (what gave better images in the same time than the recipe of the paper, at any size), small (64, 128, 256; an evening on a laptop). Options you give override it.',
    transient: true,
  }),
  stages: option(path().nullable().default(null), {
    group: 'run',
    value: 'LIST',
    whenNull: 'one stage',
    allowed:
      'widths, each twice the one before, as in 512,1024, each with settings of its own if wanted: 512:epochs=60:batch=4',
    help: 'Coarse-to-fine training: the global generator at the first width, then one local enhancer per further width, trained first alone, then jointly with the rest. A width may carry settings: epochs or steps, fix (how long the new enhancer trains alone), batch, lr, as in 512:steps=4000:batch=4,1024:fix=500:steps=3000.',
    fixed: true,
  }),
  nIterFixGlobal: option(count.default(10), {
    group: 'run',
    value: 'EPOCHS',
    flag: 'niter-fix-global',
    nvidia: 'niter_fix_global',
    help: 'Epochs for which a new enhancer is trained alone before everything is trained jointly. Only with --stages.',
    fixed: true,
  }),
  loadPretrain: option(path().nullable().default(null), {
    group: 'run',
    value: 'PATH',
    nvidia: 'load_pretrain',
    whenNull: 'fresh weights',
    help: 'Initialise the weights from a checkpoint, a run folder, or a folder with latest_net_G.pth. Tensors that fit are loaded, the others start fresh; both are printed.',
    fixed: true,
  }),
  maxSteps: option(count.nullable().default(null), {
    group: 'run',
    value: 'N',
    whenNull: 'no limit',
    help: 'Stop after this many steps in total, those before a resume included. One step is one batch, or --accumulate batches.',
  }),
  maxMinutes: option(z.number().positive().nullable().default(null), {
    group: 'run',
    value: 'MINUTES',
    whenNull: 'no limit',
    help: 'Stop this many minutes after this start, save and exit.',
  }),
  seed: option(seed(), {
    group: 'run',
    value: 'N',
    help: 'Seed for weights, shuffling, flips and crops. The same seed, data and number of threads give the same losses.',
    fixed: true,
  }),
};
