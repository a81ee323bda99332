/**
 * Weights of one network for another that shares some of its layers, key by key. Depends on torch only.
 */
import { type nn, noGrad, ops, type optim, type Tensor } from '@pix2pixhd/torch';
import { describeNetwork, type NetworkLetter } from '../checkpoint/network-names.js';

/** Which keys of two networks matched. */
export interface TakenWeights {
  /** In both, with the same shape: copied. */
  readonly taken: readonly string[];
  /** Only in the new network, or of another shape there: they keep their initial values. */
  readonly fresh: readonly string[];
  /** Only in the earlier network, or of another shape there. */
  readonly left: readonly string[];
}

/** The same per network that started from earlier weights. */
export type WarmStart = Readonly<Partial<Record<NetworkLetter, TakenWeights>>>;

/** Copies every weight and buffer that fits into a network. */
export function takeWeights(network: nn.Module, weights: ReadonlyMap<string, Tensor>): TakenWeights {
  const own = network.stateDict();
  const fits = (key: string) => String(own.get(key)?.shape) === String(weights.get(key)?.shape);
  const taken = [...own.keys()].filter(key => weights.has(key) && fits(key));
  const parameters = network.namedParameters();
  noGrad(() => {
    for (const key of taken) {
      const parameter = parameters.get(key);
      if (parameter === undefined) ops.copyInPlace(own.get(key)!, weights.get(key)!).dispose();
      else parameter.assign(weights.get(key)!);
    }
  });
  const copied = new Set(taken);
  return {
    taken,
    fresh: [...own.keys()].filter(key => !copied.has(key)),
    left: [...weights.keys()].filter(key => !copied.has(key)),
  };
}

/** Copies Adam's moments of every weight that both optimisers have with the same shape: an unfrozen weight continues with its own. */
export function takeMoments(optimiser: optim.Adam, before: optim.Adam): void {
  const shapes = optimiser.shapes();
  const shared = [...before.state()].filter(
    ([name, { exp_avg }]) => String(shapes.get(name)) === String(exp_avg.shape),
  );
  optimiser.loadState(new Map(shared));
}

/**
 * What a warm start did, one line per network: keys are grouped by the part of the network that their names begin with.
 *
 * @example "generator: taken model (54 tensors); new model1_1 (4 tensors); left behind model.33 (2 tensors)"
 */
export function describeWarmStart(warm: WarmStart): string[] {
  return Object.entries(warm).map(([network, { taken, fresh, left }]) => {
    const parts = [
      taken.length > 0 ? `taken ${grouped(taken)}` : 'nothing taken',
      ...(fresh.length > 0 ? [`new ${grouped(fresh)}`] : []),
      ...(left.length > 0 ? [`left behind ${grouped(left)}`] : []),
    ];
    return `${describeNetwork(network as NetworkLetter)}: ${parts.join('; ')}`;
  });
}

function grouped(keys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const key of keys) {
    // In a discriminator, one scale is one part, whatever its layers.
    const part = key.split('.')[0]!.replace(/_layer\d+$/, '');
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts].map(([part, count]) => `${part} (${count} tensors)`).join(', ');
}
