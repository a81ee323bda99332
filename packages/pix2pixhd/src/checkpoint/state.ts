/**
 * What a checkpoint knows beside its tensors, and how that stands in the file's header. Depends on config.
 */
import { FileFormatError, type SafetensorsContent } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { fromStoredConfig, toStoredConfig } from '../config/stored.js';
import type { RandomState } from '../data/random.js';

/**
 * Format of the file; a higher one is refused. Since 2 a file has checksums, so one without has lost them; 1 was the same
 * without.
 */
const formatVersion = 2;

/** What a checkpoint knows beside its tensors. */
export interface CheckpointState {
  readonly config: TrainConfig;
  /** The stage of a run that trains coarse to fine; 1 for others. */
  readonly stage: number;
  /** Steps done in all. */
  readonly step: number;
  /** Steps of the stage that are done. */
  readonly stageStep: number;
  /** Epoch of the next step, counted from 1 in every stage. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Mean L1 distance, on [0, 1], over the run's sample pairs: what "best" is decided by. */
  readonly score: number;
  /** The image pool's random state. */
  readonly poolRandom: RandomState;
}

/** Adam's step count by weight, under `optimG`, `optimD`, `optimE`. */
export type AdamSteps = Record<string, Record<string, number>>;

/** The texts of a checkpoint's header. */
export function formatHeader(state: CheckpointState, steps: AdamSteps): Record<string, string> {
  const stored = { ...state, config: toStoredConfig(state.config), steps };
  return { format: 'pix2pixhd', version: String(formatVersion), state: JSON.stringify(stored) };
}

/**
 * Reads them back.
 * @throws Error where the file is no checkpoint of this program, or of a later one; FileFormatError where it is damaged.
 */
export function parseHeader(
  path: string,
  { metadata, checksums }: SafetensorsContent,
): { readonly state: CheckpointState; readonly steps: AdamSteps } {
  if (metadata.format !== 'pix2pixhd' || metadata.state === undefined)
    throw new Error('a safetensors file that is no checkpoint of a run');
  const version = Number(metadata.version);
  if (!(version <= formatVersion))
    throw new Error(`a checkpoint of format ${metadata.version}, this program reads up to ${formatVersion}`);
  if (version >= 2 && !checksums) throw new FileFormatError(path, 'is damaged, or was changed: it lacks its checksums');
  const { steps, ...state } = parseJson(path, metadata.state);
  // Files from before there were stages have one, of which all steps are.
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
