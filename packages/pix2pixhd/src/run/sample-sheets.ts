/**
 * The sheets of sample pairs of a stage: made, written, shown on the page, and scored. Depends on the session, the sample
 * pairs, the run folder and the page.
 */
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { makeFolder } from '../output/make-folder.js';
import type { RunEvents } from './events.js';
import type { Monitor } from './monitor.js';
import { writeOptional } from './optional-write.js';
import type { RunFolder } from './run-folder.js';
import { inTraining, type PageStatus, type RunReport } from './run-report.js';
import type { OpenStage } from './stage-opener.js';
import type { TimeSpent } from './time-spent.js';

/** Makes the sheets of one stage, and the run's page with them. */
export class SampleSheets {
  readonly #stage: OpenStage;
  readonly #monitor: Monitor;
  readonly #folder: RunFolder;
  readonly #report: RunReport;
  readonly #events: RunEvents;
  readonly #time: TimeSpent;
  /** The step of the last sheet; initially the step at which the stage continues. */
  #step: number;
  #score = Number.NaN;

  constructor(
    stage: OpenStage,
    monitor: Monitor,
    { folder, report, events, time }: { folder: RunFolder; report: RunReport; events: RunEvents; time: TimeSpent },
  ) {
    this.#stage = stage;
    this.#monitor = monitor;
    this.#folder = folder;
    this.#report = report;
    this.#events = events;
    this.#time = time;
    this.#step = stage.session.position.step;
  }

  /** The score of the current weights; NaN if no sheet was made with them. */
  get score(): number {
    return this.#step === this.#stage.session.position.step ? this.#score : Number.NaN;
  }

  /** Makes the sheet of this step, unless there is one. */
  async show(): Promise<void> {
    const { session, samples } = this.#stage;
    const { step } = session.position;
    if (step === this.#step) return;
    await this.#time.measureAsync('samples', async () => {
      const { number, of } = session.stage;
      const title = `${this.#folder.name}, step ${step}${of > 1 ? `, stage ${number} of ${of}` : ''}`;
      const { png, score, generated, real } = await samples.show(direction => session.imageGenerator(direction), title);
      const path = this.#folder.sheet(step);
      writeOptional('the sheet of samples', step, this.#events, () => {
        makeFolder(this.#folder.samples);
        writeFileAtomic(path, png);
        this.#report.addSheet(step);
        this.#events.emit({ type: 'sample', step, path, score });
      });
      this.#monitor.samples(step, png, generated, real);
      this.#score = score;
      this.#step = step;
    });
    this.writePage(inTraining);
  }

  /** Writes the run's page. */
  writePage(status: PageStatus): void {
    const { step } = this.#stage.session.position;
    this.#time.measure('page', () =>
      writeOptional('the page', step, this.#events, () => this.#report.write(status, this.#monitor.healthLine)),
    );
  }
}
