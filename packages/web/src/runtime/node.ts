/** ONNX Runtime in Node: `onnxruntime-node`, else `onnxruntime-web`. Depends on them when asked. */
import { notInstalled } from './not-installed.js';
import type { Device, Runtime } from './runtime.js';

/** Not as a literal: it need not be there when this is compiled, or bundled. */
const native: string = 'onnxruntime-node';

/** @throws UserError where neither is installed. */
export async function importRuntime(device: Device | 'auto'): Promise<{ runtime: Runtime; isNative: boolean }> {
  let cause: unknown;
  if (device !== 'wasm') {
    try {
      return { runtime: (await import(native)) as Runtime, isNative: true };
    } catch (error) {
      cause = error;
    }
    if (device === 'cpu') throw notInstalled('onnxruntime-node', 'npm install onnxruntime-node', cause);
  }
  try {
    return { runtime: await import('onnxruntime-web'), isNative: false };
  } catch (error) {
    throw notInstalled(
      'onnxruntime-node and no onnxruntime-web',
      'npm install onnxruntime-node (fast), or onnxruntime-web (small, WebAssembly)',
      cause ?? error,
    );
  }
}
