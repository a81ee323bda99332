/**
 * The recorded vectors of the public implementation: the subset in test/fixtures/parity, or the full set in the folder
 * that PIX2PIXHD_PARITY names. Depends on torch's file readers.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromData, readNpy, readStateDict, type Tensor, type TensorData } from '@pix2pixhd/torch';

/** A recorded array. */
export interface Vector {
  readonly file: string;
  /** What float32 allows: a multiple of the recorded difference to float64. */
  readonly atol_suggested?: number;
}

/** A recorded state dict, in PyTorch's current format, the legacy one, or both. */
export interface Weights {
  readonly zip?: string;
  readonly legacy?: string;
}

/** One forward pass: the network's options by the public implementation's names, what went in, what came out. */
export interface NetworkCase {
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly state_dict: Weights;
  readonly input: Vector;
  readonly outputs: Readonly<Record<string, Vector>>;
  readonly buffers_after_train_fwd?: Weights;
  readonly inst?: Vector;
}

const folder = process.env.PIX2PIXHD_PARITY ?? fileURLToPath(new URL('../../../test/fixtures/parity', import.meta.url));
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
  readonly cases: Readonly<Record<string, unknown>>;
};

/** The network cases whose name starts with `prefix`. */
export function networkCases(prefix: string): [string, NetworkCase][] {
  return Object.entries(manifest.cases).filter(([name]) => name.startsWith(prefix)) as [string, NetworkCase][];
}

/** A case by name, or undefined where the folder holds only the subset. */
export function parityCase<T>(name: string): T | undefined {
  return manifest.cases[name] as T | undefined;
}

/** Why a case is skipped. */
export const fullSetOnly = 'needs the full set: PIX2PIXHD_PARITY=folder';

/** A recorded array as it lies in the file. */
export function vectorData({ file }: Vector): TensorData {
  return readNpy(join(folder, file));
}

/** A recorded array. */
export function vector(recorded: Vector): Tensor {
  return fromData(vectorData(recorded));
}

/** A recorded state dict, once for every format it is there in. */
export function stateDicts({ zip, legacy }: Weights): Map<string, Tensor>[] {
  return [zip, legacy]
    .filter(file => file !== undefined)
    .filter(file => existsSync(join(folder, file)))
    .map(file => new Map([...readStateDict(join(folder, file))].map(([key, data]) => [key, fromData(data)])));
}
