/** Which generator a checkpoint has for a direction. Depends on the configuration's types and errors.ts. */
import type { Direction } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';

/** The short name of the generator of a direction, in checkpoints. */
export function generatorLetter({ model }: Pick<TrainConfig, 'model'>, direction: Direction): 'G' | 'G_A' | 'G_B' {
  if (model !== 'cycle-gan') return 'G';
  return direction === 'AtoB' ? 'G_A' : 'G_B';
}

/** @throws UserError where a run with one generator should go back. */
export function checkDirection({ model }: Pick<TrainConfig, 'model'>, direction: Direction, path: string): void {
  if (model === 'cycle-gan' || direction === 'AtoB') return;
  throw new UserError({
    code: 'OPTION_MISMATCH',
    doing: 'choosing the generator',
    where: path,
    found: `direction BtoA, and a network of --model ${model}, which goes from A to B alone`,
    expected: 'AtoB, or a run of both directions (pix2pixhd train --model cycle-gan)',
    remedy: 'leave --direction out',
  });
}
