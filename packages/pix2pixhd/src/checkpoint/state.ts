/**
 * What a checkpoint stores beside its tensors, and its form in the file's header. Depends on config.
 */
import { FileFormatError, type SafetensorsContent } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { fromStoredConfig, toStoredConfig } from '../config/stored.js';
import type { RandomState } from '../data/random.js';

/**
 * Version of the file format; a higher one is refused. Version 2 added checksums to 1, so a file of version 2 without
 * them has been damaged or changed.
 */
const formatVersion = 2;

/** How a stage does on held-out pairs. */
export interface ValidationState {
  /** The last figure that was better than those before, by more than `--min-delta`. */
  readonly value: number;
  /** The step that it is of. */
  readonly step: number;
  /** How many measurements have come since. */
  readonly waited: number;
}

/** What a checkpoint stores beside its tensors. */
export interface CheckpointState {
  readonly config: TrainConfig;
  /** The stage of a coarse-to-fine run; 1 for others. */
  readonly stage: number;
  /** Steps done, over all stages. */
  readonly step: number;
  /** Steps of this stage done. */
  readonly stageStep: number;
  /** Epoch of the next step, from 1 in every stage. */
  readonly epoch: number;
  /** Batches of that epoch done. */
  readonly batch: number;
  /**
   * The lowest is the best checkpoint: the mean L1 distance in [0, 1] over the run's sample pairs, or with `--validate` its metric,
   * negated where higher is better; NaN where nothing was measured at this step.
   */
  readonly score: number;
  /** With `--validate`, from the first measurement of the stage on. */
  readonly validation?: ValidationState | undefined;
  /** The image pool's random state. */
  readonly poolRandom: RandomState;
}

/** Adam's step count by weight, under `optimG`, `optimD`, `optimE`. */
export type AdamSteps = Record<string, Record<string, number>>;

/** The header's metadata: name → text. */
export function formatHeader(state: CheckpointState, steps: AdamSteps): Record<string, string> {
  const stored = { ...state, config: toStoredConfig(state.config), steps };
  return { format: 'pix2pixhd', version: String(formatVersion), state: JSON.stringify(stored) };
}

/**
 * Reads the metadata that {@link formatHeader} makes.
 * @throws Error if the file is not a checkpoint of this program, or of a later version; FileFormatError if it is damaged.
 */
export function parseHeader(
  path: string,
  { metadata, checksums }: SafetensorsContent,
): { readonly state: CheckpointState; readonly steps: AdamSteps } {
  if (metadata.format !== 'pix2pixhd' || metadata.state === undefined)
    throw new Error('a safetensors file that is not a checkpoint of a run');
  const version = Number(metadata.version);
  if (!(version <= formatVersion))
    throw new Error(`a checkpoint of format version ${metadata.version}; this program reads up to ${formatVersion}`);
  if (version >= 2 && !checksums)
    throw new FileFormatError(path, 'is damaged or was changed: its checksums are missing');
  const { steps, ...state } = parseJson(path, metadata.state);
  // Files from before there were stages count as stage 1, with all steps in it.
  const full = { stage: 1, stageStep: state.step, ...state, config: fromStoredConfig(state.config, path) };
  return { state: full, steps };
}

function parseJson(path: string, text: string) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FileFormatError(path, 'is damaged: its state is not JSON', { cause });
  }
}
