/** What a UserError must say. */
import assert from 'node:assert/strict';
import { UserError } from '../../../src/errors.js';

/** A matcher for a UserError about `where` that has found all of `texts`. */
export function refused(where: string | undefined, ...texts: readonly string[]): (error: unknown) => true {
  return error => {
    assert.ok(error instanceof UserError, `not a UserError: ${error}`);
    assert.equal(error.parts.where, where);
    for (const text of texts) assert.ok(error.parts.found.includes(text), `${text} is not in: ${error.parts.found}`);
    return true;
  };
}
