/** How the candidates of a data set are judged: by the same pairs at the same size. Depends on config, data and run. */
import { withPreset } from '../../src/config/presets.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { stagesOf } from '../../src/config/stages.js';
import { findSamples, type Sample } from '../../src/data/find/pairs.js';
import type { SampleSpec } from '../../src/data/load/sample.js';
import { wholeImage } from '../../src/data/load/transform.js';
import { usesBoundary } from '../../src/networks/build.js';
import { trainingSpec } from '../../src/run/training-spec.js';

/** The configuration that a candidate's options end with: that of its last stage. */
export function lastConfig(options: Record<string, unknown>): TrainConfig {
  return stagesOf(trainSchema.parse(withPreset({ name: 'judged', ...options }))).at(-1)!.config;
}

/** The pairs of a phase (`train`, `test`), and how they are read: whole, at the training's scale, of sizes that no network decides. */
export function pairsOf(config: TrainConfig, phase: string): { samples: readonly Sample[]; spec: SampleSpec } {
  const { dataroot, labelNc } = config;
  const spec = trainingSpec(config);
  return {
    samples: findSamples(dataroot, phase, { labelNc, useInstance: usesBoundary(config) }),
    spec: { ...spec, transform: wholeImage({ ...spec.transform, multiple: 1, least: 1 }) },
  };
}
