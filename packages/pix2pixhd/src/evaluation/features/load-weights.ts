/** Weights of a published network into one of ours. Depends on torch. */
import type { nn, TensorData } from '@pix2pixhd/torch';

/**
 * Copies what a network has out of a published state dict that may hold more, such as a classifier.
 *
 * @param what the network, for the error.
 * @throws Error naming every key that is missing or of another shape; nothing is copied then.
 */
export function loadPublished(network: nn.Module, state: ReadonlyMap<string, TensorData>, what: string): void {
  const own = new Map<string, TensorData>();
  const problems: string[] = [];
  for (const [key, value] of network.stateDict()) {
    // Files older than PyTorch 0.4.1 do not count batches; nothing depends on it in evaluation.
    const given = state.get(key) ?? (key.endsWith('num_batches_tracked') ? value.toData() : undefined);
    if (given === undefined) problems.push(`missing ${key} [${value.shape}]`);
    else if (String(given.shape) !== String(value.shape))
      problems.push(`${key} has shape [${given.shape}], expected [${value.shape}]`);
    else own.set(key, given);
  }
  if (problems.length > 0) throw new Error(`not ${what}: ${problems.slice(0, 3).join('; ')}`);
  network.loadStateDict(own);
}
