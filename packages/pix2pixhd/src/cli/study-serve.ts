/** `pix2pixhd study serve`: serves the experiments of a study until it is told to stop. */
import { resolveConfig } from '../config/argv.js';
import { studyServeCommand } from '../config/commands/study.js';
import { UserError } from '../errors.js';
import { RunLock } from '../run/run-lock.js';
import { startStudyServer } from '../server/study-server.js';
import { readStudy, type StoredExperiment } from '../study/experiment.js';
import { OpenExperiment } from '../study/open-experiment.js';
import { describeError } from './describe-error.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { cannotListen, pageOf, reachable } from './serving.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(studyServeCommand, readOptions(studyServeCommand, argv, terminal).given);
  const page = pageOf('@pix2pixhd/study');
  const stored = readStudy(options.study);
  using _locks = lockAll(stored);
  const experiments = stored.map(one => new OpenExperiment(one));
  const report = (error: unknown) => terminal.error.write(`${describeError(error, false)}\n`);
  const server = await startStudyServer(experiments, page, options, report).catch((cause: unknown) => {
    throw cannotListen('the study', options, cause);
  });
  const stop = new AbortController();
  using interrupt = new Interrupt(() => stop.abort());
  const own = reachable(server.address);
  const address = options.publicHost === null ? own : `https://${options.publicHost}/`;
  const told = experiments.map(({ experiment: { name, raters }, complete }) => ({
    name,
    raters: raters.length,
    complete,
    links: raters.map(({ token }) => `${address}#${token}`),
  }));
  terminal.event('listening', { address, experiments: told });
  for (const { name, raters, complete, links } of told) {
    terminal.say(`${name}: ${complete} of ${raters} raters are through`);
    if (options.links) for (const link of links) terminal.say(`  ${link}`);
  }
  terminal.say(`The study is at ${address}#…, with what follows the # in each rater's link.`);
  terminal.say('Ctrl-C ends it; no answer is lost by that.');
  await new Promise(resolve => stop.signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
  for (const experiment of experiments) await experiment.close();
  // Ctrl-C is how a server is ended.
  return interrupt.exitCode === 130 ? 0 : interrupt.exitCode;
}

/** Two servers would store an answer twice. */
function lockAll(experiments: readonly StoredExperiment[]): Disposable {
  const locks: RunLock[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    for (const { folder } of experiments) locks.push(RunLock.take(folder));
    return { [Symbol.dispose]: release };
  } catch (error) {
    release();
    if (!(error instanceof UserError) || error.code !== 'RUN_IN_USE') throw error;
    const { where, found } = error.parts;
    throw new UserError(
      {
        code: 'RUN_IN_USE',
        doing: 'opening an experiment for its answers',
        ...(where !== undefined && { where }),
        found,
        expected: 'one server at a time',
        remedy: `end the other pix2pixhd study serve first; if there is none, delete run.lock there`,
      },
      { cause: error },
    );
  }
}
