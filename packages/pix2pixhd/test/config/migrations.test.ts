/** Configurations of all earlier versions still load, and what each migration does to one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { trainCommand } from '../../src/config/commands/train.js';
import { configVersion, type Migration, migrate } from '../../src/config/migrations.js';
import { fromStoredConfig, toStoredConfig } from '../../src/config/stored.js';
import { UserError } from '../../src/errors.js';
import { parseCommand } from '../support/parse-command.js';

const fixtures = new URL('../../../test/fixtures/config/', import.meta.url);

/** The command line that the fixtures were written by, each by the last commit of its version. */
const config = parseCommand(
  trainCommand,
  (
    '--dataroot data/city --name city --label-nc 5 --stages 64:batch=2,128:steps=40 --instance-feat --ema 0.99 ' +
    '--label-map 255:1 --no-flip --max-steps 60 --checkpointing'
  ).split(' '),
);

test('a configuration of every version means today what it meant when it was written', () => {
  const files = readdirSync(fixtures).sort();
  assert.deepEqual(
    files,
    Array.from({ length: configVersion }, (_, i) => `version-${i + 1}.json`),
  );
  for (const file of files) {
    const stored = JSON.parse(readFileSync(new URL(file, fixtures), 'utf8'));
    // Version 1 had no ranges: every image had that of its type.
    const then = file === 'version-1.json' ? { inputRange: 'full', outputRange: 'full', outputDepth: '8' } : {};
    // They were written when CUDA graphs were off unless asked for.
    assert.deepEqual(fromStoredConfig(stored, file), { ...config, ...then, cudaGraphs: false }, file);
  }
});

test('the version is written, and one without is version 1', () => {
  const { version, ...options } = toStoredConfig(config);
  assert.equal(version, configVersion);
  const first = JSON.parse(readFileSync(new URL('version-1.json', fixtures), 'utf8'));
  assert.ok(!('version' in first));
  assert.deepEqual(fromStoredConfig({ ...first, version: 1 }, 'c'), fromStoredConfig(first, 'c'));
  assert.deepEqual(fromStoredConfig({ ...options, version }, 'c'), config);
});

test('a later version is refused with the advice to update, and one that is none as damage', () => {
  const refusal = (version: unknown) => {
    try {
      fromStoredConfig({ ...toStoredConfig(config), version }, 'runs/n/config.json');
    } catch (error) {
      if (error instanceof UserError) return error.parts;
    }
    return assert.fail(`accepted: ${version}`);
  };
  const later = refusal(configVersion + 1);
  assert.equal(later.where, 'runs/n/config.json');
  assert.match(later.found, new RegExp(`version ${configVersion + 1}`));
  assert.equal(later.remedy, 'update pix2pixhd');
  for (const version of [0, 1.5, '1', null, {}]) assert.match(refusal(version).expected!, /whole number from 1/);
});

test('migrations are applied in order, from the version of the file on, and leave it as it was', () => {
  const steps: readonly Migration[] = [
    ({ filters, ...rest }) => ({ ...rest, ngf: filters }),
    stored => ({ ...stored, ngf: 2 * Number(stored.ngf) }),
  ];
  const first = { filters: 8, lr: 1 };
  assert.deepEqual(migrate(first, 1, steps), { ngf: 16, lr: 1 });
  assert.deepEqual(first, { filters: 8, lr: 1 });
  assert.deepEqual(migrate({ ngf: 8 }, 2, steps), { ngf: 16 });
  assert.deepEqual(migrate({ ngf: 8 }, 3, steps), { ngf: 8 });
});
