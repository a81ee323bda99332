/**
 * The style book in the file of a checkpoint, beside everything that training wrote. Depends on torch's files, the checkpoint
 * module's error and the style book.
 */

import { FileFormatError, readSafetensors, withSafetensors, writeSafetensors } from '@pix2pixhd/torch';
import type { StyleBook } from '@pix2pixhd/web/scene';
import { unusable } from '../../checkpoint/unusable.js';
import { UserError } from '../../errors.js';
import { fromStyleTensors, isStyleTensor, toStyleTensors } from './style-book-tensors.js';

/**
 * The styles that `pix2pixhd encode` has stored in a checkpoint; undefined where it has not.
 *
 * @throws UserError naming the file where it cannot be read or its styles are malformed.
 */
export function readStyles(path: string): StyleBook | undefined {
  return reading(path, () => fromStyleTensors(readSafetensors(path, isStyleTensor).tensors));
}

/**
 * Stores styles in a checkpoint, in place of those it had. A new file is written beside the old one, tensor by tensor, and
 * replaces it when it is complete: every other tensor and the header's texts stay as they were, bit by bit.
 *
 * @throws UserError naming the file where it cannot be read.
 */
export function writeStyles(path: string, styles: StyleBook): void {
  reading(path, () =>
    withSafetensors(path, ({ tensors, metadata }) => {
      const others = [...tensors].filter(([name]) => !isStyleTensor(name));
      writeSafetensors(path, new Map([...others, ...toStyleTensors(styles)]), metadata);
    }),
  );
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof FileFormatError) && !(cause instanceof RangeError)) throw cause;
    // Styles can be computed again, whatever else is in a damaged file cannot.
    if (cause instanceof FileFormatError && !/^tensor "styles\./.test(cause.problem)) throw unusable(path, cause);
    throw new UserError(
      {
        code: 'CHECKPOINT_DAMAGED',
        doing: 'reading the styles of a checkpoint',
        where: path,
        found: cause instanceof FileFormatError ? cause.problem : cause.message,
        expected: 'styles as pix2pixhd encode stores them',
        remedy: 'compute them again with pix2pixhd encode',
      },
      { cause },
    );
  }
}
