/** ONNX Runtime in a browser, by a bundler: the build for WebGPU, or the smaller one without. Depends on `onnxruntime-web`. */
import { notInstalled } from './not-installed.js';
import type { Device, Runtime } from './runtime.js';

/** @throws UserError where it is not there. */
export async function importRuntime(device: Device | 'auto'): Promise<{ runtime: Runtime; isNative: boolean }> {
  try {
    const runtime = device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
    return { runtime, isNative: false };
  } catch (cause) {
    throw notInstalled('onnxruntime-web', 'npm install onnxruntime-web, and bundle again', cause);
  }
}
