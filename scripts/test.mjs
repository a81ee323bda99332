/**
 * `npm test`: the linter, then every test file of the packages. `npm test -- FILTER` runs only the files whose path
 * contains FILTER. Depends on Node and on the build that scripts/setup.mjs made.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeStaleOutput } from './stale-output.mjs';
import { report, summary } from './test-reporter.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Half of the suite's time is starting processes and reading files, on one core, and some of it is waiting for them: one file more
 * than there are cores takes a seventh less time than two on two cores.
 */
const defaultConcurrency = Math.min(3, availableParallelism() + 1);

const concurrency = Number(process.env.TEST_CONCURRENCY ?? defaultConcurrency);

/** A hanging file fails after this long instead of blocking the suite. */
const timeoutMs = 300_000;

const filters = process.argv.slice(2);
if (filters.includes('--help') || filters.includes('-h')) {
  console.log(`Usage: npm test [-- FILTER …]

Runs the linter and all tests, or only the test files whose path contains one of the FILTERs.
TEST_CONCURRENCY sets how many files run at once (default ${defaultConcurrency}).`);
  process.exit(0);
}

/**
 * The files that take longest, which begin first, so that none of them runs alone at the end. Those with a browser wait for it now and
 * then: between them are files that compute.
 */
const longest = [
  ...['server/page', 'video/results', 'video/generate-video', 'server/page-panels', 'e2e/interruption', 'video/live'],
  ...[
    'server/study-page',
    'prepare/command-align',
    'memory/estimate',
    'server/page-values',
    'e2e/resume',
    'e2e/stages',
    'site/site',
    'onnx/generator',
  ],
  ...['e2e/remedies-runs', 'server/server', 'compare/command', 'training/trainer', 'server/values', 'fuzz/readers'],
].map(name => join(root, 'packages/pix2pixhd/dist/test', `${name}.test.js`));

/** All compiled tests, the longest ones first. */
function testFiles() {
  const all = compiledTests();
  const gone = longest.filter(file => !all.includes(file));
  if (gone.length > 0)
    console.log(
      `note: ${gone.map(file => relative(root, file)).join(', ')}: not there; longest in scripts/test.mjs names it`,
    );
  return [...longest.filter(file => all.includes(file)), ...all.filter(file => !longest.includes(file))];
}

function compiledTests() {
  return readdirSync(join(root, 'packages')).flatMap(name => {
    removeStaleOutput(join(root, 'packages', name));
    const compiled = join(root, 'packages', name, 'dist/test');
    if (!existsSync(compiled)) return [];
    const entries = readdirSync(compiled, { recursive: true }).map(String).sort();
    return entries.filter(entry => entry.endsWith('.test.js')).map(entry => join(compiled, entry));
  });
}

/** Formatting and lint rules; one failed check counts as one failed test. */
function lint() {
  const start = performance.now();
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'check', '--colors=off', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  const passed = status === 0;
  console.log(`${passed ? '✓' : '✗'} biome check (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  if (!passed) console.log(`${stdout}${stderr}\nnpm run format fixes most of this.`);
  return passed;
}

// Threads that spin while waiting slow down the other file, above all those of libtorch 2.x.
if (concurrency > 1) process.env.OMP_WAIT_POLICY ??= 'passive';

const start = performance.now();
const files = testFiles().filter(
  file => filters.length === 0 || filters.some(filter => relative(root, file).includes(filter)),
);
const linted = filters.length > 0 || lint();
const counts =
  files.length === 0
    ? { passed: 0, failed: 0, skipped: 0 }
    : await report(run({ files, concurrency, timeout: timeoutMs }), {
        root,
        write: text => process.stdout.write(text),
      });
if (filters.length > 0 && files.length === 0) console.log(`No test file's path contains ${filters.join(' or ')}.`);
// The lint check counts as a test.
if (filters.length === 0) counts[linted ? 'passed' : 'failed']++;
console.log(`\n${files.length} files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
console.log(summary(counts));
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
