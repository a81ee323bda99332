import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from '../../src/config/nearest.js';

test('edit distance counts insertions, deletions, substitutions and swaps', () => {
  assert.equal(editDistance('niter', 'niter'), 0);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('sunday', 'saturday'), 3);
  assert.equal(editDistance('golbal', 'global'), 1);
  assert.equal(editDistance('ca', 'abc'), 3);
});

test('the nearest is suggested only where it is near', () => {
  assert.equal(nearest('trian', ['train', 'check', 'demo']), 'train');
  assert.equal(nearest('evaluate', ['train', 'check', 'demo']), undefined);
  assert.equal(nearest('x', []), undefined);
});
