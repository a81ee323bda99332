/**
 * The generator that translates frames, in a thread of its own: this one reads and writes them meanwhile. Depends on the
 * api, as programs do.
 */
import { loadGenerator } from '../api/load-generator.js';
import type { LoadOptions } from '../api/load-options.js';
import type { LoadedGenerator } from '../api/loaded-generator.js';
import type { GenerateConfig } from '../config/commands/generate.js';
import { directed } from '../config/direction.js';
import { checkAgrees } from '../config/repeatable.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';
import { checkDirection } from '../inference/direction.js';
import { generatorConfig } from '../interop/open-generator.js';
import { checkpointPath } from './checkpoint-path.js';
import type { Terminal } from './terminal.js';

/**
 * The file of the generator that the options name; its weights are not read yet.
 *
 * @param stated options of the training that were repeated.
 * @param what is translated, for errors: `a video`.
 * @throws UserError where there is none, or it does not make images of images, in colour or grey.
 */
export function generatorForFrames(options: GenerateConfig, stated: Partial<TrainConfig>, what: string): string {
  const file = checkpointPath(options);
  const trained = generatorConfig(file);
  checkAgrees(stated, trained, file);
  checkDirection(trained, options.direction, file);
  const config = directed(trained, options.direction);
  if (config.labelNc > 0) throw takesMaps(file, what);
  checkChannels(file, what, 'takes', config.inputNc);
  checkChannels(file, what, 'makes', config.outputNc);
  return file;
}

/** Loads the generator. To be disposed of. */
export function loadForFrames(
  file: string,
  { device, precision, threads, direction }: GenerateConfig,
  { notice }: Terminal,
): Promise<LoadedGenerator> {
  return loadGenerator(file, {
    device: device as NonNullable<LoadOptions['device']>,
    precision,
    direction,
    worker: true,
    ...(threads !== null && { threads }),
    onNotice: text => notice(`warning: ${text}`),
  });
}

function takesMaps(file: string, what: string): UserError {
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: 'choosing the inputs',
    where: file,
    found: `${what}, and a network that takes label maps: colours are no ids`,
    expected: 'one label map a frame, as PNG',
    remedy: 'give --input the folder of the label maps, or the --name of a run for images',
  });
}

function checkChannels(file: string, what: string, does: 'takes' | 'makes', channels: number): void {
  if (channels === 1 || channels === 3) return;
  throw new UserError({
    code: 'WRONG_CHANNELS',
    doing: 'choosing the inputs',
    where: file,
    found: `${what}, and a network that ${does} ${channels} channels`,
    expected: 'one channel or three',
    remedy: 'give the frames as a folder of images, with --input',
  });
}
