/**
 * Which ONNX Runtime computes, and where: WebGPU where a device has it, else WebAssembly, with threads where the page is isolated; in
 * Node the CPU. Depends on `#runtime` and by-address.ts.
 */
import { importRuntime } from '#runtime';
import { UserError } from '../errors.js';
import { runtimeAt } from './by-address.js';
import type { CallableRuntime, Device, FoundRuntime, Runtime } from './runtime.js';

/** What is wished for. */
export interface RuntimeWish {
  readonly device: Device | 'auto';
  readonly threads: number | undefined;
  /** The runtime itself, or its address. */
  readonly runtime: Runtime | string | undefined;
}

/** More threads gain little, and phones get warm. */
const MOST_THREADS = 4;

/** @throws UserError where there is no runtime, or the device is not there. */
export async function findRuntime({ device, threads, runtime: given }: RuntimeWish): Promise<FoundRuntime> {
  const hasGpu = device !== 'wasm' && device !== 'cpu' && (await hasWebGpu());
  if (device === 'webgpu' && !hasGpu)
    throw unavailable('webgpu', 'no WebGPU here', "load with device: 'auto' or 'wasm'");
  const wanted = hasGpu ? 'webgpu' : device;
  const { runtime, isNative } =
    given === undefined
      ? await importRuntime(wanted)
      : typeof given === 'string'
        ? await runtimeAt(given, wanted)
        : { runtime: given, isNative: isNode(given) };
  if (isNative) return { runtime, device: 'cpu', threads: threads ?? 0 };
  if (device === 'cpu') throw unavailable('cpu', 'a browser, or onnxruntime-web', "load with device: 'wasm'");
  const isolated = inNode() || globalThis.crossOriginIsolated === true;
  // The GPU computes; and worker.ts must know which build its threads are of.
  const count = isolated && !hasGpu ? (threads ?? defaultThreads()) : 1;
  const { env } = runtime as unknown as CallableRuntime;
  env.logLevel = 'error';
  if (env.wasm !== undefined) env.wasm.numThreads = count;
  return { runtime, device: hasGpu ? 'webgpu' : 'wasm', threads: count };
}

/** Whether it is `onnxruntime-node`. */
function isNode({ env }: Runtime): boolean {
  return (env as { readonly versions?: { readonly node?: string } }).versions?.node !== undefined;
}

function defaultThreads(): number {
  return inNode() ? 1 : Math.min(MOST_THREADS, globalThis.navigator?.hardwareConcurrency ?? 1);
}

function inNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined;
}

async function hasWebGpu(): Promise<boolean> {
  const gpu = (globalThis.navigator as { gpu?: { requestAdapter(): Promise<unknown> } } | undefined)?.gpu;
  if (gpu === undefined) return false;
  return (await gpu.requestAdapter().catch(() => null)) !== null;
}

function unavailable(device: Device, found: string, remedy: string): UserError {
  return new UserError({
    code: 'DEVICE_UNAVAILABLE',
    doing: 'choosing where to compute',
    where: `device: '${device}'`,
    found,
    remedy,
  });
}
