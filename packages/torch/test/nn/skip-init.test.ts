/** Layers without initial weights: nothing is drawn, and what is loaded is what they compute with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nn, RandomGenerator, scope } from '../../src/index.js';

test('skipInit draws nothing; the layers load and compute like any others', () => {
  scope(() => {
    const state = () => scope(() => RandomGenerator.default().getState().data().slice());
    const make = () => new nn.Sequential([new nn.Linear(3, 4), new nn.Linear(4, 2)]);
    const before = state();
    const skipped = nn.skipInit(() => [make(), new nn.Conv2d(2, 3, 3), new nn.Embedding(5, 2)] as const);
    assert.deepEqual(state(), before);
    assert.deepEqual(skipped[1].weight.value.shape, [3, 2, 3, 3]);
    assert.deepEqual(skipped[2].weight.value.shape, [5, 2]);
    const drawn = make();
    assert.notDeepEqual(state(), before);
    skipped[0].loadStateDict(drawn.stateDict());
    for (const [key, tensor] of drawn.stateDict())
      assert.deepEqual(skipped[0].stateDict().get(key)!.data(), tensor.data());
    for (const module of [...skipped, drawn]) module.dispose();
  });
});

test('skipInit ends with its body, also where that throws, and nests', () => {
  assert.throws(() => nn.skipInit(() => assert.fail('inside')), /inside/);
  assert.equal(nn.skipsInit(), false);
  nn.skipInit(() => {
    nn.skipInit(() => {});
    assert.equal(nn.skipsInit(), true);
  });
});
