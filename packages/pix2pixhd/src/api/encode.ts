/**
 * encode: finds the styles of every class of a trained run and stores them in its checkpoint. Depends on the run, the styles
 * and the command's options.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CheckpointStore } from '../checkpoint/store.js';
import { chooseCompute } from '../compute/choose-compute.js';
import { resolveConfig } from '../config/argv.js';
import { encodeCommand, type encodeSchema } from '../config/commands/encode.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { encodingSet, withoutEncoder } from '../run/encoding-set.js';
import { RunFolder } from '../run/run-folder.js';
import { buildStyleBook, type ClassSummary } from '../styles/build/build-book.js';
import { encodeSet } from '../styles/build/encode-set.js';
import { writeStyles } from '../styles/files/style-book-file.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/** The options of `pix2pixhd encode`, in camelCase; all but `name` have defaults. */
export type EncodeOptions = ProgramOptions<typeof encodeSchema, 'writeFeatures' | 'force' | 'pageClasses' | 'threads'>;

/** What only the command does, and what belongs to the process. */
const without = ['writeFeatures', 'force', 'pageClasses', 'threads'];

/** How {@link encode} is followed and stopped. */
export interface EncodeHooks {
  /** Aborted, the promise rejects with the signal's reason, and the checkpoint stays as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each image; the next one waits for a promise that it returns. */
  readonly onImage?:
    | ((image: { readonly stem: string; readonly done: number; readonly total: number }) => unknown)
    | undefined;
}

/** What {@link encode} has found. */
export interface Encoded {
  /** The checkpoint that has the styles. */
  readonly checkpoint: string;
  /** How many images were encoded. */
  readonly images: number;
  /** Every class that occurs: its instances, and the clusters they are in. */
  readonly classes: readonly ClassSummary[];
}

/**
 * Finds the styles of every class with the encoder of a run that was trained with `instanceFeat` or `labelFeat`, and stores
 * them in its checkpoint, as `pix2pixhd encode` does, without its page.
 *
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where the run
 *   has no encoder, another process writes into it, or an image cannot be used; the signal's reason.
 *
 * @example
 * ```ts
 * await train({
 *   dataroot: 'data/city', name: 'styled', labelNc: 5, instanceFeat: true, nDownsampleE: 2, nef: 4,
 *   loadSize: 32, ngf: 4, ndf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, maxSteps: 2,
 * });
 * const { classes } = await encode({ name: 'styled', nClusters: 3 });
 * console.log(classes.map(({ id, instances, clusters }) => `${id}: ${instances} in ${clusters}`));
 *
 * await using generator = await loadGenerator('checkpoints/styled');
 * const image = await generator.generate('label.png', { instances: 'inst.png', style: { seed: 3 } });
 * await image.save('out/styled.png');
 * ```
 */
export async function encode(options: EncodeOptions, { signal, onImage }: EncodeHooks = {}): Promise<Encoded> {
  const config = resolveConfig(encodeCommand, checkGiven(encodeCommand, options, { required: ['name'], without }));
  const folder = RunFolder.open(config.checkpointsDir, config.name);
  using _ = folder.lock();
  const store = new CheckpointStore(folder.checkpoints);
  const checkpoint = store.find(config.whichEpoch);
  const opened = ImageGenerator.load(checkpoint, chooseCompute(config));
  using generator = opened.generator;
  if (!generator.takesStyles)
    throw withoutEncoder(checkpoint, 'train a new run with styles: instanceFeat or labelFeat');
  const { samples, spec } = encodingSet(opened.config, config);
  const encoded = await encodeSet(generator, samples, spec, {
    ...(signal && { signal }),
    async onSample({ stem }, index) {
      await onImage?.({ stem, done: index + 1, total: samples.length });
      // Images that are ready come without a turn of the event loop, in which alone an abort is seen.
      await nextTurn();
    },
  });
  signal?.throwIfAborted();
  const clustering = { clusters: config.nClusters, seed: config.seed, areaWeights: config.areaWeights };
  const { book, classes } = await buildStyleBook(encoded, samples, spec, opened.config.labelFeat, clustering);
  store.rewriting(checkpoint, () => writeStyles(checkpoint, book));
  return { checkpoint, images: samples.length, classes };
}
