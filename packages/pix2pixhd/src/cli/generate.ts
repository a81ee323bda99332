/** `pix2pixhd generate`: translates a dataset, a folder or a file with a trained generator. */

import { CheckpointStore } from '../checkpoint/store.js';
import { parseCommand } from '../config/argv.js';
import { type GenerateConfig, generateCommand } from '../config/commands.js';
import { UsageError } from '../errors.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { findInputs } from '../inference/inputs.js';
import { translateAll } from '../inference/translate.js';
import { prepareCompute } from '../model/compute.js';
import { RunFolder } from '../training/run-folder.js';

/** Runs the command. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = parseCommand(generateCommand, argv);
  const path = checkpointPath(options);
  // Nothing is drawn: dropout belongs to training.
  const compute = prepareCompute({ ...options, seed: 0 });
  const { generator, config, step } = ImageGenerator.load(path, compute);
  try {
    const samples = findInputs(options, config);
    process.stdout.write(`${path} (step ${step}): translating ${samples.length} into ${options.out}\n`);
    const isTerminal = process.stdout.isTTY === true;
    await translateAll(generator, config, samples, options.out, (done, file, seconds) => {
      const text = `${done}/${samples.length}  ${file}  ${seconds.toFixed(2)} s`;
      process.stdout.write(
        isTerminal && done < samples.length ? `\r\x1b[K${text}` : `${isTerminal ? '\r\x1b[K' : ''}${text}\n`,
      );
    });
    return 0;
  } finally {
    generator.dispose();
  }
}

function checkpointPath({ name, checkpoint, checkpointsDir, whichEpoch }: GenerateConfig): string {
  if (checkpoint !== null) return checkpoint;
  if (name !== null) return new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  throw new UsageError({
    doing: 'choosing the generator',
    found: 'neither --name nor --checkpoint',
    expected: 'one of them',
    remedy: 'give the --name of a run, as it was given to pix2pixhd train',
  });
}
