/**
 * The snippets of the READMEs run, and print what their comments say. Each runs in a folder and a process of its own, with
 * the package as its only dependency.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'torch-readme-'));
mkdirSync(join(folder, 'node_modules/@pix2pixhd'), { recursive: true });
symlinkSync(packageRoot, join(folder, 'node_modules/@pix2pixhd/torch'), 'dir');
after(() => rmSync(folder, { recursive: true, force: true }));

/** The JavaScript blocks of a Markdown file, each with the heading it stands under. */
function snippets(markdown: string): { heading: string; code: string }[] {
  const found: { heading: string; code: string }[] = [];
  let heading = '';
  for (const [, title, code] of markdown.matchAll(/^#+ (.*)$|^```js\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    if (code !== undefined) found.push({ heading, code });
  }
  return found;
}

/** What a snippet's comments behind `console.log` promise. */
function promised(code: string): string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]!);
}

function runSnippet(code: string, name: string): string[] {
  const file = join(folder, name);
  writeFileSync(file, code);
  const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
  return printed.trimEnd().split('\n');
}

for (const [i, path] of ['README.md', '../../README.md'].entries()) {
  const file = join(packageRoot, path);
  // The package alone has no repository around it.
  if (!existsSync(file)) continue;
  for (const [j, { heading, code }] of snippets(readFileSync(file, 'utf8')).entries())
    test(`${path}, "${heading}"`, () => {
      const expected = promised(code);
      assert.equal(expected.length, code.match(/console\.log\(/g)?.length, 'every console.log says what it prints');
      assert.deepEqual(runSnippet(code, `snippet-${i}-${j}.mjs`), expected);
    });
}

test("the package's README has snippets", () => {
  assert.ok(snippets(readFileSync(join(packageRoot, 'README.md'), 'utf8')).length > 8);
});
