/** The error where there is no ONNX Runtime. Depends on errors.ts. */
import { reasonOf, UserError } from '../errors.js';

export function notInstalled(packages: string, remedy: string, cause: unknown): UserError {
  return new UserError(
    {
      code: 'NOT_INSTALLED',
      doing: 'loading ONNX Runtime',
      found: `no ${packages}: ${reasonOf(cause).split('\n')[0]}`,
      expected: 'ONNX Runtime, which computes the model',
      remedy,
    },
    { cause },
  );
}
