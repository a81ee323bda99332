/**
 * What the documents promise is there: their links lead somewhere, their command lines parse, their options are options.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandTable } from '../src/cli/table.js';
import { parseArgv, resolveConfig } from '../src/config/argv.js';
import { canonical, listedNames } from '../src/config/nvidia.js';
import { listedOptions } from '../src/config/program-options.js';
import { spellingsOf } from '../src/config/spellings.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter(file => file.endsWith('.md'))
    .map(file => join(folder, file));
const documents = [
  ...inFolder('.'),
  ...inFolder('docs'),
  ...inFolder('packages/torch'),
  ...inFolder('packages/pix2pixhd'),
  ...inFolder('packages/demo'),
  ...inFolder('packages/study'),
  ...inFolder('packages/web'),
];

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const withoutCode = (markdown: string) => markdown.replace(/^```[\s\S]*?^```$/gm, '');

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The arguments of every `pix2pixhd …` in the shell blocks of a document, comments left out. */
function commandLines(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  return blocks
    .flatMap(code => code.split('\n'))
    .flatMap(line => /^(?:\w+=\S+ )*npx pix2pixhd (.*?)(?:\s+#.*)?$/.exec(line)?.[1] ?? [])
    .map(line => line.trim().split(/\s+/));
}

/** Options that are not pix2pixhd's: of the addon's build, the benches, the random calls, the help, TensorBoard and npm. */
const othersOptions = [
  'help',
  'version',
  'download',
  'json',
  'only',
  'runs',
  'peer',
  'rounds',
  'profile',
  'data',
  'logdir',
  'samples_per_plugin',
  'calls',
  'ignore-scripts',
  'timed',
  'at-once',
].map(name => canonical(name));

for (const document of documents)
  test(`${document}: links, command lines and options`, () => {
    const markdown = read(document);
    for (const [, target] of withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path, anchor] = target!.split('#') as [string, string?];
      const file = path === '' ? document : join(dirname(document), path);
      assert.ok(existsSync(join(root, file)), `${document} links to ${target}, which is not there`);
      if (anchor !== undefined) assert.ok(anchors(read(file)).includes(anchor), `${file} has no heading #${anchor}`);
    }

    for (const argv of commandLines(markdown)) {
      const words = commandTable.some(({ spec }) => spec.name === argv.slice(0, 2).join(' ')) ? 2 : 1;
      const [name, rest] = [argv.slice(0, words).join(' '), argv.slice(words)];
      if (name.startsWith('--')) continue;
      const spec = commandTable.find(entry => entry.spec.name === name)?.spec;
      assert.ok(spec, `${document} names the command ${name}`);
      const given = parseArgv(
        spec,
        rest.filter(argument => argument !== '--help'),
      );
      // A resumed run takes the rest from what is stored; help asks for nothing.
      if (!('resume' in given) && !rest.includes('--help')) resolveConfig(spec, given);
    }

    for (const [, name] of markdown.replace(/<!--[\s\S]*?-->/g, '').matchAll(/(?<![\w-])--([A-Za-z][\w-]*)/g))
      assert.ok(knownOptions.has(canonical(name!)), `${document} names --${name}, which is no option`);
  });

const knownOptions = new Set([
  ...commandTable.flatMap(({ spec }) => [...spellingsOf(listedOptions(spec)).keys()]),
  ...listedNames,
  ...othersOptions,
]);

test('the README starts with an image and the two commands, and shows how to use your own pairs', () => {
  const [before, after] = read('README.md').split('## What it is') as [string, string];
  assert.match(before, /^# .*\n\n!\[[^\]]+\]\(docs\/images\/[\w-]+\.(png|webp)\)/);
  for (const command of ['npm run demo', 'npm test']) assert.ok(before.includes(command), command);
  const commands = commandLines(after).map(([name]) => name);
  for (const name of ['check', 'train', 'generate']) assert.ok(commands.includes(name), name);
});

test('the checks find what is wrong', () => {
  assert.deepEqual(commandLines('```sh\nA=1 npx pix2pixhd train --resume  # on\nnpm test\n```\n'), [
    ['train', '--resume'],
  ]);
  assert.deepEqual(anchors('# A: `b` c\n```sh\n# no\n```\n'), ['a-b-c']);
  assert.ok(!knownOptions.has(canonical('label-number')));
});
