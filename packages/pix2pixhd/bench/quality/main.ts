/**
 * `npm run bench:quality`: the feature distance of image folders, such as `compare` leaves in `OUT/evaluation/images/NAME`, with
 * intervals and paired differences to the first one. Depends on its neighbours, judge and statistics.
 *
 * Options: --data FOLDER (train_… for the network, test_… for the real images), --label-nc N (0) of the data set, --results
 * NAME=FOLDER for each method, --feature-steps N (400), --network FILE, which is trained where it is not there yet.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateSchema } from '../../src/config/commands/evaluate.js';
import { namedValues } from '../../src/config/named-values.js';
import { decodeImage } from '../../src/data/decode/decode.js';
import { realImages } from '../../src/judge/by-options/sources.js';
import { matchImages, type Row } from '../../src/judge/match.js';
import { imagesIn } from '../../src/judge/result-files.js';
import { differencesOf, type Summary, summariseFigures } from '../../src/judge/summary.js';
import type { Image8 } from '../../src/raster.js';
import { FeatureDistance, trainFeatureNetwork } from './feature-distance.js';
import { trainingPairs } from './training-pairs.js';

try {
  await main();
} catch (error) {
  process.stderr.write(`bench:quality: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      'label-nc': { type: 'string', default: '0' },
      results: { type: 'string', multiple: true, default: [] },
      'feature-steps': { type: 'string', default: '400' },
      network: { type: 'string', default: 'feature-network.safetensors' },
    },
  });
  const { data, results, network } = values;
  if (data === undefined || results.length === 0) throw new Error('--data FOLDER and --results NAME=FOLDER are needed');
  if (!existsSync(network)) {
    const { samples, spec } = trainingPairs(data, Number(values['label-nc']));
    await trainFeatureNetwork(network, samples, spec, Number(values['feature-steps']));
  }
  const listing = { of: 'results', option: '--results', outputs: [] } as const;
  const methods = namedValues(results).map(({ name, value }) => ({
    name,
    folder: imagesIn(value, listing, console.error),
  }));
  const { rows } = matchImages(realImages(evaluateSchema.parse({ dataroot: data }), console.error), methods);
  using distance = FeatureDistance.load(network);
  const figures: number[][] = methods.map(() => []);
  for (const row of rows)
    for (const [i, figure] of (await distancesOf(row, distance)).entries()) figures[i]!.push(figure);
  const names = methods.map(({ name }) => name);
  const apart = differencesOf('features', names, figures);
  console.log(`features of ${rows.length} images, lower is better; intervals of 95 %`);
  for (const [i, name] of names.entries()) {
    console.log(`${name}: ${inWords(summariseFigures(figures[i]!))}`);
    const difference = apart.find(({ method }) => method === name);
    if (difference) console.log(`  less ${names[0]}: ${inWords(difference)}, p ${difference.p.toFixed(4)}`);
  }
}

async function distancesOf({ real, results }: Row, distance: FeatureDistance): Promise<number[]> {
  const truth = (await decodeImage(real)) as Image8;
  const figures: number[] = [];
  for (const file of results) figures.push(distance.between((await decodeImage(file)) as Image8, truth));
  return figures;
}

function inWords({ value, low, high }: Summary): string {
  return `${value.toFixed(4)}${low === undefined ? '' : ` (${low.toFixed(4)} to ${high!.toFixed(4)})`}`;
}
