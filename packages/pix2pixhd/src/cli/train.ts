/** `pix2pixhd train`: a new run, a resumed one, or the plan of one. */
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess } from '../compute/configure-process.js';
import { trainCommand } from '../config/commands/train.js';
import { renderConfig } from '../config/help.js';
import type { TrainConfig } from '../config/schema.js';
import { stagesOf } from '../config/stages.js';
import { lastingOptions } from '../config/stored.js';
import { decideValues } from '../run/decide-values.js';
import { decidePerceptual, type PerceptualChoice } from '../run/perceptual.js';
import { describePlan } from '../run/plan.js';
import { resolveRun } from '../run/resolve-run.js';
import { Run } from '../run/run.js';
import { RunFolder } from '../run/run-folder.js';
import { type EndReason, type RunResult, stageDone } from '../run/run-result.js';
import { checkRunPlace, findTrainingSamples } from '../run/training-samples.js';
import { type LinearDecay, totalEpochs } from '../training/schedule.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { config: wanted, existing } = resolveRun(readOptions(trainCommand, argv, terminal).given);
  const { out, error, notice } = terminal;
  const chosen = { ...wanted, vggLoss: await perceptualDecision(wanted, terminal) };
  const samples = await findTrainingSamples(chosen, notice);
  const config = existing === undefined ? await decideValues(chosen, samples, notice) : chosen;
  if (config.dryRun) {
    const compute = chooseCompute(config);
    configureProcess({ threads: config.threads, device: compute.device });
    const plan = await describePlan(stagesOf(config), compute, samples);
    terminal.answer(
      { config: lastingOptions(config), plan: plan.split('\n') },
      `${renderConfig(trainCommand, config)}\n${plan}\n`,
    );
    return 0;
  }
  if (existing === undefined) checkRunPlace(config, samples);
  const folder = existing ?? RunFolder.create(config);
  using interrupt = new Interrupt(() => error.write('\nsaving; press Ctrl-C again to leave at once\n'));
  using progress = new Progress(out, config.printFreq);
  await using run = await Run.open(folder, config, samples, { onEvent: progress.show, signal: interrupt.signal });
  const result = await run.train();
  const { reason, why, step, seconds, secondsPerStep, waitShare } = result;
  const measured = { reason, ...(why !== undefined && { why }), step, seconds, secondsPerStep, waitShare };
  terminal.result({ ...measured, run: folder.path, page: folder.page }, closing(config, folder, result));
  return reason === 'interrupted' ? interrupt.exitCode : 0;
}

/** Whether the run has the perceptual loss; Ctrl-C ends a download of its weights. */
async function perceptualDecision(wanted: PerceptualChoice, { say }: Terminal): Promise<boolean> {
  using interrupt = new Interrupt();
  return await decidePerceptual(wanted, say, interrupt.signal);
}

const endings: Readonly<Record<EndReason, string>> = {
  finished: 'Finished',
  'early-stopped': 'Stopped early',
  'max-steps': 'Reached --max-steps',
  'max-minutes': 'Reached --max-minutes',
  interrupted: 'Interrupted',
};

/** The options that the commands to continue with need. */
type Continuation = LinearDecay & Pick<TrainConfig, 'name' | 'checkpointsDir' | 'dataroot' | 'stages' | 'patience'>;

function closing(
  config: Continuation,
  { page }: RunFolder,
  { reason, why, step, health, waitShare, time }: RunResult,
): string {
  const { name, checkpointsDir, dataroot } = config;
  const run = `--name ${name}${checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`}`;
  return [
    `${endings[reason]} after step ${step}. Look at ${page}`,
    ...(why === undefined ? [] : [`${why}. The best is kept: generate with --which-epoch best`]),
    health,
    ...(Number.isNaN(waitShare) ? [] : [time, `Waited for data ${(100 * waitShare).toFixed(1)} % of the time`]),
    // Stages have lengths of their own: after the last one a run is complete.
    ...(config.stages !== null && stageDone(reason)
      ? []
      : [`Continue with: pix2pixhd train ${run} --resume${furtherLimit(config, reason, step)}`]),
    `Generate with: pix2pixhd generate ${run} --dataroot ${dataroot}`,
    '',
  ].join('\n');
}

/** The option without which a resumed run would end at once: a higher limit than the one that was reached. */
function furtherLimit(config: Continuation, reason: EndReason, step: number): string {
  if (reason === 'max-steps') return ` --max-steps ${2 * step}`;
  if (reason === 'early-stopped') return ` --patience ${2 * config.patience!}`;
  return reason === 'finished' ? ` --niter ${config.niter + totalEpochs(config)}` : '';
}
