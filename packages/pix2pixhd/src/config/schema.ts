/**
 * The configuration of a training run: every option of `pix2pixhd train` in one schema. To add an option, add it to the
 * file of its group in `train/`; parser, help, stored configuration and the `TrainConfig` type follow. Depends on zod and
 * the options.
 *
 * Defaults are those of the paper and of NVIDIA's public implementation unless the comment beside one says why not.
 */
import { z } from 'zod';
import { dataOptions } from './train/data.js';
import { deviceOptions } from './train/device.js';
import { lossOptions } from './train/losses.js';
import { networkOptions } from './train/networks.js';
import { optimisationOptions } from './train/optimisation.js';
import { runOptions } from './train/run.js';
import { savingOptions } from './train/saving.js';
import { validationOptions } from './train/validation.js';

/** The schema of `pix2pixhd train`, and of the `config.json` stored with every run. */
export const trainSchema = z.strictObject({
  ...runOptions,
  ...dataOptions,
  ...networkOptions,
  ...lossOptions,
  ...optimisationOptions,
  ...validationOptions,
  ...savingOptions,
  ...deviceOptions,
});

/** All options of training, resolved: nothing is missing, and nothing is a default that is filled in later. */
export type TrainConfig = Readonly<z.output<typeof trainSchema>>;
