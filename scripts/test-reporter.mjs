/**
 * Prints what node:test reports: a line per file, the failures in full at the end, and how many tests passed. Depends on
 * Node only.
 *
 * Only leaf tests count: a suite, or a test that only holds subtests, fails with them and is not counted again.
 */
import { relative } from 'node:path';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * Consumes a stream of node:test events.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} events
 * @param {{ root: string, write: (text: string) => void }} options `root` shortens file names
 * @returns {Promise<Counts>}
 */
export async function report(events, { root, write }) {
  const files = new Map();
  const fileOf = ({ file }) => {
    const name = relative(root, file ?? root) || '(unknown file)';
    if (!files.has(name))
      files.set(name, { name, passed: 0, failures: [], skipped: 0, seconds: 0, output: '', below: [] });
    return files.get(name);
  };
  let current = null;
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') fileOf(data).output += data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const file = fileOf(data);
    if (current && current !== file) write(fileLine(current));
    current = file;
    count(file, type, data, root);
  }
  if (current) write(fileLine(current));
  const all = [...files.values()];
  for (const file of all) for (const failure of file.failures) write(failureText(file, failure));
  const sum = pick => all.reduce((total, file) => total + pick(file), 0);
  return { passed: sum(f => f.passed), failed: sum(f => f.failures.length), skipped: sum(f => f.skipped) };
}

/** The last line of a run. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Results arrive children first, so it is known whether a test had any when its own result comes. */
function count(file, type, data, root) {
  const { name, nesting, details, skip, todo } = data;
  const isParent = file.below[nesting + 1] === true || details?.type === 'suite';
  file.below[nesting + 1] = false;
  file.below[nesting] = true;
  if (nesting === 0) file.seconds += (details?.duration_ms ?? 0) / 1000;
  const error = details?.error;
  if (type === 'test:fail' && todo === undefined) {
    if (error?.failureType === 'subtestsFailed') return;
    file.failures.push({ name: name === data.file ? relative(root, name) : name, error, line: data.line });
  } else if (!isParent) {
    // A file without tests reports itself as one that passed.
    if (name === data.file) return;
    if (skip !== undefined || todo !== undefined) file.skipped++;
    else file.passed++;
  }
}

function fileLine({ name, passed, failures, skipped, seconds }) {
  const mark = failures.length > 0 ? '✗' : '✓';
  return `${mark} ${name}: ${summary({ passed, failed: failures.length, skipped })} (${seconds.toFixed(1)} s)\n`;
}

function failureText(file, { name, error, line }) {
  const cause = error?.cause?.stack ? error.cause : error;
  const ended = error?.signal ?? error?.exitCode;
  const stack = `${cause?.stack ?? error?.cause ?? 'no reason given'}${ended ? ` (the process ended with ${ended})` : ''}`;
  const output =
    file.output && !file.outputShown ? `\n  What the file printed:\n${indent(file.output.slice(-4000))}` : '';
  file.outputShown = true;
  return `\n✗ ${file.name}${line ? `:${line}` : ''} › ${name}\n${indent(stack)}${output}\n`;
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ');
}
