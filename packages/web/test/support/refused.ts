/** Asserts that something is refused with a `UserError` of a code, whose message has these parts. */
import assert from 'node:assert/strict';
import { type ErrorCode, UserError } from '../../src/errors.js';

export async function refused(
  what: Promise<unknown> | (() => unknown),
  code: ErrorCode,
  ...parts: RegExp[]
): Promise<void> {
  await assert.rejects(
    async () => (typeof what === 'function' ? what() : what),
    (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.equal(error.code, code, error.message);
      for (const part of parts) assert.match(error.message, part);
      return true;
    },
  );
}
