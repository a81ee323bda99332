/**
 * What is known of the runs of a comparison, in `OUT/runs.json`: which are done, which were interrupted and when, and how coarse
 * to fine was divided. Depends on zod and the file system.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors.js';
import { makeFolder } from '../output/make-folder.js';

const record = z.object({
  state: z.enum(['done', 'interrupted', 'failed']),
  /** Steps done, over all invocations. */
  step: z.int(),
  /** Seconds of training, over all invocations, as `--max-minutes` counts them. */
  seconds: z.number(),
  /** Why it ended, as `train` says, or what went wrong. */
  reason: z.string(),
});

const schema = z.object({
  format: z.literal('pix2pixhd-comparison'),
  version: z.literal(1),
  runs: z.record(z.string(), record),
  stages: z.record(z.string(), z.string()),
});

/** What is known of a run. */
export type RunRecord = z.infer<typeof record>;

/** The file, read once and written after every change. */
export class Ledger {
  readonly #file: string;
  readonly #content: z.infer<typeof schema>;

  private constructor(file: string, content: z.infer<typeof schema>) {
    this.#file = file;
    this.#content = content;
  }

  /** @throws UserError where the file is not one of a comparison. */
  static open(out: string): Ledger {
    const file = join(out, 'runs.json');
    if (!existsSync(file))
      return new Ledger(file, { format: 'pix2pixhd-comparison', version: 1, runs: {}, stages: {} });
    const foreign = (found: string) =>
      new UserError({
        code: 'FILE_UNREADABLE',
        doing: 'reading what a comparison has done already',
        where: file,
        found,
        expected: 'a file of pix2pixhd compare',
        remedy: 'give --out another folder, or remove the file: its runs are then trained again',
      });
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
      throw foreign(reasonOf(cause));
    }
    const parsed = schema.safeParse(content);
    if (!parsed.success) throw foreign(z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '));
    return new Ledger(file, parsed.data);
  }

  /** What is known of a run by its name. */
  run(name: string): RunRecord | undefined {
    return this.#content.runs[name];
  }

  /** Stores what is known of a run; undefined: nothing any more. */
  store(name: string, run: RunRecord | undefined): void {
    if (run === undefined) delete this.#content.runs[name];
    else this.#content.runs[name] = run;
    this.#write();
  }

  /** The stages of a candidate, by its digest. */
  stages(digest: string): string | undefined {
    return this.#content.stages[digest];
  }

  /** Stores the stages of a candidate. */
  storeStages(digest: string, stages: string): void {
    this.#content.stages[digest] = stages;
    this.#write();
  }

  #write(): void {
    makeFolder(join(this.#file, '..'));
    writeFileAtomic(this.#file, `${JSON.stringify(this.#content, null, 1)}\n`);
  }
}
