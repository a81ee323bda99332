/**
 * The table of remedies: bad calls of each command, and the check that every option which the answer names is one of that command's.
 * Two files share it, since one would be long: commands that work with trained runs, and the others. Depends on the command line.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTable } from '../../src/cli/table.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd } from './cli.js';
import { strangeOptions } from './named-options.js';
import { writeImagePairs, writeLabelPairs } from './runs.js';
import { workFolder } from './work-folder.js';

/** Which file has a command's bad calls. */
const parts: Readonly<Record<string, 'runs' | 'data'>> = {
  ...{
    train: 'runs',
    generate: 'runs',
    encode: 'runs',
    evaluate: 'runs',
    compare: 'runs',
    edit: 'runs',
    import: 'runs',
    export: 'runs',
  },
  ...{ demo: 'data', prepare: 'data', check: 'data', 'train-segmenter': 'data' },
  ...{ 'study create': 'data', 'study serve': 'data', 'study results': 'data' },
};

/** Bad calls by command; they are made when the folders are there. */
export type Provocations = Readonly<Record<string, () => readonly (readonly string[])[]>>;

const root = workFolder();

/** A path in the folder of this file's tests. */
export const at = (...names: string[]) => join(root, ...names);
/** A path below a file, where no folder can be. */
export const below = () => at('a-file', 'below');
/** Where runs are. */
export const checkpointsDir = at('checkpoints');
/** The options that name a run. */
export const of = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];

/** A copy of a data set with one thing wrong. */
export function spoilt(from: string, name: string, spoil: (folder: string) => void): string {
  cpSync(at(from), at(name), { recursive: true });
  spoil(at(name));
  return at(name);
}

/** Data sets and folders, each but the first two with one thing wrong. */
export function writeFolders(): void {
  writeLabelPairs(at('labels'), 'train', 3, 32, 32);
  writeLabelPairs(at('labels'), 'test', 2, 32, 32);
  writeImagePairs(at('images'), 'train', 2, 32, 32);
  writeImagePairs(at('images'), 'test', 2, 32, 32);
  spoilt('labels', 'ids', folder => {
    for (const phase of ['train', 'test'])
      writePng(join(folder, `${phase}_label`, '0.png'), 32, 1, new Uint8Array(1024).fill(9));
  });
  spoilt('labels', 'colours', folder => {
    for (const phase of ['train', 'test']) writePng(join(folder, `${phase}_label`, '0.png'), 32, 3, noise(32 * 32 * 3));
  });
  spoilt('labels', 'orphan', folder => {
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_inst`, '0.png'));
  });
  spoilt('labels', 'no-instances', folder => {
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_inst`), { recursive: true });
  });
  spoilt('labels', 'sizes', folder => {
    for (const phase of ['train', 'test']) writePng(join(folder, `${phase}_inst`, '0.png'), 16, 1, noise(256));
  });
  spoilt('labels', 'misnamed', folder => {
    for (const phase of ['train', 'test'])
      cpSync(join(folder, `${phase}_label`), join(folder, `${phase}_labels`), { recursive: true });
    for (const phase of ['train', 'test']) rmSync(join(folder, `${phase}_label`), { recursive: true });
  });
  mkdirSync(at('empty', 'train_label'), { recursive: true });
  mkdirSync(at('nothing'));
  writeFileSync(at('a-file'), 'text');
  mkdirSync(at('exr'));
  writeFileSync(at('exr', '0.exr'), 'v/1\x01');
  mkdirSync(at('foreign'));
  for (const file of ['0.png', '1.png', '0.npy', 'opt.txt', 'latest_net_G.pth', 'preview.png'])
    writeFileSync(at('foreign', file), "somebody's");
  writePng(at('twice', 'same.png'), 8, 3, noise(192));
  writePng(at('twice', 'same_img.png'), 8, 3, noise(192));
  writePng(at('crops', 'train_A', '0.png'), 8, 3, noise(192));
  writePng(at('crops', 'train_B', '0.png'), 8, 3, noise(192));
  cpSync(at('images'), at('mixed'), { recursive: true });
  for (const side of ['A', 'B']) writePng(at('mixed', `train_${side}`, '0.png'), 16, 3, noise(16 * 16 * 3));
  writeFileSync(at('clip.mp4'), 'no video');
  writeFileSync(at('style.json'), '{"default": 7}');
}

/** Checks that the two files together have bad calls of all commands. */
export function expectAllCommands(part: 'runs' | 'data', provocations: Provocations): void {
  assert.deepEqual(Object.keys(parts).sort(), commandTable.map(({ spec }) => spec.name).sort());
  const own = Object.keys(parts).filter(name => parts[name] === part);
  assert.deepEqual(Object.keys(provocations).sort(), own.sort());
}

/** Makes the bad calls, and checks that each is answered with options of the command that was run. */
export async function expectOwnOptions(provocations: Provocations, least: number): Promise<void> {
  let provoked = 0;
  const failures: string[] = [];
  for (const [command, calls] of Object.entries(provocations))
    for (const argv of calls()) {
      failures.push(...(await failuresOf(command, argv)));
      provoked++;
    }
  assert.deepEqual(failures, []);
  assert.ok(provoked >= least, `${provoked} bad calls`);
}

async function failuresOf(command: string, argv: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await pix2pixhd(...argv);
  const line = argv.join(' ').replaceAll(root, '');
  // All of doctor's output; of an error only the remedy and the expectation.
  const advice =
    command === 'check' && stderr === ''
      ? stdout
      : [...stderr.matchAll(/^ {2}(?:expected|remedy): +(.*(?:\n {4}.*)*)/gm)].map(([, text]) => text).join('\n');
  const problems = strangeOptions(advice.replaceAll(root, ''), command).map(one => `${line}: ${one}\n${stderr}`);
  if (code !== 1 && code !== 2) return [`${line}: exit ${code}`, ...problems];
  return advice === '' ? [`${line}: no advice in ${stderr}`, ...problems] : problems;
}
