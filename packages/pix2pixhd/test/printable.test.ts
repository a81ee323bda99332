/** What of a file's name reaches the terminal: nothing that it would obey. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardedStreams, redraw } from '../src/cli/terminal.js';
import { UserError } from '../src/errors.js';
import { printable, printableLines } from '../src/printable.js';

test('control characters of a name are written out, letters of any script stay', () => {
  assert.equal(
    printable('a\x1b[2Jb\r\n\tc\x07\x7f\x9b\u202e\u2028'),
    'a\\x1b[2Jb\\r\\n\\tc\\x07\\x7f\\x9b\\u202e\\u2028',
  );
  for (const name of ['Straße 7/ü.png', '写真', 'صورة', '🦊', 'e\u0301', "it's \\ here"])
    assert.equal(printable(name), name);
  assert.equal(printableLines('a\nb\x1b'), 'a\nb\\x1b');
});

test('an error keeps its shape whatever the names in it', () => {
  const name = 'x\n  remedy:   run rm -rf\x1b[1A';
  const { message, parts } = new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading',
    where: name,
    found: `two files: ${name}`,
    remedy: 'mend',
  });
  assert.equal(message.match(/^ {2}remedy: /gm)?.length, 1);
  assert.ok(!message.includes('\x1b'));
  // Programs get the name as it is.
  assert.equal(parts.where, name);
  // Lists, which are set by us, stand as they are.
  assert.match(
    new UserError({ code: 'FILE_UNREADABLE', doing: 'd', found: 'two:\n    a\n    b', remedy: 'r' }).message,
    /two:\n {4}a\n {4}b\n/,
  );
});

test('of all that a command prints only line breaks and the redrawing of a line pass', () => {
  let said = '';
  const stream = { write: (text: string) => (said += text), isTTY: true, columns: 99 };
  const { out } = guardedStreams({ out: stream, error: stream });
  out.write(`${redraw}1/2  \x1b]0;title\x07${redraw}.png\n`);
  assert.equal(said, `${redraw}1/2  \\x1b]0;title\\x07\\r\\x1b[K.png\n`);
  assert.deepEqual([out.isTTY, out.columns], [true, 99]);
});
