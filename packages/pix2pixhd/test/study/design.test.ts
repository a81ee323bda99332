/** What raters are given: practice first, hidden checks, scenes kept apart, and which images an experiment has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageAddress } from '../../src/study/addresses.js';
import { contestant } from '../../src/study/experiment.js';
import { experimentOf } from './experiments.js';

const limited = { kind: 'limited-time', exposures: [125, 250, 500, 1000, 2000] } as const;

test('practice comes first; checks are among the trials, half of them on either side; scenes of both do not count', () => {
  const { raters, images } = experimentOf();
  const of = (role: string) =>
    new Set(
      raters.flatMap(({ trials }) => trials.filter(trial => trial.role === role).map(trial => images[trial.a]!.stem)),
    );
  for (const { trials } of raters) {
    assert.deepEqual(
      trials.slice(0, 5).map(({ role }) => role),
      ['practice', 'practice', 'trial', 'trial', trials[4]!.role],
    );
    assert.equal(trials.filter(({ role }) => role === 'trial').length, 12);
    const checks = trials.filter(({ role }) => role === 'attention');
    assert.equal(checks.filter(({ a }) => images[a]!.role === 'spoilt').length, 2);
    for (const { a, b } of checks) assert.deepEqual([images[a]!.role, images[b]!.role].sort(), ['real', 'spoilt']);
    for (const { a, b } of trials) assert.equal(images[a]!.stem, images[b]!.stem);
  }
  for (const stem of [...of('practice'), ...of('attention')]) assert.ok(!of('trial').has(stem), stem);
});

test('limited time: every method beside the real image, every time equally often; checks are shown long enough', () => {
  const { raters, images } = experimentOf({ ...limited, trials: 20 }, 40);
  for (const { trials } of raters) {
    for (const { role, a, b, exposureMs } of trials) {
      const names = [contestant(images[a]!), contestant(images[b]!)];
      assert.ok(names.includes('real'));
      assert.ok(exposureMs !== undefined && (role !== 'attention' || exposureMs === 1000));
    }
    const counts = limited.exposures.map(
      time => trials.filter(({ role, exposureMs }) => role === 'trial' && exposureMs === time).length,
    );
    assert.deepEqual(counts, [4, 4, 4, 4, 4]);
    const practised = trials.filter(({ role }) => role === 'practice').map(({ exposureMs }) => exposureMs!);
    assert.ok(practised[0]! > practised[1]!);
  }
});

test('without real images checks take those of the methods; labels belong to the scene; nothing is listed twice', () => {
  const { raters, images } = experimentOf({ real: false, labels: true });
  assert.ok(!images.some(({ role }) => role === 'real'));
  const shown = new Set(raters.flatMap(({ trials }) => trials.flatMap(({ a, b, label }) => [a, b, label!])));
  assert.equal(shown.size, images.length);
  assert.equal(new Set(images.map(({ role, stem, method }) => [role, stem, method].join())).size, images.length);
  for (const { trials } of raters)
    for (const { a, label } of trials) {
      assert.equal(images[label!]!.stem, images[a]!.stem);
      assert.equal(images[label!]!.role, 'label');
    }
});

test('few scenes have several uses', () => {
  const { raters, images } = experimentOf({ trials: 3 }, 3);
  assert.equal(new Set(images.map(({ stem }) => stem)).size, 3);
  assert.equal(raters[0]!.trials.length, 9);
});

test('addresses of images are of one rater and one trial, and follow from the secret', () => {
  const experiment = experimentOf();
  const all = experiment.raters.flatMap(({ trials }, rater) =>
    trials.flatMap((_, trial) => (['a', 'b'] as const).map(place => imageAddress(experiment, rater, trial, place))),
  );
  assert.equal(new Set(all).size, all.length);
  for (const address of all) assert.match(address, /^[\w-]{22}$/);
  assert.notEqual(imageAddress({ ...experiment, secret: 't'.repeat(43) }, 0, 0, 'a'), all[0]);
});
