/** A pair whose images do not tell how they lie over each other. Depends on errors.ts. */
import { UserError, type UserErrorParts } from '../errors.js';

/** A pair that does not tell how it lies: it is left out, and counted. */
export class DoesNotTell extends UserError {
  static of(stem: string, why: string): DoesNotTell {
    return new DoesNotTell({
      code: 'IMAGE_UNSUITABLE',
      doing: 'aligning a pair',
      where: stem,
      found: `images that do not tell how they lie over each other: ${why}`,
      remedy: 'give --align rig where the cameras are fixed to each other, or --align none',
    });
  }

  /** The error again, from another thread. */
  static again(parts: UserErrorParts): DoesNotTell {
    return new DoesNotTell(parts);
  }
}
