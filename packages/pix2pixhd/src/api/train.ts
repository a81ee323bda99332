/**
 * train: the door for programs that train. Depends on the run and its options. Prints nothing and handles no signal.
 */
import { trainCommand } from '../config/commands/train.js';
import type { trainSchema } from '../config/schema.js';
import { decideValues } from '../run/decide-values.js';
import type { CheckpointEvent, RunEvent, SampleEvent, StageEvent, StepEvent, ValidationEvent } from '../run/events.js';
import { decidePerceptual } from '../run/perceptual.js';
import { resolveRun } from '../run/resolve-run.js';
import { Run } from '../run/run.js';
import { RunFolder } from '../run/run-folder.js';
import type { RunResult } from '../run/run-result.js';
import { checkRunPlace, findTrainingSamples } from '../run/training-samples.js';
import { EventQueue } from './event-queue.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/**
 * The options of a new run: those of `pix2pixhd train`, in camelCase; all but `dataroot` and `name` have defaults. `npx pix2pixhd
 * train --help` explains each.
 */
export type NewRunOptions = ProgramOptions<typeof trainSchema, 'resume' | 'dryRun'> & {
  readonly resume?: false | undefined;
};

/** A run that goes on where it stopped, with the options it began with; limits and learning rate may be given again. */
export type ResumeOptions = Partial<Omit<NewRunOptions, 'name' | 'resume'>> & {
  readonly name: string;
  readonly resume: true;
};

/** What {@link train} is given. */
export type TrainOptions = NewRunOptions | ResumeOptions;

/** A function that is called with an event; the next step waits for a promise that it returns. What it throws ends the run. */
export type EventHook<Event> = ((event: Event) => void | Promise<void>) | undefined;

/** How a run is followed, besides by its events, and stopped. */
export interface TrainHooks {
  /** Aborted, the run saves after the step at hand and ends, as with Ctrl-C on the command line. That is not an error. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: EventHook<StepEvent>;
  readonly onSample?: EventHook<SampleEvent>;
  readonly onValidation?: EventHook<ValidationEvent>;
  readonly onCheckpoint?: EventHook<CheckpointEvent>;
  readonly onStage?: EventHook<StageEvent>;
}

/** The plan of a run is for people: `pix2pixhd train --dry-run`. */
const rulesOf = ({ resume }: TrainOptions) => ({
  required: resume ? ['name'] : ['dataroot', 'name'],
  without: ['dryRun'],
});

/** A run that is going on: its events for `for await`, and its result for `await`. */
export interface Training extends Promise<RunResult>, AsyncIterable<RunEvent> {}

/**
 * Trains a run, as `pix2pixhd train` does: the same options, files and numbers. It writes into `checkpointsDir/name`.
 *
 * Follow it with `for await`, which gives every event and holds back the next step until it is dealt with; or with hooks, and
 * `await` its result. Leaving the loop, or aborting the signal, saves and ends the run; it can be resumed from there, bit for bit.
 *
 * The thread computes, step by step, and libtorch is set up as {@link configureProcess} describes, since a run's numbers depend
 * on it: train in a process, or a worker thread, of its own where a program must stay responsive.
 *
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where the
 *   dataset cannot be trained on, a run of the name exists, or another process writes into it. Whatever a hook throws.
 *
 * @example
 * ```ts
 * // Small and short, to see it run. Leave out the last line of options for a real training.
 * const options = {
 *   dataroot: 'data/city', name: 'city', labelNc: 5,
 *   loadSize: 32, ngf: 4, ndf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, maxSteps: 4,
 * };
 * for await (const event of train(options)) {
 *   if (event.type === 'step') console.log(event.step, event.losses.G_GAN);
 *   if (event.type === 'checkpoint') console.log(event.path);
 * }
 * ```
 *
 * @example
 * ```ts
 * // Goes on where it stopped, followed by a hook.
 * const result = await train(
 *   { name: 'city', resume: true, maxSteps: 6 },
 *   { onStep: ({ step, seconds }) => console.log(step, seconds) },
 * );
 * console.log(result.reason, result.step);
 * ```
 */
export function train(options: TrainOptions, hooks: TrainHooks = {}): Training {
  const queue = new EventQueue<RunEvent>();
  const stop = new AbortController();
  const signal = hooks.signal === undefined ? stop.signal : AbortSignal.any([hooks.signal, stop.signal]);
  const onEvent = async (event: RunEvent): Promise<void> => {
    await hookOf(event, hooks);
    await queue.push(event);
  };
  const result = run(options, onEvent, signal).finally(() => queue.end());
  return Object.assign(result, {
    [Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
      return follow(queue, result, () => stop.abort());
    },
  });
}

async function run(
  options: TrainOptions,
  onEvent: (event: RunEvent) => Promise<void>,
  signal: AbortSignal,
): Promise<RunResult> {
  // Not in the turn of the call, so that whoever follows the run is there when it begins.
  await Promise.resolve();
  const { config: wanted, existing } = resolveRun(checkGiven(trainCommand, options, rulesOf(options)));
  const told: Promise<void>[] = [];
  const note = (text: string) => void told.push(onEvent({ type: 'note', text }));
  const chosen = { ...wanted, vggLoss: await decidePerceptual(wanted, note, signal) };
  const samples = await findTrainingSamples(chosen, note);
  const config = existing === undefined ? await decideValues(chosen, samples, note) : chosen;
  if (existing === undefined) checkRunPlace(config, samples);
  await Promise.all(told);
  const folder = existing ?? RunFolder.create(config);
  await using opened = await Run.open(folder, config, samples, { onEvent, signal });
  return await opened.train();
}

async function hookOf(event: RunEvent, hooks: TrainHooks): Promise<void> {
  if (event.type === 'step') await hooks.onStep?.(event);
  else if (event.type === 'sample') await hooks.onSample?.(event);
  else if (event.type === 'validation') await hooks.onValidation?.(event);
  else if (event.type === 'checkpoint') await hooks.onCheckpoint?.(event);
  else if (event.type === 'stage') await hooks.onStage?.(event);
}

/** The events of a run; whoever leaves ends the run, and goes on when it is saved. */
async function* follow(
  queue: EventQueue<RunEvent>,
  result: Promise<RunResult>,
  stop: () => void,
): AsyncGenerator<RunEvent, void, undefined> {
  queue.follow();
  // What ends the run is thrown below.
  result.catch(() => {});
  let left = true;
  try {
    yield* queue;
    left = false;
  } finally {
    queue.leave();
    if (left) stop();
    await result;
  }
}
