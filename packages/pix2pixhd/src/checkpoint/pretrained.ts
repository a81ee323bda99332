/**
 * Reads the weights that a run starts from: a checkpoint, a run folder, or a folder of PyTorch files. Depends on the
 * checkpoint, the store and torch.
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError, fromData, readStateDict, type Tensor } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import { Checkpoint, type NetworkWeights } from './checkpoint.js';
import { networkLetters } from './network-names.js';
import { toGroupedDiscriminator, withoutDataParallel } from './official-keys.js';
import { CheckpointStore } from './store.js';

/**
 * Reads the networks' weights.
 *
 * @param path a `.safetensors` checkpoint, the folder of a run (its latest checkpoint), or a folder with
 *   `latest_net_G.pth` and optionally `_D` and `_E`, as the public implementation writes them.
 * @returns state dicts; the caller owns the tensors.
 * @throws UserError if the path is none of these, or a file cannot be read.
 */
export function readWeights(path: string): NetworkWeights {
  if (!existsSync(path)) throw unusable(path, 'nothing of that name');
  if (!statSync(path).isDirectory()) return Checkpoint.read(path, 'networks').weights();
  if (['G', 'G_A'].some(letter => existsSync(join(path, `latest_net_${letter}.pth`)))) return readPthFolder(path);
  const store = new CheckpointStore(join(path, 'checkpoints'));
  if (store.steps().length > 0) return Checkpoint.read(store.find('latest'), 'networks').weights();
  throw unusable(path, 'a folder with neither checkpoints/ nor latest_net_G.pth');
}

function readPthFolder(folder: string): NetworkWeights {
  const found = networkLetters.flatMap(letter => {
    const file = join(folder, `latest_net_${letter}.pth`);
    return existsSync(file) ? [[letter, readPthWeights(file)] as const] : [];
  });
  return Object.fromEntries(found);
}

function readPthWeights(file: string): Map<string, Tensor> {
  try {
    const state = toGroupedDiscriminator(withoutDataParallel(readStateDict(file)));
    return new Map([...state].map(([key, data]) => [key, fromData(data)]));
  } catch (cause) {
    throw unusable(file, cause instanceof FileFormatError ? cause.problem : String(cause), cause);
  }
}

function unusable(path: string, found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing: 'reading the weights to start from (--load-pretrain)',
      where: path,
      found,
      expected: 'a checkpoint of pix2pixhd, the folder of a run, or a folder with latest_net_G.pth',
      remedy: 'check the path',
    },
    { cause },
  );
}
