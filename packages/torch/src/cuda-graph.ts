/**
 * CUDA graphs: work of a fixed shape, recorded once and then replayed as a whole. Depends on the binding and runtime.
 *
 * A step of many small operators is bound by the CPU that launches them. A graph launches all at once; in return its
 * shapes, its memory and the way through the program are those of the recording.
 */

import { binding, type Handle } from './binding.js';
import { TorchError } from './errors.js';
import { cudaAvailable } from './runtime.js';

/** Recorded work, which can be replayed. */
export interface Recording<T> {
  /** What the work gave. Its tensors are overwritten by every {@link replay}. */
  readonly result: T;
  /** Does the work again, from what the tensors that it read hold now. */
  replay(): void;
  /** Frees the recording, not the result's tensors. Idempotent. */
  dispose(): void;
}

/** Whether {@link recordCudaGraph} works here: a CUDA device, and an addon that was built with CUDA's headers. */
export function cudaGraphsAvailable(): boolean {
  return binding.cudaGraphsBuilt() && cudaAvailable();
}

/**
 * Records what `work` does on a device. Nothing is computed while recording: the result's tensors hold nothing before the first
 * replay. Run the same work several times first, so that cuDNN has chosen its algorithms.
 * @param work may read no tensor's values, bring none to the device, and not depend on data for its shapes. Tensors that
 * it reads and that live longer are the graph's inputs: give new values by copying into them.
 * @throws TorchError where there is no CUDA, or where the work cannot be recorded.
 */
export function recordCudaGraph<T>(device: string, work: () => T): Recording<T> {
  if (!cudaGraphsAvailable())
    throw new TorchError(
      'CUDA_UNAVAILABLE',
      "recordCudaGraph: there is no CUDA device, or the addon was built without CUDA's headers",
    );
  const graph = binding.beginRecording(device);
  let result: T;
  try {
    result = work();
  } catch (error) {
    abandon(graph);
    throw error;
  }
  try {
    binding.endRecording(graph);
  } catch (error) {
    binding.releaseRecording(graph);
    throw error;
  }
  return {
    result,
    replay: () => binding.replayRecording(graph),
    dispose: () => binding.releaseRecording(graph),
  };
}

/** Ends a recording whose work has failed. */
function abandon(graph: Handle): void {
  try {
    binding.endRecording(graph);
  } catch {
    // CUDA reports once more that it could not record; the error of the work says why.
  } finally {
    binding.releaseRecording(graph);
  }
}
