/**
 * `validate/`: what is wrong with a file of a data set, or with files that belong together. One verdict for `check`, which
 * reports it, and for loading, which refuses it, so that what `check` accepts, training accepts too. It may import `files/`
 * and `labels/`.
 *
 * This file says what a fault is. Depends on errors.ts.
 */
import { type Advice, type ErrorCode, UserError } from '../../errors.js';

/** What a fault is about. Stable: scripts may rely on it. */
export type FaultCode =
  | 'size-mismatch'
  | 'not-an-id-map'
  | 'label-out-of-range'
  | 'image-channels'
  | 'image-cmyk'
  | 'image-values'
  | 'exif-orientation';

/** What was found, what was expected, what to do. */
export interface Fault {
  readonly code: FaultCode;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
  /** What the remedy says, for commands that word it differently. */
  readonly advice?: Advice;
}

/** The codes of the errors for faults; others are `IMAGE_UNSUITABLE`. */
const errorCodes: Partial<Record<FaultCode, ErrorCode>> = {
  'size-mismatch': 'SIZE_MISMATCH',
  'not-an-id-map': 'NOT_AN_ID_MAP',
  'label-out-of-range': 'LABEL_OUT_OF_RANGE',
  'image-channels': 'WRONG_CHANNELS',
};

/** The code of the error for a fault that is refused rather than reported. */
export function errorCodeOf(fault: FaultCode): ErrorCode {
  return errorCodes[fault] ?? 'IMAGE_UNSUITABLE';
}

/** A {@link Fault} of a file, thrown. */
export class FaultyFile extends UserError {
  readonly fault: Fault;

  constructor(doing: string, where: string, fault: Fault) {
    const { found, expected, remedy, advice } = fault;
    super({ code: errorCodeOf(fault.code), doing, where, found, expected, remedy, ...(advice && { advice }) });
    this.fault = fault;
  }
}
