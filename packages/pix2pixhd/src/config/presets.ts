/**
 * Presets: known sets of options under one name. Values are those of the paper and of the scripts of NVIDIA's public
 * implementation; `modern` and `small` are ours. Depends on the schema's types.
 */
import type { TrainConfig } from './schema.js';

/** The names of the presets. */
export type Preset = Exclude<TrainConfig['preset'], 'none'>;

/** What each preset sets; other options keep their defaults. */
const presets: Readonly<Record<Preset, Partial<TrainConfig>>> = {
  // Section 4: G1 at 1024×512 for 200 epochs, then one enhancer for 2048×1024, two discriminators and then three.
  paper: { stages: '1024,2048:epochs=100', ngf: 64, numD: 2, loadSize: 2048 },
  'paper-12g': {
    stages: '1024,2048:epochs=100',
    ngf: 64,
    numD: 2,
    loadSize: 2048,
    resizeOrCrop: 'scale_width_and_crop',
    fineSize: 1024,
  },
  // What gave better images in the same time, one factor after the other: docs/quality.md.
  modern: { skips: 'all', upsample: 'resize', lambdaL1: 1000, ema: 0.9999 },
  small: {
    stages: '64:batch=4,128:batch=2,256',
    // The finest of two enhancers has a quarter of it: with 8 filters, whole colours were lost.
    ngf: 64,
    ndf: 32,
    nDownsampleGlobal: 2,
    nBlocksGlobal: 6,
    nBlocksLocal: 2,
    nDownsampleE: 2,
    numD: 1,
    upsample: 'resize',
    lambdaL1: 20,
    ema: 0.999,
    niter: 5,
    niterDecay: 10,
    nIterFixGlobal: 1,
  },
};

/** What a preset sets. */
export function presetOptions(preset: Preset): Partial<TrainConfig> {
  return presets[preset];
}

/** The options of a preset with those that were given in their places. */
export function withPreset<G extends Partial<TrainConfig>>(given: G): G {
  const { preset } = given;
  if (preset === undefined || preset === 'none') return given;
  return { ...presets[preset], ...given };
}
