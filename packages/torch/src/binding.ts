/**
 * The only file that touches the addon: finds it, loads it, and says what to do when it is not there.
 * Depends on Node and the package's errors.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TorchError } from './errors.js';

/** An opaque native value: a tensor, a random generator or a recorded graph. */
export type Handle = { readonly __native: unique symbol };

/** Type and sizes of a tensor that an operator was given. */
export interface TensorShape {
  /** PyTorch's name of the element type. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** One argument of a call: tensors by their shapes, numbers and flags as numbers, anything else as null. */
export type CallInput = TensorShape | readonly TensorShape[] | readonly number[] | number | null;

/** An operator that ran, or an autograd node of the backward pass, in the order in which they began. */
export interface OperatorCall {
  /** `aten::convolution`, `pix2pixhd::instance_norm`; for a node libtorch's name of it, `ConvolutionBackward0`. */
  readonly name: string;
  /** Whether it is an autograd node. */
  readonly gradient: boolean;
  /** Index of the call it was made by; null for what the program called itself. */
  readonly parent: number | null;
  /** Time from its begin to its end, calls made by it included. On a GPU: to launch it. */
  readonly milliseconds: number;
  readonly inputs: readonly CallInput[];
}

/** What the addon says of an error. */
export type NativeErrorKind = 'libtorch' | 'argument' | 'disposed' | 'out of memory';

/** What the addon exports; see packages/torch/native. */
export interface Binding {
  /** Sets what makes the errors that the addon throws. */
  setErrorFactory(make: (kind: NativeErrorKind, message: string, backtrace?: string, handle?: Handle) => Error): void;
  fromBytes(bytes: Uint8Array, shape: readonly number[], dtype: string, pinned?: boolean, wantedDtype?: string): Handle;
  toBytes(tensor: Handle): Uint8Array;
  describe(tensor: Handle): [shape: number[], dtype: string, device: string];
  strides(tensor: Handle): number[];
  release(tensor: Handle): void;
  isReleased(tensor: Handle): boolean;
  memoryStats(): { tensors: number; bytes: number };
  /** `null` for libtorch's own choice, the CPU. */
  setDefaultDevice(device: string | null): void;
  getDefaultDevice(): string | null;
  metaMemory(): { bytes: number; peak: number };
  resetMetaPeak(): void;
  findOperator(name: string, overload: string): number;
  call(index: number, args: readonly unknown[]): unknown;
  schemaOf(name: string, overload: string): string;
  backward(roots: readonly Handle[], seeds: readonly (Handle | null)[] | null, retainGraph: boolean): void;
  grad(
    outputs: readonly Handle[],
    inputs: readonly Handle[],
    seeds: readonly (Handle | null)[] | null,
    retainGraph: boolean,
    allowUnused: boolean,
  ): (Handle | null)[];
  getRequiresGrad(tensor: Handle): boolean;
  setRequiresGrad(tensor: Handle, on: boolean): void;
  getGrad(tensor: Handle): Handle | null;
  clearGrad(tensor: Handle): void;
  isGradEnabled(): boolean;
  setGradEnabled(on: boolean): void;
  createGenerator(): Handle;
  defaultGenerator(device: string): Handle;
  seedGenerator(generator: Handle, seed: number): void;
  getGeneratorState(generator: Handle): Handle;
  setGeneratorState(generator: Handle, state: Handle): void;
  setThreads(count: number): void;
  getThreads(): number;
  setFlushDenormal(on: boolean): boolean;
  keepPages(): boolean;
  releasePages(): void;
  cudaDeviceCount(): number;
  cudaHasBfloat16(device: string): boolean;
  setCudnnBenchmark(on: boolean): boolean;
  setTf32(on: boolean): void;
  cudaGraphsBuilt(): boolean;
  beginRecording(device: string): Handle;
  endRecording(graph: Handle): void;
  replayRecording(graph: Handle): void;
  releaseRecording(graph: Handle): void;
  version(): string;
  startProfile(): void;
  stopProfile(): { calls: OperatorCall[]; peakBytes: number; keptBytes: number };
}

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
// The variable is for a build beside the usual one, as that with sanitizers.
const addonPath = process.env.PIX2PIXHD_TORCH_ADDON ?? join(packageRoot, 'build', 'pix2pixhd_torch.node');
const recordPath = join(packageRoot, 'build', 'libtorch.json');

const remedies = `Ways to have libtorch, in the order they are looked for:
  LIBTORCH=/path/to/libtorch        a folder with include/ and lib/ (an unpacked zip of pytorch.org)
  LIBTORCH_USE_PYTORCH=1            the PyTorch of \${PYTHON:-python3}
  apt install libtorch-dev g++      Debian and Ubuntu
  npx pix2pixhd-torch-build --download   the official zip
then build the addon with the one command:
  npx pix2pixhd-torch-build`;

function load(): Binding {
  if (!existsSync(addonPath)) {
    throw new TorchError(
      'LIBTORCH_NOT_FOUND',
      `@pix2pixhd/torch: the native addon is not built yet. Run\n  npx pix2pixhd-torch-build\n(npm runs no install scripts by default, so this is one command of your own.)\n\n${remedies}`,
    );
  }
  // Between two operators OpenMP's threads spin for milliseconds by default. On a machine that does anything else they
  // take the CPU from each other (a step then takes up to ten times as long); shorter spinning costs nothing.
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '20000';
  try {
    // Debian's libtorch 2.x brings UCX. To try its hooks, it lowers the program break by a page while it is loaded, and takes away
    // what another of Node's threads has just been given there: a segmentation fault in some hundred starts.
    process.env.UCX_MEM_EVENTS ??= 'no';
    return createRequire(import.meta.url)(addonPath) as Binding;
  } catch (cause) {
    const record = existsSync(recordPath) ? `\nIt was built against: ${readFileSync(recordPath, 'utf8').trim()}` : '';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TorchError(
      'LIBTORCH_NOT_FOUND',
      `@pix2pixhd/torch: the native addon does not load: ${reason}${record}\n\n${remedies}`,
      { cause },
    );
  }
}

/** The loaded addon. */
export const binding: Binding = load();
