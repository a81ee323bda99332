/**
 * loadGenerator: the door for programs that generate. Depends on opening a generator and on both engines.
 */
import { fileURLToPath } from 'node:url';
import { chooseCompute } from '../compute/choose-compute.js';
import { UsageError } from '../errors.js';
import { openGenerator } from '../interop/open-generator.js';
import { findGenerator } from './find-generator.js';
import type { LoadOptions } from './load-options.js';
import { LoadedGenerator } from './loaded-generator.js';
import { LocalEngine } from './local-engine.js';
import { startWorker } from './worker-engine.js';

/**
 * Loads a trained generator.
 *
 * Nothing is changed in the process: without {@link configureProcess}, libtorch computes as it comes, on Debian in one thread.
 * Call that once at the start of a program that does little else, or load with `worker: true`, whose thread has settings of its
 * own.
 *
 * @param source the folder of a run (`checkpoints/city`), a checkpoint, or what {@link exportGenerator} has written
 *   (`generator.safetensors`).
 * @throws UserError where there is no such generator, the file is damaged, or the device cannot be used; UsageError for `threads`
 *   without `worker`.
 *
 * @example
 * ```ts
 * await using generator = await loadGenerator('checkpoints/city', { checkpoint: 'latest', worker: true });
 * const image = await generator.generate('label.png', { instances: 'inst.png' });
 * await image.save('photo.png');
 * ```
 */
export async function loadGenerator(source: string | URL, options: LoadOptions = {}): Promise<LoadedGenerator> {
  const { checkpoint, direction = 'AtoB', device = 'auto', precision = 'auto' } = options;
  const { worker = false, threads, onNotice } = options;
  if (threads !== undefined && !worker)
    throw new UsageError({
      code: 'OPTION_CONFLICT',
      doing: 'loading a generator',
      where: 'threads',
      found: `threads: ${threads} without worker: true`,
      expected: "threads of a worker: those of this thread are not the generator's own",
      remedy: `load with worker: true, or call configureProcess({ threads: ${threads} }) once`,
    });
  const file = findGenerator(source instanceof URL ? fileURLToPath(source) : source, checkpoint ?? 'latest');
  if (worker)
    return new LoadedGenerator(
      await startWorker({ file, device, precision, direction, threads: threads ?? null }, onNotice),
    );
  const opened = openGenerator(file, chooseCompute({ device, precision }), direction);
  return new LoadedGenerator(new LocalEngine(opened, onNotice));
}
