/**
 * What the demo's network makes of the held-out emoji: figures beside those of the untouched input, a sheet, a page.
 * Depends on inference, evaluation and report.
 */
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { configureProcess, type TrainConfig } from 'pix2pixhd';
import {
  CheckpointStore,
  chooseCompute,
  composeSheet,
  type Figures,
  findSamples,
  formatFigure,
  type Image8,
  ImageGenerator,
  imageToShow,
  type LabelClass,
  meanFigures,
  measure,
  type RunFolder,
  readClasses,
  type Sample,
  toSharp,
  usesBoundary,
} from 'pix2pixhd/internal';
import { type DemoResult, renderDemoPage } from './demo-page.js';
import { baseEmoji } from './emoji/names.js';
import { readHeldOut } from './held-out.js';
import type { DemoVariant } from './variants.js';

/** The demo's result. */
export interface DemoEvaluation {
  readonly means: { readonly generated: Figures; readonly input: Figures };
  readonly pairs: number;
  /** The files written. */
  readonly sheet: string;
  readonly page: string;
}

/** What is evaluated and where the result goes. */
export interface DemoRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly variant: DemoVariant;
  readonly out: string;
  readonly step: number;
  readonly secondsPerStep: number;
  /** The command that continues the run for an hour. */
  readonly goOn: string;
}

interface Evaluated {
  readonly stem: string;
  readonly input: Image8;
  readonly generated: Image8;
  readonly real: Image8;
  /** Of the generated image against the real one. */
  readonly figures: Figures;
}

const onSheet = 16;
const onPage = 48;

/** Generates the images of all held-out pairs with the latest checkpoint. */
export async function evaluateHeldOut(run: DemoRun): Promise<DemoEvaluation> {
  const { folder, config, variant, out, step, secondsPerStep, goOn } = run;
  const samples = findSamples(config.dataroot, 'test', { labelNc: config.labelNc, useInstance: usesBoundary(config) });
  const classes = readClasses(config.dataroot) ?? [];
  const path = new CheckpointStore(folder.checkpoints).find('latest');
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  const { generator } = ImageGenerator.load(path, compute);
  const evaluated: Evaluated[] = [];
  try {
    for (const sample of samples) evaluated.push(await evaluate(generator, sample, classes));
  } finally {
    generator.dispose();
  }
  const means = {
    generated: meanFigures(evaluated.map(({ figures }) => figures)),
    input: meanFigures(evaluated.map(({ input, real }) => measure(input, real))),
  };
  const distinct = onePerBase(evaluated);
  const sheet = join(out, variant.sheet);
  writeFileAtomic(sheet, await drawSheet(spread(distinct, onSheet), step));
  const page = join(out, variant.page);
  const results = await Promise.all(
    distinct.slice(0, onPage).map(
      async (one): Promise<DemoResult> => ({
        label: one.stem,
        input: await png(one.input),
        generated: await png(one.generated),
        real: await png(one.real),
        figures: one.figures,
      }),
    ),
  );
  const content = renderDemoPage({
    title: variant.title,
    lead: variant.lead,
    facts: [
      ['steps', step.toLocaleString('en')],
      ['seconds a step', secondsPerStep.toFixed(3)],
      ['PSNR', formatFigure('psnr', means.generated.psnr)],
      ['SSIM', formatFigure('ssim', means.generated.ssim)],
    ],
    means,
    pairs: evaluated.length,
    results,
    next: [
      { what: 'Go on for an hour', command: goOn },
      {
        what: `Your own pairs, in ${variant.own.folders} under equal names`,
        command: `npx pix2pixhd train --dataroot data --name mine ${variant.own.options} --load-size 256`,
      },
    ],
  });
  writeFileAtomic(page, content);
  return { means, pairs: evaluated.length, sheet, page };
}

async function evaluate(generator: ImageGenerator, sample: Sample, classes: readonly LabelClass[]): Promise<Evaluated> {
  const { condition, input, real } = await readHeldOut(sample, classes);
  const generated = imageToShow(generator.generate(condition)[0]!);
  return { stem: sample.stem, input, generated, real, figures: measure(generated, real) };
}

/** The skin tones and genders of one drawing look much alike: one of them is enough to look at. */
function onePerBase(evaluated: readonly Evaluated[]): Evaluated[] {
  return [...new Map(evaluated.map(one => [baseEmoji(one.stem), one])).values()];
}

function spread<T>(items: readonly T[], count: number): T[] {
  const shown = Math.min(count, items.length);
  return Array.from({ length: shown }, (_, i) => items[Math.floor((i * items.length) / shown)]!);
}

function drawSheet(evaluated: readonly Evaluated[], step: number): Promise<Buffer> {
  return composeSheet({
    title: `Held-out emoji after ${step.toLocaleString('en')} steps`,
    columns: ['input', 'generated', 'real'],
    rows: evaluated.map(({ stem, input, generated, real }) => ({ label: stem, images: [input, generated, real] })),
  });
}

function png(image: Image8): Promise<Buffer> {
  return toSharp(image).png().toBuffer();
}
