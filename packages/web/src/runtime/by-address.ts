/**
 * ONNX Runtime by its address: on a page without a bundler, where it lies beside this package, as npm and the CDNs of npm have it; and
 * where a program gives an address. Depends on nothing.
 */
import { notInstalled } from './not-installed.js';
import type { Device, Runtime } from './runtime.js';

/** `node_modules/onnxruntime-web/dist/`, seen from `node_modules/@pix2pixhd/web/dist/page/`. */
const beside = '../../../../onnxruntime-web/dist/';

/** @throws UserError where it is not there. */
export function importRuntime(device: Device | 'auto'): Promise<{ runtime: Runtime; isNative: boolean }> {
  // Not as a literal: bundlers would look for the folder.
  const here = import.meta.url;
  return runtimeAt(new URL(beside, here).href, device);
}

/**
 * @param address of a module, or of the folder `onnxruntime-web/dist/`.
 * @throws UserError where it is not there.
 */
export async function runtimeAt(
  address: string,
  device: Device | 'auto',
): Promise<{ runtime: Runtime; isNative: boolean }> {
  const file = device === 'webgpu' ? 'ort.webgpu.bundle.min.mjs' : 'ort.wasm.bundle.min.mjs';
  const module = address.endsWith('/') ? `${address}${file}` : address;
  try {
    return { runtime: (await import(/* @vite-ignore */ /* webpackIgnore: true */ module)) as Runtime, isNative: false };
  } catch (cause) {
    throw notInstalled(
      `onnxruntime-web at ${module}`,
      "npm install onnxruntime-web beside this package, or load with runtime: 'https://…/onnxruntime-web/dist/'",
      cause,
    );
  }
}
