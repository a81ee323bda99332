/**
 * The example trains, reaches what the README says of it, and is the README's code to the letter.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const packageFile = (path: string) => new URL(`../../../${path}`, import.meta.url);

test('three epochs recognise more than 95 of 100 digits they have not seen', () => {
  const printed = execFileSync(process.execPath, [fileURLToPath(packageFile('dist/examples/digits.js')), '3'], {
    encoding: 'utf8',
  });
  const accuracies = [...printed.matchAll(/^epoch \d: ([\d.]+) % of the test digits recognised$/gm)].map(([, x]) =>
    Number(x),
  );
  assert.equal(accuracies.length, 3, printed);
  assert.ok(accuracies.at(-1)! > 95, printed);
});

test("the README's code is the example's", () => {
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(packageFile('README.md'), 'utf8'))!;
  assert.equal(code, readFileSync(packageFile('examples/digits.ts'), 'utf8'));
});
