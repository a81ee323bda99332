/**
 * The meta device: tensors with a shape, a dtype and a memory format, but no elements. What runs on it computes nothing,
 * builds graphs as anywhere, and tells how much memory it would take. Semantics: PyTorch's `torch.device('meta')`. Depends on
 * the binding.
 */
import { binding } from './binding.js';

/**
 * Runs `body` with a default device: tensors that are made without naming one (`zeros`, `randn`, the weights of a layer) are
 * made there. As `with torch.device(device):`. Values that come from JavaScript (`tensor([1, 2])`) stay on the CPU.
 */
export function withDevice<T>(device: string, body: () => T): T {
  const before = binding.getDefaultDevice();
  binding.setDefaultDevice(device);
  try {
    return body();
  } finally {
    binding.setDefaultDevice(before);
  }
}

/** Bytes that the tensors on the meta device would take, those that only autograd keeps included; each storage counts once. */
export function metaBytes(): number {
  return binding.metaMemory().bytes;
}

/** Runs `body`. @returns the most that {@link metaBytes} was while it ran. */
export function peakMetaBytes(body: () => unknown): number {
  binding.resetMetaPeak();
  body();
  return binding.metaMemory().peak;
}
