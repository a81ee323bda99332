/**
 * One run of `npm run bench:quality`, in a process of its own: trains a configuration, then generates every held-out pair at
 * the size of the training and measures it. Depends on the whole package; prints the result as one line of JSON.
 *
 * Called as `run.js JSON`, see {@link RunOrder}.
 */
import { join } from 'node:path';
import { train } from '../../src/api/train.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { chooseCompute } from '../../src/compute/choose-compute.js';
import { conditionOf } from '../../src/conditioning/condition.js';
import type { Batch } from '../../src/data/load/batch.js';
import { Loader } from '../../src/data/load/loader.js';
import { type Figures, measure } from '../../src/evaluation/metrics.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { makeFolder } from '../../src/output/make-folder.js';
import { image8Of, imageToShow } from '../../src/raster.js';
import { toSharp } from '../../src/sharp-image.js';
import { FeatureDistance } from './feature-distance.js';
import { lastConfig, pairsOf } from './held-out.js';

/** What a run is to do. */
export interface RunOrder {
  /** Options of the training, with the run's name and folder. */
  readonly options: Record<string, unknown>;
  /** Held-out pairs whose images are kept for the sheet, evenly spread. */
  readonly shown: number;
  /** Where these go: `STEM.input.png`, `STEM.generated.png`, `STEM.real.png`. */
  readonly images: string;
  /** The file of the network for the feature distance. */
  readonly featureNetwork: string;
}

/** The figures of `evaluate`, and the feature distance. */
export type QualityFigures = Figures & { readonly features: number };

/** What came out. */
export interface RunOutcome {
  readonly steps: number;
  readonly secondsPerStep: number;
  /** Per held-out pair, in order of the stems. */
  readonly pairs: readonly { readonly stem: string; readonly figures: QualityFigures }[];
  /** Stems of the images that were kept. */
  readonly shown: readonly string[];
}

async function evaluate(order: RunOrder): Promise<Pick<RunOutcome, 'pairs' | 'shown'>> {
  const config = lastConfig(order.options);
  const { samples, spec } = pairsOf(config, 'test');
  const folder = join(config.checkpointsDir, config.name, 'checkpoints');
  const { generator } = ImageGenerator.load(new CheckpointStore(folder).find('latest'), chooseCompute(config));
  const inOrder = { batchSize: 1, seed: 0, shuffle: false, epochs: 1, cacheBytes: 0 };
  const loader = new Loader({ samples, spec, ...inOrder });
  using distance = FeatureDistance.load(order.featureNetwork);
  const shownEvery = Math.max(1, Math.floor(samples.length / order.shown));
  const pairs: { stem: string; figures: QualityFigures }[] = [];
  const shown: string[] = [];
  makeFolder(order.images);
  try {
    for (let i = 0; i < samples.length; i++) {
      const batch: Batch = await loader.batch(0, i);
      const { width, height, image, source, imageChannels, sourceChannels } = batch;
      const real = image8Of(image!, imageChannels, width, height);
      // The styles of the real image: what is judged is the drawing, not the choice.
      const styles = generator.hasEncoder ? generator.encodeStyles(image!, conditionOf(batch)) : undefined;
      const generated = imageToShow(generator.generateBatch(batch, styles)[0]!);
      const stem = samples[i]!.stem;
      pairs.push({ stem, figures: { ...measure(generated, real), features: distance.between(generated, real) } });
      if (i % shownEvery !== 0 || shown.length === order.shown) continue;
      shown.push(stem);
      const input = source && image8Of(source, sourceChannels, width, height);
      for (const [name, picture] of Object.entries({ input, generated, real }))
        if (picture)
          await toSharp(picture)
            .png()
            .toFile(join(order.images, `${stem}.${name}.png`));
    }
  } finally {
    await loader.close();
    generator.dispose();
  }
  return { pairs, shown };
}

const order = JSON.parse(process.argv[2]!) as RunOrder;
const { step, secondsPerStep } = await train(order.options as unknown as Parameters<typeof train>[0]);
const outcome: RunOutcome = { steps: step, secondsPerStep, ...(await evaluate(order)) };
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
