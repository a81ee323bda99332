/**
 * The two directions of CycleGAN. Everything else here goes from domain A to domain B, from inputs to targets; in the other direction
 * the options of both change places. Depends on the schema's types.
 */
import type { TrainConfig } from './schema.js';

/** From domain A to domain B, or back. */
export type Direction = 'AtoB' | 'BtoA';

/** The options of a generator of CycleGAN in one direction, as if it were the only one. */
export function directed<C extends Pick<TrainConfig, 'inputNc' | 'outputNc' | 'inputRange' | 'outputRange'>>(
  config: C,
  direction: Direction,
): C {
  if (direction === 'AtoB') return config;
  const { inputNc, outputNc, inputRange, outputRange } = config;
  return { ...config, inputNc: outputNc, outputNc: inputNc, inputRange: outputRange, outputRange: inputRange };
}
