/** How a generator is loaded. Types only. */
import type { LoadProgress } from '../engine/open-engine.js';
import type { WorkerLike } from '../engine/worker-engine.js';
import type { Device, Runtime } from '../runtime/runtime.js';

/** A model: its address (in Node also its path), or its bytes. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** How a generator is loaded. */
export interface LoadOptions {
  /** `encoder.onnx` of the same network, for the style `{ image }` and `encodeStyles`. */
  readonly encoder?: ModelSource | undefined;
  /** SHA-256 of the model, 64 hexadecimal digits: another file is refused, and a stored one with it is used without asking the server. */
  readonly digest?: string | undefined;
  /** The same of the encoder. */
  readonly encoderDigest?: string | undefined;
  /**
   * Where to compute. Default `auto`: in browsers WebGPU where there is an adapter, else WebAssembly; in Node the CPU by
   * `onnxruntime-node` where it is installed, else WebAssembly by `onnxruntime-web`.
   */
  readonly device?: Device | 'auto' | undefined;
  /**
   * Threads of the CPU. In browsers more than one need an isolated page (`crossOriginIsolated`), where the default is the number of
   * cores, 4 at most; in Node the default is that of `onnxruntime-node`, and 1 for `onnxruntime-web`.
   */
  readonly threads?: number | undefined;
  /**
   * Computes in a worker. Default: on a page `true`, so that it stays responsive; in Node and in a worker of the program's own
   * `false`. A `Worker` that runs `@pix2pixhd/web/worker` may be given, which ends with the generator.
   */
  readonly worker?: boolean | WorkerLike | undefined;
  /**
   * ONNX Runtime: the module itself, which then computes in this thread, or its address: of a module, or of the folder
   * `onnxruntime-web/dist/`. Default: the one that is installed.
   */
  readonly runtime?: Runtime | string | URL | undefined;
  /** Keeps downloaded models in the browser's Cache API. Default: true. */
  readonly cache?: boolean | undefined;
  /** Aborted, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called while files are downloaded. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Called with what was done that a program may not expect, once for each kind. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}
