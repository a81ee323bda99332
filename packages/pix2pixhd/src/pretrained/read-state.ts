/** Tensors out of a file of weights, with an error for users. Depends on torch's readers and errors. */
import { FileFormatError, readSafetensors, readStateDict, type TensorData } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';

/** What a file should hold. */
export interface ExpectedState {
  /** Of what network: `VGG19`. */
  readonly title: string;
  /** In words, for the error. */
  readonly expected: string;
  /** The option that names such a file: `--vgg-weights FILE`. */
  readonly option: string;
  /** Which tensors are read; default all. */
  readonly keep?: (name: string) => boolean;
}

/** The error about a file that holds something else. */
export function unsuitableWeights(
  path: string,
  { title, expected, option }: ExpectedState,
  found: string,
  cause: unknown,
): UserError {
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing: `reading the weights of ${title}`,
      where: path,
      found,
      expected: `${expected}, .pth or .safetensors`,
      remedy: `name such a file with ${option}; a file in a cache is downloaded again once it is deleted`,
    },
    { cause },
  );
}

/**
 * Reads a state dict.
 * @param path a `.pth` or `.safetensors` file.
 * @throws UserError if it cannot be read.
 */
export function readWeights(path: string, expected: ExpectedState): Map<string, TensorData> {
  const { keep = () => true } = expected;
  try {
    if (path.endsWith('.safetensors')) return readSafetensors(path, keep).tensors;
    return new Map([...readStateDict(path)].filter(([name]) => keep(name)));
  } catch (error) {
    if (error instanceof FileFormatError) throw unsuitableWeights(path, expected, `it ${error.problem}`, error);
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : unsuitableWeights(path, expected, `it cannot be opened (${code})`, error);
  }
}
