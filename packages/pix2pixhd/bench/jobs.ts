/**
 * The work of one row, done in its own process so that its peak memory can be measured. Depends on the whole package.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Compute, chooseCompute } from '../src/compute/choose-compute.js';
import { configureProcess } from '../src/compute/configure-process.js';
import { computeForInference, placeForInference } from '../src/compute/place-network.js';
import type { TrainConfig } from '../src/config/schema.js';
import { findSamples } from '../src/data/find/pairs.js';
import type { Batch } from '../src/data/load/batch.js';
import { Loader } from '../src/data/load/loader.js';
import { ImageGenerator } from '../src/inference/image-generator.js';
import { buildGenerator } from '../src/networks/build.js';
import { trainingSpec } from '../src/run/training-spec.js';
import { TrainingSession } from '../src/training/session.js';
import type { BenchCase } from './cases.js';

/** Seconds of each run, after `warmup` runs that do not count. */
export async function measureJob(benchCase: BenchCase, runs: number, warmup: number): Promise<number[]> {
  if (benchCase.job === 'loader') return measureLoader(benchCase, runs);
  const work = prepareWork(benchCase);
  for (let i = 0; i < warmup; i++) work();
  return Array.from({ length: runs }, () => secondsOf(work));
}

/** A function that does one step, or generates one image. @throws TypeError for the loader, whose work is asynchronous. */
export function prepareWork(benchCase: BenchCase): () => void {
  if (benchCase.job === 'loader') throw new TypeError('bench: the loader runs no operators');
  return benchCase.job === 'train' ? trainingStep(benchCase) : generation(benchCase);
}

/** Seconds of one run. */
export function secondsOf(work: () => void): number {
  const before = performance.now();
  work();
  return (performance.now() - before) / 1000;
}

/** Labels in squares of 16 pixels, like the peer script's; every square is an instance. */
function condition(config: TrainConfig, width: number, height: number) {
  const label = new Int32Array(config.batchSize * width * height);
  const instance = new Int32Array(label.length);
  for (let i = 0; i < label.length; i++) {
    const square = Math.floor((i % width) / 16) + Math.floor(i / width / 16) * Math.ceil(width / 16);
    instance[i] = square;
    label[i] = (square * 2654435761) % config.labelNc;
  }
  return { label, instance };
}

function trainingStep({ config, width, height }: BenchCase): () => void {
  const session = new TrainingSession(config, prepare(config));
  const image = new Float32Array(config.batchSize * config.outputNc * width * height).map(() => Math.random() * 2 - 1);
  const stems = Array.from({ length: config.batchSize }, (_, i) => String(i));
  const batch: Batch = {
    stems,
    width,
    height,
    image,
    imageChannels: 3,
    sourceChannels: 3,
    ...condition(config, width, height),
  };
  return () => {
    session.step([batch], Number.POSITIVE_INFINITY);
  };
}

function generation({ config, width, height }: BenchCase): () => void {
  const compute = computeForInference(prepare(config), config);
  const generator = new ImageGenerator(placeForInference(buildGenerator(config), compute), config, compute);
  const input = { images: 1, width, height, ...condition(config, width, height) };
  return () => {
    generator.generate(input);
  };
}

/**
 * Seconds per triplet: 2048×1024 PNG files of label map, 16-bit instance map and photo, resized to NVIDIA's default width;
 * the cache, if any, is in the same folder.
 */
async function measureLoader({ config, width, height }: BenchCase, runs: number): Promise<number[]> {
  const dataroot = mkdtempSync(join(tmpdir(), 'pix2pixhd-bench-'));
  try {
    await drawTriplets(dataroot, width, height, 8);
    const samples = findSamples(dataroot, 'train', { labelNc: config.labelNc, useInstance: true });
    const loader = new Loader({
      samples,
      spec: trainingSpec(config),
      batchSize: 1,
      seed: 0,
      workers: config.workers,
      cacheBytes: 0,
      ...(config.cacheDir !== null && { cacheFolder: join(dataroot, config.cacheDir) }),
    });
    // From the cache one epoch is too short to time.
    const epochs = config.cacheDir === null ? 1 : 20;
    const seconds: number[] = [];
    for (let run = 0; run <= runs; run++) {
      const before = performance.now();
      for (let epoch = 0; epoch < epochs; epoch++)
        for await (const batch of loader.epoch(run * epochs + epoch)) loader.release(batch);
      // The first run starts the threads, and fills the cache.
      if (run > 0) seconds.push((performance.now() - before) / 1000 / (epochs * samples.length));
    }
    await loader.close();
    return seconds;
  } finally {
    rmSync(dataroot, { recursive: true, force: true });
  }
}

/** Writes triplets of synthetic scenes that compress about as well as photographs and label maps. */
export async function drawTriplets(dataroot: string, width: number, height: number, count: number): Promise<void> {
  for (const folder of ['train_label', 'train_inst', 'train_img'])
    mkdirSync(join(dataroot, folder), { recursive: true });
  const raw = { width, height, channels: 1 } as const;
  for (let n = 0; n < count; n++) {
    const label = new Uint8Array(width * height);
    const instance = new Uint16Array(width * height);
    const photo = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const object = Math.floor((x + 40 * Math.sin((y + n * 50) / 90)) / 128) + 20 * Math.floor(y / 128);
        label[i] = ((object % 34) + 34) % 34;
        instance[i] = 1000 * label[i]! + (((object % 200) + 200) % 200);
        for (let c = 0; c < 3; c++)
          photo[i * 3 + c] =
            128 + 60 * Math.sin((x * (c + 1)) / 60 + object) + 40 * Math.cos(y / 45) + 8 * Math.random();
      }
    }
    const file = `scene${n}.png`;
    await sharp(label, { raw })
      .toColourspace('b-w')
      .png()
      .toFile(join(dataroot, 'train_label', file));
    await sharp(instance, { raw })
      .toColourspace('grey16')
      .png()
      .toFile(join(dataroot, 'train_inst', file));
    await sharp(photo, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(dataroot, 'train_img', file));
  }
}

/** Chooses how to compute, and configures this process, as a command does. */
function prepare(config: TrainConfig): Compute {
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  return compute;
}
