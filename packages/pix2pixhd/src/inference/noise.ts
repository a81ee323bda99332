/**
 * How pix2pix generates (Isola et al., 2017, section 3.3): dropout stays, as its noise, and batch norm uses the statistics of the
 * image at hand. Depends on torch only.
 */
import { nn, RandomGenerator, scope } from '@pix2pixhd/torch';

/** Runs `body` with dropout and batch norm of a network in training mode; running statistics stay what they are. */
export function asInTraining<T>(network: nn.Module, body: () => T): T {
  const layers = [...network.modules()].filter(layer => layer instanceof nn.Dropout || layer instanceof nn.BatchNorm2d);
  const modes = layers.map(layer => layer.training);
  const tracking = (on: boolean) => {
    for (const layer of layers) if (layer instanceof nn.BatchNorm2d) layer.tracksStatistics = on;
  };
  for (const layer of layers) layer.training = true;
  tracking(false);
  try {
    return body();
  } finally {
    tracking(true);
    layers.forEach((layer, i) => {
      layer.training = modes[i]!;
    });
  }
}

/** Runs `body` with draws of a seed; a training's draws go on afterwards as if there had been none. */
export function seeded<T>(device: string, seed: number, body: () => T): T {
  return scope(() => {
    const generator = RandomGenerator.default(device);
    const before = generator.getState();
    generator.seed(seed);
    try {
      return body();
    } finally {
      generator.setState(before);
    }
  });
}
