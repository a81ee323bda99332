/**
 * Options of what a run saves and shows, and how often. Depends on zod, `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { count, flag, freq } from '../shared-options.js';

/** Under "Saving and showing" in the help. */
export const savingOptions = {
  saveLatestFreq: option(freq.default(1000), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'save_latest_freq',
    help: 'Save a checkpoint every STEPS steps. 0: not by steps.',
  }),
  saveLatestMinutes: option(z.number().min(0).default(10), {
    group: 'saving and showing',
    value: 'MINUTES',
    help: 'Save a checkpoint when MINUTES have passed since the last one. 0: not by time.',
  }),
  saveEpochFreq: option(freq.default(10), {
    group: 'saving and showing',
    value: 'EPOCHS',
    nvidia: 'save_epoch_freq',
    help: 'Save a checkpoint at the end of every EPOCHS epochs. 0: not by epochs.',
  }),
  keepCheckpoints: option(freq.default(3), {
    group: 'saving and showing',
    value: 'N',
    help: 'Keep the latest N checkpoints, and the best one. 0: keep all.',
  }),
  displayFreq: option(freq.default(100), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'display_freq',
    help: 'Write a sheet of samples and refresh the page every STEPS steps. 0: only at the end.',
  }),
  printFreq: option(count.default(100), {
    group: 'saving and showing',
    value: 'STEPS',
    nvidia: 'print_freq',
    help: 'Print a line every STEPS steps where there is no terminal for a progress bar; with --json, a step event.',
  }),
  tfLog: option(flag(), {
    group: 'saving and showing',
    nvidia: 'tf_log',
    help: 'Also write losses and sheets of samples for TensorBoard, to logs in the run folder.',
  }),
};
