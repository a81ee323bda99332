/** The two files of an evaluation, which replace those of an earlier one and nothing else. Depends on the output module and config. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluateConfig } from '../../config/commands/evaluate.js';
import { namedValues } from '../../config/named-values.js';
import { OutputGuard } from '../../output/guard.js';

/** What all of them begin with: the command that made them, and the title of the page. */
const MARK = 'pix2pixhd evaluate';
const MARK_WITHIN = 4096;

/** Where the results go. */
export interface EvaluationOutputs {
  readonly results: string;
  readonly report: string;
  readonly write: (file: string, content: string) => void;
}

/** @throws UserError where files are in the way that no evaluation made. */
export function outputsOf(config: EvaluateConfig): EvaluationOutputs {
  const { out, force, real } = config;
  const folders = [...(real === null ? [] : [real]), ...namedValues(config.results).map(({ value }) => value)];
  const guard = new OutputGuard({
    doing: 'writing the results of an evaluation',
    elsewhere: 'give --out another folder',
    inputs: [],
    inputFolders: folders,
    force,
    isOurs,
  });
  const [results, report] = [join(out, 'results.json'), join(out, 'report.html')];
  guard.checkAll([results, report]);
  return { results, report, write: (file, content) => guard.write(file, content) };
}

function isOurs(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MARK_WITHIN);
    readSync(descriptor, head, 0, MARK_WITHIN, 0);
    return head.includes(MARK);
  } finally {
    closeSync(descriptor);
  }
}
