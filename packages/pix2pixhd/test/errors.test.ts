/** The codes of errors: each is given somewhere, and documented. That none is forgotten is the compiler's business. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorCodes, UserError } from '../src/errors.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const source = join(root, 'packages/pix2pixhd/src');

test('every code is given somewhere', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const texts = files.filter(file => file !== 'errors.ts').map(file => readFileSync(join(source, file), 'utf8'));
  const unused = Object.keys(errorCodes).filter(code => !texts.some(text => text.includes(`'${code}'`)));
  assert.deepEqual(unused, []);
});

test('docs/scripting.md has the table of all codes', () => {
  const text = readFileSync(join(root, 'docs/scripting.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  const { INTERNAL, ...documented } = Object.fromEntries(rows);
  assert.ok(INTERNAL);
  assert.deepEqual(documented, errorCodes);
});

test('a program reads the code of an error', () => {
  const error = new UserError({ code: 'RUN_IN_USE', doing: 'd', found: 'f', remedy: 'r' });
  assert.deepEqual([error.code, error.parts.code, error.exitCode], ['RUN_IN_USE', 'RUN_IN_USE', 1]);
});
