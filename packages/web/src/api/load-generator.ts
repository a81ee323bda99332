/** loadGenerator: the door. Depends on both engines, the platform and errors.ts. */
import { platform } from '#platform';
import { plainDigest } from '../download/digest.js';
import { type LoadPlan, openEngine, type PlainSource } from '../engine/open-engine.js';
import { openInWorker } from '../engine/worker-engine.js';
import { UserError } from '../errors.js';
import type { Runtime } from '../runtime/runtime.js';
import type { LoadOptions, ModelSource } from './load-options.js';
import { LoadedGenerator } from './loaded-generator.js';

/**
 * Loads a trained generator.
 *
 * @param source `generator.onnx`, as `pix2pixhd export --format onnx` writes it: its address, in Node also its path, or its bytes.
 * @throws UserError where it is not there, not ours or damaged, where ONNX Runtime is not installed, or the device is not there; the
 *   signal's reason.
 *
 * @example
 * ```ts
 * const generator = await loadGenerator('generator.onnx');
 * const image = await generator.generate({ label: 'label.png', instances: 'inst.png', style: { seed: 1 } });
 * console.log(image.width, image.height, image.data.length);
 * await generator.dispose();
 * ```
 */
export async function loadGenerator(source: ModelSource, options: LoadOptions = {}): Promise<LoadedGenerator> {
  const { digest, encoderDigest, device = 'auto', threads, worker, runtime, signal, onNotice, onProgress } = options;
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1))
    throw new RangeError(`threads: expected a whole number from 1 on, found ${threads}`);
  signal?.throwIfAborted();
  const isAddress = typeof runtime === 'string' || runtime instanceof URL;
  const plan: LoadPlan = {
    model: plainSource(source, 'the model'),
    encoder: options.encoder === undefined ? undefined : plainSource(options.encoder, 'the encoder'),
    digest: digest === undefined ? undefined : plainDigest(digest),
    encoderDigest: encoderDigest === undefined ? undefined : plainDigest(encoderDigest),
    device,
    threads,
    cache: options.cache ?? true,
    runtime: isAddress ? platform.addressOf(runtime) : undefined,
  };
  const module = isAddress ? undefined : (runtime as Runtime | undefined);
  if (worker && module !== undefined)
    throw new UserError({
      code: 'OPTION_CONFLICT',
      doing: 'loading a generator',
      where: 'worker',
      found: 'a worker, and ONNX Runtime as a module of this thread',
      expected: 'one of them: modules cannot be sent to a worker',
      remedy: 'give the address of ONNX Runtime, or nothing',
    });
  const hooks = { signal, onProgress, onNotice };
  const inWorker = worker ?? (platform.isPage && module === undefined);
  const engine =
    inWorker === false
      ? await openEngine(plan, hooks, module)
      : await openInWorker(inWorker === true ? platform.startWorker() : inWorker, plan, hooks);
  return new LoadedGenerator(engine, onNotice);
}

function plainSource(source: ModelSource, name: string): PlainSource {
  if (source instanceof Uint8Array || source instanceof Blob) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof source !== 'string' && !(source instanceof URL))
    throw new TypeError(`${name}: expected an address, a path, or the bytes of a file, found ${String(source)}`);
  return platform.pathOf(source) ?? platform.addressOf(source);
}
