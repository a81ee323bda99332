/**
 * Options of a training run as a whole: data set, name, stages, limits. Depends on zod, `option.ts` and the shared options.
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
    help: 'Folder of the pairs. It holds train_label, train_inst and train_img, or train_A and train_B where inputs are images.',
  }),
  name: runName('run', 'Name of the run. Everything it writes goes to CHECKPOINTS_DIR/NAME.', { fixed: true }),
  checkpointsDir: checkpointsDir('run'),
  phase: phase('run', 'train', 'Which folders of the dataroot to train on: those that begin with this name.'),
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
  stages: option(path().nullable().default(null), {
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
  loadPretrain: option(path().nullable().default(null), {
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
};
