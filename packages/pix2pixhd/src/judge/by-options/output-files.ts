/** The two files of an evaluation, or of a comparison, which replace those of an earlier one and nothing else. Depends on the output module. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { OutputGuard } from '../../output/guard.js';

const MARK_WITHIN = 4096;

/** Where the results go. */
export interface EvaluationOutputs {
  readonly results: string;
  readonly report: string;
  readonly write: (file: string, content: string) => void;
}

/** Where they go, and what tells that they are ours. */
export interface OutputOptions {
  readonly out: string;
  readonly force?: boolean;
  /** Folders that are read, in which nothing may be written. */
  readonly inputFolders: readonly string[];
  /** For errors: "writing the results of an evaluation". */
  readonly doing: string;
  /** What both files begin with: the command that made them, which is in the title of the page too. */
  readonly mark: string;
}

/** @throws UserError where files are in the way that no such command made. */
export function outputsIn({ out, force, inputFolders, doing, mark }: OutputOptions): EvaluationOutputs {
  const guard = new OutputGuard({
    doing,
    elsewhere: 'give --out another folder',
    inputs: [],
    inputFolders,
    ...(force !== undefined && { force }),
    isOurs: file => beginsWith(file, mark),
  });
  const [results, report] = [join(out, 'results.json'), join(out, 'report.html')];
  guard.checkAll([results, report]);
  return { results, report, write: (file, content) => guard.write(file, content) };
}

function beginsWith(file: string, mark: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MARK_WITHIN);
    readSync(descriptor, head, 0, MARK_WITHIN, 0);
    return head.includes(mark);
  } finally {
    closeSync(descriptor);
  }
}
