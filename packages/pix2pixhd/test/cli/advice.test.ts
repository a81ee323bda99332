/** The words of remedies: every option in them belongs to the command that they are for, whether or not an error is provoked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advised, words } from '../../src/cli/advice.js';
import { explained } from '../../src/cli/explain.js';
import { commandTable } from '../../src/cli/table.js';
import { type Advice, UserError } from '../../src/errors.js';
import { strangeOptions } from '../support/named-options.js';

test('every option in the advice belongs to the command', () => {
  const all: readonly Advice[] = [
    { kind: 'more-classes', needed: 9, classes: 5 },
    { kind: 'channels', option: '--input-nc', found: 3, wanted: 1 },
    { kind: 'channels', option: '--output-nc', found: 3, wanted: 4 },
    { kind: 'layout', found: 'images' },
    { kind: 'layout', found: 'labels' },
    { kind: 'no-instances', folder: 'test_inst' },
    { kind: 'no-features', folder: 'train_feat' },
    { kind: 'range', option: '--input-range' },
    { kind: 'feature-map' },
    { kind: 'place-of-run' },
    { kind: 'run-exists', path: 'checkpoints/n', isRun: true },
    { kind: 'run-exists', path: 'checkpoints/n', isRun: false },
    { kind: 'checkpoint-damaged' },
    { kind: 'no-memory' },
    { kind: 'diverged', from: null },
    { kind: 'diverged', from: 7 },
  ];
  for (const [command, own] of Object.entries(words)) {
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of Object.keys(own)) assert.ok(kinds.has(kind as Advice['kind']), kind);
    for (const advice of all) {
      const error = new UserError({
        code: 'FILE_UNREADABLE',
        doing: 'd',
        found: 'f',
        remedy: 'as training says',
        advice,
      });
      const { remedy } = (advised(error, command) as UserError).parts;
      assert.equal(remedy === 'as training says', own[advice.kind] === undefined);
      assert.deepEqual(strangeOptions(remedy, command), [], remedy);
    }
  }
});

test('out of memory: each command names remedies that it has', () => {
  for (const { spec } of commandTable) {
    const error = advised(explained(new Error('std::bad_alloc')), spec.name);
    assert.ok(error instanceof UserError);
    if (['train', 'generate', 'encode', 'demo'].includes(spec.name))
      assert.deepEqual(strangeOptions(error.parts.remedy, spec.name), [], error.message);
  }
});

test('this test finds foreign options', () => {
  assert.deepEqual(strangeOptions('give --label-nc 8, or correct the map', 'generate'), ['generate --label-nc']);
  assert.deepEqual(strangeOptions('train such a run (pix2pixhd train --label-nc 8), or give --name', 'generate'), []);
  assert.deepEqual(strangeOptions('run pix2pixhd encode --name n once, or give --style', 'encode'), ['encode --style']);
});
