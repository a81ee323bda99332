/**
 * Opens the stages of a run: session, loader, sample pairs, validation pairs. Depends on data, the session and the pairs.
 */

import { describeStage, type Stage } from '../config/stages.js';
import type { Sample } from '../data/find/pairs.js';
import type { BatchSource } from '../data/load/batch-source.js';
import { Loader } from '../data/load/loader.js';
import { domainsOf, UnpairedLoader } from '../data/load/unpaired-loader.js';
import { totalEpochs } from '../training/schedule.js';
import type { TrainingSession } from '../training/session.js';
import { describeWarmStart, type WarmStart } from '../training/warm-start.js';
import type { RunEvents } from './events.js';
import { SamplePairs } from './sample-pairs.js';
import type { Samples } from './shown-samples.js';
import { trainingSpec } from './training-spec.js';
import { UnpairedSamples } from './unpaired-samples.js';
import { ValidationSet } from './validation-set.js';

/** A stage of a run that is ready to train. Must be closed. */
export interface OpenStage {
  readonly session: TrainingSession;
  readonly loader: BatchSource;
  readonly samples: Samples;
  /** What it is validated on; undefined where it is not. */
  readonly validation: ValidationSet | undefined;
}

/** Opens stages of one run. */
export class StageOpener {
  readonly #samples: readonly Sample[];
  readonly #events: RunEvents;
  readonly #newSession: (stage: Stage) => TrainingSession;

  /** @param newSession makes the session of a stage, with random weights. */
  constructor(samples: readonly Sample[], events: RunEvents, newSession: (stage: Stage) => TrainingSession) {
    this.#samples = samples;
    this.#events = events;
    this.#newSession = newSession;
  }

  /** @param initialise sets the weights of the new session, unless it keeps the random ones. */
  async open(stage: Stage, initialise: (session: TrainingSession) => void): Promise<OpenStage> {
    const { config, number, of } = stage;
    const spec = trainingSpec(config);
    const unpaired = config.model === 'cycle-gan';
    if (of > 1) this.#events.emit({ type: 'stage', number, of, description: describeStage(stage) });
    const session = this.#newSession(stage);
    try {
      initialise(session);
      const note = (line: string) => this.#events.note(line);
      const samples = await (unpaired ? UnpairedSamples : SamplePairs).load(config, this.#samples, spec, note);
      const validation = await ValidationSet.open(config, spec, note);
      const options = {
        spec,
        batchSize: config.batchSize,
        // A different order in every stage; a run without stages uses the seed itself.
        seed: config.seed + number - 1,
        shuffle: !config.serialBatches,
        workers: config.workers,
        ...(config.cacheDir !== null && { cacheFolder: config.cacheDir }),
        onNotice: note,
      };
      const epochs = stage.steps === null ? totalEpochs(config) + 1 : Number.POSITIVE_INFINITY;
      const loader = unpaired
        ? new UnpairedLoader(domainsOf(this.#samples), options)
        : new Loader({ ...options, samples: this.#samples, epochs });
      // Pairs may have been removed since the checkpoint.
      session.position.skipFinishedEpoch(loader.batchesPerEpoch);
      return { session, loader, samples, validation };
    } catch (error) {
      session.dispose();
      throw error;
    }
  }
}

/** Ends the loader's threads and frees the session. */
export async function closeStage({ loader, session }: OpenStage): Promise<void> {
  await loader.close();
  session.dispose();
}

/** Reports which weights were taken over and which are new. */
export function noteWarmStart(events: RunEvents, warm: WarmStart): void {
  for (const line of describeWarmStart(warm)) events.note(`  ${line}`);
}
