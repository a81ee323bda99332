/**
 * Converts the keys of official state dicts to ours and back. Depends on nothing; works on maps with any values.
 */

/** Removes the prefix `module.` that `torch.nn.DataParallel` puts before every key. */
export function withoutDataParallel<T>(state: ReadonlyMap<string, T>): Map<string, T> {
  const wrapped = state.size > 0 && [...state.keys()].every(key => key.startsWith('module.'));
  return new Map([...state].map(([key, value]) => [wrapped ? key.slice('module.'.length) : key, value]));
}

/** Whether a key is a running statistic of a norm layer. */
export function isRunningStatistic(key: string): boolean {
  return /(^|\.)(running_mean|running_var|num_batches_tracked)$/.test(key);
}

/**
 * The discriminator's keys in our form, `scaleI_layerJ.K`. Without feature matching the public implementation numbers the
 * layers of a scale consecutively, `layerI.K`: convolution and leaky ReLU, then groups of convolution, norm and leaky ReLU,
 * then one convolution.
 */
export function toGroupedDiscriminator<T>(state: ReadonlyMap<string, T>): Map<string, T> {
  return renamed(state, /^layer(\d+)\.(\d+)\./, (scale, index) => {
    const [group, layer] = index < 2 ? [0, index] : [1 + Math.floor((index - 2) / 3), (index - 2) % 3];
    return `scale${scale}_layer${group}.${layer}.`;
  });
}

/** The reverse of {@link toGroupedDiscriminator}. */
export function toFlatDiscriminator<T>(state: ReadonlyMap<string, T>): Map<string, T> {
  return renamed(
    state,
    /^scale(\d+)_layer(\d+)\.(\d+)\./,
    (scale, group, layer) => `layer${scale}.${group === 0 ? layer : 2 + 3 * (group - 1) + layer}.`,
  );
}

function renamed<T>(
  state: ReadonlyMap<string, T>,
  start: RegExp,
  rename: (...numbers: [number, number, number]) => string,
): Map<string, T> {
  return new Map(
    [...state].map(([key, value]) => {
      const [all, ...numbers] = start.exec(key) ?? [];
      if (all === undefined) return [key, value];
      return [rename(...(numbers.map(Number) as [number, number, number])) + key.slice(all.length), value];
    }),
  );
}
