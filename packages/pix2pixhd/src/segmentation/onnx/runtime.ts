/**
 * ONNX Runtime, where it is installed: `onnxruntime-node` is 290 MB, so it is not installed with this package but asked for when it is
 * needed. Depends on Node's module resolution.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { reasonOf, UserError } from '../../errors.js';

/** A tensor of ONNX Runtime, as far as it is used here. */
export interface OnnxTensor {
  /** `float32`, `int64`, … */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** A loaded model. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>, outputs: readonly string[]): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

/** The part of `onnxruntime-node` that is used here. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(path: string, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

const name = 'onnxruntime-node';

/**
 * Loads ONNX Runtime from the project in a folder, or from where this package is installed.
 *
 * @param folder whose `node_modules`, or those above it, are looked at first.
 * @throws UserError where it is not installed, or does not load on this machine.
 */
export function loadOnnxRuntime(folder: string): OnnxRuntime {
  const found = [join(folder, 'package.json'), import.meta.url].map(createRequire).flatMap(require => {
    try {
      return [{ require, path: require.resolve(name) }];
    } catch {
      return [];
    }
  })[0];
  if (found === undefined) throw notInstalled('this npm package is not installed');
  try {
    return found.require(found.path) as OnnxRuntime;
  } catch (cause) {
    throw notInstalled(`it does not load: ${reasonOf(cause).split('\n')[0]}`, cause);
  }
}

function notInstalled(found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'NOT_INSTALLED',
      doing: 'loading an ONNX segmenter',
      where: name,
      found,
      expected: 'ONNX Runtime (290 MB), which runs ONNX models',
      remedy: `npm install --ignore-scripts ${name} in the folder where you work, then the same command again; or train a segmenter here: pix2pixhd train-segmenter`,
    },
    { cause },
  );
}
