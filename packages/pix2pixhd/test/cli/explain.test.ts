/** Refusals of the machine become a user's error with a remedy; programming errors stay what they are. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ops } from '@pix2pixhd/torch';
import { describeError } from '../../src/cli/dispatch.js';
import { explained } from '../../src/cli/explain.js';
import { UserError } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
after(() => rmSync(folder, { recursive: true }));

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('more memory than there is: how much was asked for, and which options ask for less', () => {
  const error = explained(thrownBy(() => ops.empty([2 ** 46], 'float32')));
  assert.ok(error instanceof UserError);
  assert.match(error.message, /not enough memory for 262144\.00 GiB more/);
  assert.match(error.message, /--load-size.*--batch-size.*--ngf/);
  for (const text of ['std::bad_alloc', 'CUDA out of memory. Tried to allocate 2.00 GiB'])
    assert.match(String(explained(new Error(text))), /found: {4}not enough memory/);
});

test('a file system that refuses: which file, why, and what to do', () => {
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'folder'));
  for (const [work, path, found, remedy] of [
    [readFileSync, 'absent', /ENOENT/, /check the path/],
    [readFileSync, 'folder', /EISDIR/, /it is a folder/],
    [(p: string) => writeFileSync(p, ''), join('file', 'below'), /ENOTDIR/, /a part of it is a file/],
    [(p: string) => writeFileSync(p, ''), 'x'.repeat(300), /ENAMETOOLONG/, /a shorter name/],
  ] as const) {
    const error = explained(thrownBy(() => work(join(folder, path))));
    assert.ok(error instanceof UserError, path);
    assert.match(error.parts.found, found);
    assert.match(error.parts.remedy, remedy);
  }
});

test('other errors are passed on, among them those of a user and those with a code of their own', () => {
  const own = new UserError({ doing: 'painting', found: 'std::bad_alloc', remedy: 'none' });
  const coded = Object.assign(new Error('no such module'), { code: 'ENOENT' });
  for (const error of [own, coded, new RangeError('index'), 'text', undefined]) assert.equal(explained(error), error);
});

test("libtorch's own frames are shown with the stack of its errors, and only there", () => {
  const error = thrownBy(() => ops.cat([ops.zeros([1, 2]), ops.zeros([1, 3])], 0));
  assert.match(describeError(error, true), /\n\s+at [\s\S]*frame #/);
  assert.doesNotMatch(describeError(error, false), /frame #/);
});
