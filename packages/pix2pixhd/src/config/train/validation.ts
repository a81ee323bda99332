/**
 * Options of measuring a run on pairs that it is not trained on, and of ending it by that. Depends on zod, `option.ts`, the names of
 * metrics and the shared options.
 */
import { z } from 'zod';
import { pairMetricNames } from '../metric-names.js';
import { option } from '../option.js';
import { count } from '../shared-options.js';

/** Under "Validation" in the help. */
export const validationOptions = {
  validate: option(z.enum(['none', ...pairMetricNames]).default('none'), {
    group: 'validation',
    help: 'Measure this metric on pairs that are not trained on, from val_ folders or else test_ folders; "best" is then the checkpoint with the best figure, saved whenever there is a better one. none: nothing is measured, and "best" is by L1 on the sample pairs.',
  }),
  validateFreq: option(count.default(1000), {
    group: 'validation',
    value: 'STEPS',
    help: 'Measure every STEPS steps, and after the last step. Only with --validate.',
  }),
  validateSize: option(count.default(50), {
    group: 'validation',
    value: 'N',
    help: 'Measure on N of these pairs, the same ones throughout, drawn by --seed; all, where there are no more. Only with --validate.',
  }),
  patience: option(count.nullable().default(null), {
    group: 'validation',
    value: 'N',
    whenNull: 'no early stopping',
    help: 'Stop after N measurements in a row without a better figure. With --stages, a stage; the next one then begins. Only with --validate.',
  }),
  minDelta: option(z.number().min(0).default(0), {
    group: 'validation',
    value: 'X',
    help: 'By how much a figure must be better for --patience, in the unit of the metric.',
  }),
};
