import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { trainCommand } from '../../src/config/commands/train.js';
import { UserError } from '../../src/errors.js';
import { RunFolder, runsIn } from '../../src/run/run-folder.js';
import { parseCommand } from '../support/parse-command.js';

const root = mkdtempSync(join(tmpdir(), 'run-folder-'));
after(() => rmSync(root, { recursive: true }));

const configOf = (name: string, ...argv: string[]) =>
  parseCommand(trainCommand, ['--dataroot', 'd', '--name', name, '--checkpoints-dir', join(root, 'runs'), ...argv]);

const userError = (test: (parts: UserError['parts']) => boolean) => (error: unknown) =>
  error instanceof UserError && test(error.parts);

test('a new run has a folder with its configuration and nothing else', () => {
  const config = configOf('fresh', '--ngf', '8');
  const folder = RunFolder.create(config);
  assert.equal(folder.path, join(root, 'runs', 'fresh'));
  assert.deepEqual(readdirSync(folder.path), ['config.json']);
  assert.deepEqual(RunFolder.open(config.checkpointsDir, 'fresh').readConfig(), config);
});

test('an empty folder of the name is used', () => {
  mkdirSync(join(root, 'runs', 'empty'), { recursive: true });
  assert.doesNotThrow(() => RunFolder.create(configOf('empty')));
});

test('a run that never finished a step starts over, with the new options', () => {
  writeFileSync(RunFolder.create(configOf('stillborn', '--ngf', '8')).lossLog, '');
  assert.equal(RunFolder.create(configOf('stillborn', '--ngf', '4')).readConfig().ngf, 4);
});

test('what a killed process has left half-written makes no name unusable, and goes away', () => {
  const folder = RunFolder.create(configOf('killed'));
  const left = ['.config.json.123.0123456789ab.tmp', '.run.lock.123.0123456789ab.tmp'].map(file =>
    join(folder.path, file),
  );
  for (const file of left) writeFileSync(file, 'half');
  mkdirSync(folder.samples);
  // A folder that a first step has made is one of a run.
  assert.throws(() => RunFolder.create(configOf('killed')), /would be overwritten/);
  rmSync(folder.samples, { recursive: true });
  writeFileSync(join(folder.path, 'run.lock'), 'of a process long gone');
  utimesSync(join(folder.path, 'run.lock'), 0, 0);
  RunFolder.create(configOf('killed'));
  assert.deepEqual(readdirSync(folder.path), ['config.json']);
});

test('a run that another writer has open is neither taken nor changed', () => {
  const folder = RunFolder.create(configOf('busy', '--ngf', '8'));
  const lock = folder.lock();
  const other = RunFolder.open(folder.path.slice(0, -'/busy'.length), 'busy');
  const busy = userError(({ where, found }) => where === folder.path && found.includes(`process ${process.pid} `));
  assert.throws(() => RunFolder.create(configOf('busy', '--ngf', '4')), busy);
  assert.throws(() => other.storeConfig(configOf('busy', '--ngf', '4')), busy);
  assert.equal(other.readConfig().ngf, 8);
  // Through the same object it is shared; the last holder releases it.
  folder.lock()[Symbol.dispose]();
  assert.throws(() => other.lock(), busy);
  lock[Symbol.dispose]();
  lock[Symbol.dispose]();
  other.lock()[Symbol.dispose]();
  assert.deepEqual(readdirSync(folder.path), ['config.json']);
});

test('a run is not overwritten, and the ways out are named', () => {
  const folder = RunFolder.create(configOf('kept', '--ngf', '8'));
  writeFileSync(folder.lossLog, '{"step":1}\n');
  const before = readFileSync(folder.configFile, 'utf8');
  assert.throws(
    () => RunFolder.create(configOf('kept')),
    userError(({ where, remedy }) => where === folder.path && /--resume/.test(remedy) && /--name/.test(remedy)),
  );
  assert.equal(readFileSync(folder.configFile, 'utf8'), before);
});

test('a folder of other files is not used, and --resume is not offered for it', () => {
  const other = join(root, 'runs', 'other');
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'thesis.txt'), 'do not lose');
  assert.throws(
    () => RunFolder.create(configOf('other')),
    userError(({ remedy }) => !/--resume/.test(remedy)),
  );
  assert.deepEqual(readdirSync(other), ['thesis.txt']);
});

test('opening a run that does not exist lists those that do', () => {
  RunFolder.create(configOf('city'));
  assert(runsIn(join(root, 'runs')).includes('city'));
  assert.throws(
    () => RunFolder.open(join(root, 'runs'), 'ctiy'),
    userError(({ remedy }) => /\bcity\b/.test(remedy)),
  );
  assert.throws(
    () => RunFolder.open(join(root, 'nowhere'), 'city'),
    userError(({ remedy }) => /--checkpoints-dir/.test(remedy)),
  );
});

test('a name cannot leave the folder of runs', () => {
  assert.throws(() => RunFolder.open(join(root, 'runs'), '..'), /not the name of a run/);
});

test('a place that cannot be written to is a user error', () => {
  writeFileSync(join(root, 'file'), '');
  assert.throws(
    () => RunFolder.create({ ...configOf('x'), checkpointsDir: join(root, 'file') }),
    userError(({ where }) => where === join(root, 'file', 'x')),
  );
});

test('a damaged configuration is named', () => {
  const folder = RunFolder.create(configOf('damaged'));
  writeFileSync(folder.configFile, '{"ngf": 8,');
  assert.throws(
    () => folder.readConfig(),
    userError(({ where }) => where === folder.configFile),
  );
});

test('storing again replaces the configuration and leaves no other file', () => {
  const folder = RunFolder.create(configOf('again'));
  folder.storeConfig(configOf('again', '--max-steps', '7'));
  assert.equal(folder.readConfig().maxSteps, 7);
  assert.deepEqual(readdirSync(folder.path), ['config.json']);
});
