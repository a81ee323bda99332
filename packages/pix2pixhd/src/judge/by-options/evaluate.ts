/** From the options of `evaluate` to its files. Depends on its neighbours, judge and the report's page. */
import { join, resolve } from 'node:path';
import { chooseCompute } from '../../compute/choose-compute.js';
import { toArgv } from '../../config/argv.js';
import { type EvaluateConfig, evaluateCommand } from '../../config/commands/evaluate.js';
import type { AnyMetricName } from '../../config/metric-names.js';
import { type Named, namedValues } from '../../config/named-values.js';
import { parseFixedRange } from '../../data/values/range.js';
import type { Metric } from '../../evaluation/metric.js';
import { makeFolder } from '../../output/make-folder.js';
import { shellWord } from '../../shell-word.js';
import type { Reading } from '../compared-image.js';
import { FigureCache } from '../figure-cache.js';
import { type Judgement, judge } from '../judge.js';
import type { Method } from '../match.js';
import { renderEvaluationPage } from '../page/evaluation-page.js';
import { metricRegistry, plainMetrics } from '../registry.js';
import { imagesIn } from '../result-files.js';
import { ORACLE } from '../segmentation/summarise.js';
import { type GeneratingHooks, generatedImages } from './generated-images.js';
import { judgingWeights } from './judging-weights.js';
import { outputsIn } from './output-files.js';
import { type Evaluation, evaluationOf } from './results-file.js';
import { segmentingOf } from './segmenting.js';
import { expectMethods, inputImages, realImages } from './sources.js';

/** What came out, and where it is. */
export interface Evaluated {
  readonly evaluation: Evaluation;
  readonly judgement: Judgement;
  /** How the images were read. */
  readonly reading: Reading;
  /** The files written. */
  readonly results: string;
  readonly report: string;
}

/**
 * Evaluates as the options say, and writes `results.json` and `report.html`. Threads are the process' business.
 *
 * @returns undefined where the signal ended it; what was measured is kept in the folder, and the same options go on.
 * @throws UserError for everything that the user can fix.
 */
export async function evaluateByOptions(
  config: EvaluateConfig,
  hooks: GeneratingHooks,
): Promise<Evaluated | undefined> {
  const { out, metrics: asked, weights } = config;
  const { results, checkpoints } = methodsOf(config);
  const metrics = metricsOf(asked);
  const outputs = outputsIn({
    ...{ out, force: config.force, doing: 'writing the results of an evaluation', mark: 'pix2pixhd evaluate' },
    inputFolders: [...(config.real === null ? [] : [config.real]), ...results.map(({ value }) => value)],
  });
  // What is wrong with folders is said before anything is downloaded or made.
  const real = realImages(config, hooks.note);
  const inputs = inputImages(config);
  const listing = { of: 'results', option: '--results', outputs: [out] } as const;
  const given = results.map(({ name, value }) => ({ name, folder: imagesIn(value, listing, hooks.note) }));
  await using segmenting = await segmentingOf(config, hooks.note);
  const files = await judgingWeights(metrics, namedValues(weights), hooks.note, hooks.signal);
  const compute = chooseCompute(config);
  const reading = readingOf(config);
  makeFolder(out);
  const made: Method[] = [];
  for (const checkpoint of checkpoints) {
    const folder = await generatedImages(checkpoint, config, compute, hooks);
    if (hooks.signal.aborted) return undefined;
    made.push({ name: checkpoint.name, folder });
  }
  const methods = [...given, ...made];
  const cache = await FigureCache.open(join(out, 'figures.jsonl'));
  const observing = segmenting !== undefined || metrics.some(({ kind }) => kind === 'set');
  const judgement = await judge({
    ...{ real, methods, metrics, cache, weights: files, device: compute.device },
    observed: observing ? await FigureCache.open(join(out, 'observations.jsonl')) : cache,
    asked: asked !== null,
    segmenting,
    reading,
    signal: hooks.signal,
    onProgress: hooks.onProgress,
  });
  if (judgement === undefined) return undefined;
  const evaluation = evaluationOf(judgement, commandOf(config), real.path);
  const report = await renderEvaluationPage(evaluation, judgement, inputs, reading);
  outputs.write(outputs.results, `${JSON.stringify(evaluation)}\n`);
  outputs.write(outputs.report, report);
  return { evaluation, judgement, reading, results: outputs.results, report: outputs.report };
}

function methodsOf(config: EvaluateConfig): { results: readonly Named[]; checkpoints: readonly Named[] } {
  const { name, checkpointsDir } = config;
  const results = namedValues(config.results);
  const run = name === null ? [] : [{ name, value: join(checkpointsDir, name) }];
  const checkpoints = [...run, ...namedValues(config.checkpoints)];
  expectMethods([...results, ...checkpoints], config.segmenter === null ? undefined : ORACLE);
  return { results, checkpoints };
}

/** In the order of the registry, whatever the order of the names. */
function metricsOf(asked: string | null): readonly Metric[] {
  if (asked === null) return plainMetrics;
  const names = asked.split(',').map(name => name.trim());
  return (Object.keys(metricRegistry) as AnyMetricName[])
    .filter(name => names.includes(name))
    .map(name => metricRegistry[name]);
}

function readingOf({ resize, outputRange }: EvaluateConfig): Reading {
  const [width, height] = resize.split('x').map(Number);
  return {
    resize: resize === 'none' || resize === 'real' ? resize : { width: width!, height: height! },
    range: parseFixedRange(outputRange) ?? 'full',
  };
}

/** The command line that makes this again, from anywhere: paths are whole. */
function commandOf(config: EvaluateConfig): string {
  const absolute = (value: string | null) => (value === null ? null : resolve(value));
  const named = (texts: readonly string[]) => namedValues(texts).map(({ name, value }) => `${name}=${resolve(value)}`);
  const given = {
    ...config,
    results: named(config.results),
    checkpoints: named(config.checkpoints),
    weights: named(config.weights),
    checkpointsDir: config.name === null ? 'checkpoints' : resolve(config.checkpointsDir),
    real: absolute(config.real),
    dataroot: absolute(config.dataroot),
    input: absolute(config.input),
    segmenter: absolute(config.segmenter),
    out: resolve(config.out),
    force: false,
  };
  return ['npx pix2pixhd evaluate', ...toArgv(evaluateCommand, given).map(shellWord)].join(' ');
}
