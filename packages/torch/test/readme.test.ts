/**
 * The snippets of the READMEs run, and print what their comments say. They run in a folder of their own, with the package as its only
 * dependency, and where they tell of the process or set something for all of it, in a process of their own.
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

interface Snippet {
  readonly title: string;
  readonly file: string;
  readonly code: string;
}

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

/** What only a process of its own shows, or what would change the snippets after it. */
const wholeProcess = /\b(memoryStats|profile|set[A-Z]\w*|keepPages)\b/;
const parting = '-- the next snippet --';

/** Runs snippets one after the other in a process. @returns the lines that each printed. */
function run(snippets: readonly Snippet[]): string[][] {
  const program = snippets.map(({ file }) => `await import('./${file}');`).join(`\nconsole.log('${parting}');\n`);
  for (const { file, code } of snippets) writeFileSync(join(folder, file), code);
  writeFileSync(join(folder, 'program.mjs'), program);
  const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
  return printed.split(`${parting}\n`).map(text => text.trimEnd().split('\n'));
}

const all = ['README.md', '../../README.md'].flatMap((path, i): Snippet[] => {
  const readme = join(packageRoot, path);
  // The package alone has no repository around it.
  if (!existsSync(readme)) return [];
  return snippets(readFileSync(readme, 'utf8')).map(({ heading, code }, j) => ({
    title: `${path}, "${heading}"`,
    file: `snippet-${i}-${j}.mjs`,
    code,
  }));
});
const together = all.filter(({ code }) => !wholeProcess.test(code));
let lines: string[][] | undefined;

for (const snippet of all)
  test(snippet.title, () => {
    const expected = promised(snippet.code);
    assert.equal(
      expected.length,
      snippet.code.match(/console\.log\(/g)?.length,
      'every console.log says what it prints',
    );
    const place = together.indexOf(snippet);
    if (place >= 0) lines ??= run(together);
    assert.deepEqual(place >= 0 ? lines![place] : run([snippet])[0], expected);
  });

test("the package's README has snippets", () => {
  assert.ok(snippets(readFileSync(join(packageRoot, 'README.md'), 'utf8')).length > 8);
});
