/** `pix2pixhd edit`: serves the editor for one generator until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeModel, RenderQueue, type Studio } from '@pix2pixhd/editor/session';
import { loadGenerator } from '../api/load-generator.js';
import type { LoadOptions } from '../api/load-options.js';
import type { LoadedGenerator } from '../api/loaded-generator.js';
import { resolveConfig } from '../config/argv.js';
import { type EditConfig, editCommand } from '../config/commands/edit.js';
import type { TrainConfig } from '../config/schema.js';
import { beginningOf } from '../drawings/beginnings.js';
import { UserError } from '../errors.js';
import { generatorConfig } from '../interop/open-generator.js';
import { isLoopback, tokenFits } from '../server/access.js';
import { ServerMetrics } from '../server/metrics.js';
import { knownClasses } from '../server/model.js';
import { GeneratorPainter, told } from '../server/painter.js';
import { startServer } from '../server/server.js';
import { checkpointPath } from './checkpoint-path.js';
import { describeError } from './describe-error.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { cannotListen, folderOf, pageOf, reachable } from './serving.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = resolveConfig(editCommand, readOptions(editCommand, argv, terminal).given);
  const page = pageOf('@pix2pixhd/editor');
  const { file, name, drawings } = modelOf(options);
  const config = configOf(file);
  await using generator = await loadGenerator(file, {
    device: options.device as NonNullable<LoadOptions['device']>,
    precision: options.precision,
    worker: true,
    ...(options.threads !== null && { threads: options.threads }),
    onNotice: notice => terminal.notice(notice),
  });
  if (generator.info.labelNc === 0 && ![1, 3].includes(generator.info.inputChannels))
    throw strangeInputs(file, generator);
  const { dataroot, inputs, gallery, size } = await beginningOf(generator.info, config, {
    dataroot: options.dataroot,
    own: drawings,
    phase: options.phase,
    maxSide: options.maxSide ?? 16384,
  });
  const side = options.maxSide ?? Math.max(512, 2 * Math.max(size.width, size.height));
  const local = isLoopback(options.host) && options.publicHost === null;
  const token = options.token ?? (local ? null : randomBytes(18).toString('base64url'));
  const stop = new AbortController();
  let failed = false;
  const report = (error: unknown) => terminal.error.write(`${describeError(error, false)}\n`);
  const metrics = new ServerMetrics();
  const studio: Studio = {
    painter: new GeneratorPainter(generator),
    model: describeModel(name, generator.info, size, knownClasses(generator.info, dataroot), inputs),
    gallery,
    inputs,
    queue: new RenderQueue(report),
    limits: { side, pixels: side ** 2 },
    readOnly: options.readOnly,
    count: (metric, by) => metrics.add(metric, by),
    admits: given => token === null || tokenFits(token, given),
    explain: told,
    report: error => {
      // A user's error was told to the user. Without its thread the generator is gone, and with it the server's use.
      const gone = error instanceof UserError && error.parts.code === 'THREAD_ENDED';
      if (gone || !(error instanceof UserError)) report(error);
      if (!gone) return;
      failed = true;
      stop.abort();
    },
  };
  const server = await startServer(studio, metrics, page, options).catch((cause: unknown) => {
    throw cannotListen('the editor', options, cause);
  });
  using interrupt = new Interrupt(() => stop.abort());
  const address = token === null ? reachable(server.address) : `${reachable(server.address)}#token=${token}`;
  terminal.event('listening', { address, checkpoint: file });
  terminal.say(`The editor is at ${address}`);
  terminal.say('Ctrl-C ends it.');
  await new Promise(resolve => stop.signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
  if (failed) return 1;
  // Ctrl-C is how a server is ended.
  return interrupt.exitCode === 130 ? 0 : interrupt.exitCode;
}

/** What is opened. */
interface Opened {
  readonly file: string;
  readonly name: string;
  /** A data set of drawings that comes with it. */
  readonly drawings: string | null;
}

/** The generator that the options name; the emoji that come with the program where they name none. */
function modelOf(options: EditConfig): Opened {
  if (options.checkpoint === null && options.name === null) {
    const folder = folderOf('@pix2pixhd/emoji-model');
    return { file: join(folder, 'model.safetensors'), name: 'Emoji', drawings: join(folder, 'drawings') };
  }
  const file = checkpointPath(options);
  return { file, name: options.name ?? basename(file), drawings: null };
}

/** The options of the last stage; null where there is no such file. */
function configOf(file: string): TrainConfig | null {
  return existsSync(file) ? generatorConfig(file) : null;
}

function strangeInputs(file: string, { info }: LoadedGenerator): UserError {
  return new UserError({
    code: 'CHECKPOINT_UNSUITABLE',
    doing: 'opening the editor',
    where: file,
    found: `a network whose inputs have ${info.inputChannels} channels`,
    expected: 'label maps, or images of one or three channels, which are what can be drawn',
    remedy: 'render such inputs with pix2pixhd generate',
  });
}
