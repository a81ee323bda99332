/**
 * The clustered features that the public implementation writes for an encoder, `features_clustered_010.npy`: the centres
 * of each class's styles. Depends on torch's readers of files and `errors.ts`.
 */
import { FileFormatError, readNpyDict, type TensorData, viewAs } from '@pix2pixhd/torch';
import { UserError } from '../../errors.js';

/**
 * Reads the cluster centres. Nothing in the file is executed.
 *
 * @returns by class label, the centres: rows of as many numbers as the encoder has channels. Classes without any have no
 *   rows, or are missing, as in the file.
 * @throws UserError where the file cannot be read, holds anything else, or its rows differ in length.
 */
export function readClusteredFeatures(path: string): Map<number, number[][]> {
  const centres = new Map<number, number[][]>();
  let channels: number | undefined;
  for (const [label, array] of readArrays(path)) {
    const { dtype, shape } = array;
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined || !dtype.startsWith('float') || label < 0)
      throw unusable(path, `${dtype} of shape [${shape}] under ${label}`);
    if (rows > 0) channels ??= columns;
    if (rows > 0 && columns !== channels)
      throw unusable(path, `${columns} features in class ${label}, ${channels} in another`);
    const values = numbersOf(path, array);
    centres.set(
      label,
      Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns)),
    );
  }
  return centres;
}

function readArrays(path: string): Map<number, TensorData> {
  try {
    return readNpyDict(path);
  } catch (cause) {
    throw cause instanceof FileFormatError ? unusable(path, cause.problem, cause) : cause;
  }
}

function numbersOf(path: string, { dtype, bytes }: TensorData): number[] {
  if (dtype !== 'float32' && dtype !== 'float64') throw unusable(path, `centres of type ${dtype}`);
  const values = Array.from(viewAs(dtype, bytes) as Float32Array | Float64Array);
  if (!values.every(Number.isFinite)) throw unusable(path, 'centres that are not finite');
  return values;
}

function unusable(path: string, found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing: 'reading clustered features',
      where: path,
      found,
      expected:
        'a dict from class labels to arrays (clusters, features) of floats, as the public encode_features.py writes it',
      remedy: 'give the file features_clustered_NNN.npy, or compute the clusters again',
    },
    { cause },
  );
}
