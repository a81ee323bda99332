/** `pix2pixhd study results`: what the answers say, as a table, a page, and files for other programs. */
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { resolveConfig } from '../config/argv.js';
import { studyResultsCommand } from '../config/commands/study.js';
import { shellWord } from '../shell-word.js';
import { readAnswers } from '../study/answer-log.js';
import { ANSWERS_FILE, readStudy } from '../study/experiment.js';
import { resultsOf } from '../study/results.js';
import { answersCsv, comparisonsCsv } from '../study/results-files.js';
import { renderResultsPage } from '../study/results-page.js';
import { renderResults } from '../study/results-text.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { study, attention } = resolveConfig(
    studyResultsCommand,
    readOptions(studyResultsCommand, argv, terminal).given,
  );
  const found = readStudy(study).map(({ folder, experiment }) =>
    resultsOf(experiment, readAnswers(join(folder, ANSWERS_FILE)), attention),
  );
  const all = found.map(({ results }) => results);
  const command = `pix2pixhd study results ${shellWord(study)} --attention ${attention}`;
  const files = {
    'results.html': renderResultsPage(all, command),
    'results.json': `${JSON.stringify({ command, experiments: all }, undefined, 2)}\n`,
    'results.csv': comparisonsCsv(all),
    'answers.csv': answersCsv(found.map(({ results: { name }, judgements }) => ({ name, judgements }))),
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(study, name), text);
  const written = Object.keys(files).map(name => join(study, name));
  terminal.result({ experiments: all, files: written }, `${renderResults(all)}\nThe page: ${written[0]}\n`);
  return 0;
}
