/**
 * What the demo's network makes of the held-out emoji: figures beside those of the untouched input, a sheet, a page.
 * Depends on inference, evaluation and report.
 */
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import sharp from 'sharp';
import { CheckpointStore } from '../checkpoint/store.js';
import type { TrainConfig } from '../config/schema.js';
import { decodeImage } from '../data/decode.js';
import { findSamples, type Sample } from '../data/pairs.js';
import type { Image8 } from '../evaluation/image.js';
import { type Figures, formatFigure, meanFigures, measure } from '../evaluation/metrics.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { prepareCompute } from '../model/compute.js';
import { type DemoResult, renderDemoPage } from '../report/demo-page.js';
import { composeSheet } from '../report/sheet.js';
import type { RunFolder } from '../training/run-folder.js';
import { baseEmoji } from './emoji-names.js';

/** The demo's result. */
export interface DemoJudgement {
  readonly means: { readonly generated: Figures; readonly input: Figures };
  readonly pairs: number;
  /** The files written. */
  readonly sheet: string;
  readonly page: string;
}

/** What is judged and where the result goes. */
export interface DemoRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly out: string;
  readonly step: number;
  readonly secondsPerStep: number;
}

interface Judged {
  readonly stem: string;
  readonly input: Image8;
  readonly generated: Image8;
  readonly real: Image8;
  /** Of the generated image against the real one. */
  readonly figures: Figures;
}

const onSheet = 16;
const onPage = 48;

/** Translates every held-out pair with the latest checkpoint. */
export async function judgeHeldOut({ folder, config, out, step, secondsPerStep }: DemoRun): Promise<DemoJudgement> {
  const samples = findSamples(config.dataroot, 'test', { labelNc: 0, useInstance: false });
  const path = new CheckpointStore(folder.checkpoints).find('latest');
  const { generator } = ImageGenerator.load(path, prepareCompute(config));
  const judged: Judged[] = [];
  try {
    for (const sample of samples) judged.push(await judge(generator, sample));
  } finally {
    generator.dispose();
  }
  const means = {
    generated: meanFigures(judged.map(({ figures }) => figures)),
    input: meanFigures(judged.map(({ input, real }) => measure(input, real))),
  };
  const distinct = onePerBase(judged);
  const sheet = join(out, 'sheet.png');
  writeFileAtomic(sheet, await drawSheet(spread(distinct, onSheet), step));
  const page = join(out, 'index.html');
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
    title: 'Flat emoji to 3D emoji',
    lead: 'Drawings the network had not seen, as it draws them after training on this machine.',
    facts: [
      ['steps', step.toLocaleString('en')],
      ['seconds a step', secondsPerStep.toFixed(3)],
      ['PSNR', formatFigure('psnr', means.generated.psnr)],
      ['SSIM', formatFigure('ssim', means.generated.ssim)],
    ],
    means,
    pairs: judged.length,
    results,
    next: [
      { what: 'Go on for an hour', command: 'npx pix2pixhd demo --resume --minutes 60' },
      {
        what: 'Your own pairs, in data/train_A and data/train_B under equal names',
        command: 'npx pix2pixhd train --dataroot data --name mine --label-nc 0 --load-size 256',
      },
    ],
  });
  writeFileAtomic(page, content);
  return { means, pairs: judged.length, sheet, page };
}

async function judge(generator: ImageGenerator, sample: Sample): Promise<Judged> {
  const input = await readRgb(sample.source!);
  const real = await readRgb(sample.image!);
  const { width, height } = input;
  const generated = generator.translate({ images: 1, width, height, source: planes(input), sourceChannels: 3 })[0]!;
  return { stem: sample.stem, input, generated, real, figures: measure(generated, real) };
}

async function readRgb(path: string): Promise<Image8> {
  const { width, height, channels, data } = await decodeImage(path);
  return { width, height, channels, data: data as Uint8Array };
}

/** Interleaved 8 bits to planes in [-1, 1]. */
function planes({ width, height, channels, data }: Image8): Float32Array {
  const size = width * height;
  const result = new Float32Array(data.length);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < channels; c++) result[c * size + i] = data[i * channels + c]! / 127.5 - 1;
  return result;
}

/** The skin tones and genders of one drawing look much alike: one of them is enough to look at. */
function onePerBase(judged: readonly Judged[]): Judged[] {
  return [...new Map(judged.map(one => [baseEmoji(one.stem), one])).values()];
}

function spread<T>(items: readonly T[], count: number): T[] {
  const shown = Math.min(count, items.length);
  return Array.from({ length: shown }, (_, i) => items[Math.floor((i * items.length) / shown)]!);
}

function drawSheet(judged: readonly Judged[], step: number): Promise<Buffer> {
  return composeSheet({
    title: `Held-out emoji after ${step.toLocaleString('en')} steps`,
    columns: ['input', 'generated', 'real'],
    rows: judged.map(({ stem, input, generated, real }) => ({ label: stem, images: [input, generated, real] })),
  });
}

function png({ data, width, height, channels }: Image8): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 3 } })
    .png()
    .toBuffer();
}
