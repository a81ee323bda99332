/** What ONNX Runtime throws, in words that help. Depends on errors.ts. */
import { reasonOf, UserError } from '../errors.js';

/** WebAssembly's, JavaScript's and the GPU's ways to say it; a bare number is a C++ exception that got through. */
const outOfMemory =
  /bad_alloc|out of memory|memory access out of bounds|allocation failed|failed to allocate|OOM|^\d+$/i;

/** @param where the model, or the size of the image. */
export function failureOfRuntime(cause: unknown, doing: string, where: string): UserError {
  const found = reasonOf(cause);
  if (outOfMemory.test(found))
    return new UserError(
      {
        code: 'OUT_OF_MEMORY',
        doing,
        where,
        found: /^\d+$/.test(found) ? 'an error that ONNX Runtime has no words for, as when memory has run out' : found,
        expected: 'memory for the network and the image; WebAssembly has 4 GB at most, phones less',
        remedy: 'give smaller images, export with --precision fp16, or compute in Node with onnxruntime-node',
      },
      { cause },
    );
  if (/no available backend/i.test(found))
    return new UserError(
      {
        code: 'NOT_INSTALLED',
        doing,
        where,
        found,
        expected: "onnxruntime-web's .wasm file beside its script",
        remedy: 'serve all of onnxruntime-web/dist, the .wasm files too, as application/wasm',
      },
      { cause },
    );
  return new UserError(
    {
      code: 'COMPUTATION_FAILED',
      doing,
      where,
      found,
      remedy: "try device: 'wasm', and another version of ONNX Runtime (1.30 is tested)",
    },
    { cause },
  );
}
