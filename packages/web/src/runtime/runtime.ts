/**
 * ONNX Runtime as far as this package uses it, and the place where a model computes. Structural types, so that programs need neither
 * of its packages to compile. Types only.
 */

/** What `onnxruntime-web` or `onnxruntime-node` exports. */
export interface Runtime {
  readonly InferenceSession: {
    /** Loads a model. */
    readonly create: (...args: never[]) => Promise<unknown>;
  };
  readonly Tensor: abstract new (...args: never[]) => unknown;
  readonly env: object;
}

/** Where to compute. */
export type Device = 'webgpu' | 'wasm' | 'cpu';

/** A runtime, and where it computes. */
export interface FoundRuntime {
  readonly runtime: Runtime;
  readonly device: Device;
  /** Of WebAssembly. */
  readonly threads: number;
}

/** A tensor of the runtime. */
export interface RuntimeTensor {
  readonly data: Uint8Array | Uint16Array | Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** A model that is loaded. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>, fetches: readonly string[]): Promise<Record<string, RuntimeTensor>>;
  release(): Promise<void>;
}

/** {@link Runtime} as it is called. */
export interface CallableRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => RuntimeTensor;
  readonly env: { logLevel?: string; wasm?: { numThreads?: number } };
}
