/**
 * evaluate: generated images against real ones. Depends on the judge and the command's options.
 */
import { resolveConfig } from '../config/argv.js';
import { evaluateCommand, type evaluateSchema } from '../config/commands/evaluate.js';
import type { AnyMetricName } from '../config/metric-names.js';
import { evaluateByOptions } from '../judge/by-options/evaluate.js';
import type { Evaluation } from '../judge/by-options/results-file.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/** Options that a program gives as objects and lists, and those that belong to the process. */
type Otherwise = 'results' | 'checkpoints' | 'weights' | 'metrics' | 'threads';

/** The options of `pix2pixhd evaluate`, in camelCase; names with their values are objects. */
export type EvaluateOptions = ProgramOptions<typeof evaluateSchema, Otherwise> & {
  /** Folders of images that methods made, by the methods' names. */
  readonly results?: Readonly<Record<string, string>>;
  /** Runs, checkpoints or exported generators whose images are made first, by the methods' names. */
  readonly checkpoints?: Readonly<Record<string, string>>;
  /** Files of weights of networks that judge, by their names. */
  readonly weights?: Readonly<Partial<Record<'alexnet' | 'vgg16' | 'lpips-alex' | 'lpips-vgg' | 'inception', string>>>;
  /** Default: those that need no weights and are defined for the images. */
  readonly metrics?: readonly AnyMetricName[];
};

/** How {@link evaluate} is followed and stopped. */
export interface EvaluateHooks {
  /** Aborted, the promise rejects with the signal's reason; what was measured is kept in the folder. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each image that is made, compared or judged. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
  /** Called with what the owner of the files may not expect; results have it too. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * Compares images that methods made with real ones, as `pix2pixhd evaluate` does, and writes its report and results into the folder
 * `out`.
 *
 * @returns what is in `results.json`.
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where nothing
 *   can be compared; the signal's reason.
 *
 * @example
 * ```ts
 * const { images, summaries } = await evaluate({
 *   checkpoints: { city: 'checkpoints/city' }, dataroot: 'data/city', metrics: ['psnr', 'ssim'],
 * });
 * console.log(images.length, summaries.psnr?.city?.value);
 * ```
 */
export async function evaluate(options: EvaluateOptions, hooks: EvaluateHooks = {}): Promise<Evaluation> {
  const { results, checkpoints, weights, metrics, ...rest } = options;
  const given = checkGiven(
    evaluateCommand,
    {
      ...rest,
      results: results && listed(results),
      checkpoints: checkpoints && listed(checkpoints),
      weights: weights && listed(weights),
      metrics: metrics?.join(','),
    },
    { required: [], without: ['threads'] },
  );
  const { signal = new AbortController().signal, onProgress = () => {}, onNote = () => {} } = hooks;
  const evaluated = await evaluateByOptions(resolveConfig(evaluateCommand, given), {
    signal,
    onProgress,
    note: onNote,
  });
  signal.throwIfAborted();
  return evaluated!.evaluation;
}

function listed(values: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}
