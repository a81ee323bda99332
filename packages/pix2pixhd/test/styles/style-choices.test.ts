/** Choices of styles on the command line and in a file, and the errors of both. The rules are tested with @pix2pixhd/web. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseStyle, StyleBook } from '@pix2pixhd/web/scene';
import { UsageError, UserError } from '../../src/errors.js';
import { parseStyleOption } from '../../src/styles/apply/style-option.js';
import { parseStyleChoices } from '../../src/styles/files/style-choices-file.js';

/** Styles of one number: class 1 has 0…4 with the mean 40, class 2 has 10 and 11, class 3 only its mean 30. */
const vector = (value: number) => Float32Array.of(value);
const clustersOf = (...values: number[]) => values.map(value => ({ centre: vector(value), count: 1 }));
const book = new StyleBook(
  vector(99),
  new Map([
    [1, { mean: vector(40), clusters: clustersOf(0, 1, 2, 3, 4) }],
    [2, { mean: vector(50), clusters: clustersOf(10, 11) }],
    [3, { mean: vector(30), clusters: [] }],
  ]),
);
const styleOf = (choices: Parameters<typeof chooseStyle>[1], id: number, of: number, seed = 0) =>
  Array.from(chooseStyle(book, choices, seed, { id, class: of }));

test('a file says it for instances before classes before all', () => {
  const json =
    '{"default": "mean", "classes": {"1": {"cluster": 2}}, "instances": {"26001": {"cluster": 4}, "7": [0.5]}}';
  const choices = parseStyleChoices(json, 'styles.json', 1);
  assert.deepEqual(styleOf(choices, 26_001, 1), [4]);
  assert.deepEqual(styleOf(choices, 26_002, 1), [2]);
  assert.deepEqual(styleOf(choices, 12, 2), [50]);
  assert.deepEqual(styleOf(choices, 7, 2), [0.5]);
  assert.equal(parseStyleChoices('{}', 'styles.json', 3).default, 'random');
});

test('faults of a file are named with file and key', () => {
  const refused = (json: string, ...parts: RegExp[]) =>
    assert.throws(
      () => parseStyleChoices(json, 'styles.json', 3),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        for (const part of [/styles\.json/, /a list of 3 numbers/, ...parts]) assert.match(error.message, part);
        return true;
      },
    );
  refused('{"default": ', /JSON/);
  refused('[]', /\[\] instead of an object/);
  refused('{"defaults": "mean"}', /defaults/);
  refused('{"default": "green"}', /found: +default: "green" is not a STYLE/);
  refused('{"instances": {"26001": [1, 2]}}', /instances\.26001: 2 numbers instead of 3/);
  refused('{"classes": {"26": {"cluster": -1}}}', /classes\.26: -1 is not the number of a cluster/);
  refused('{"classes": {"car": "mean"}}', /classes\.car: .*id/i);
});

test('--style is read, or refused with the choices', () => {
  assert.deepEqual(parseStyleOption('random'), { kind: 'random' });
  assert.deepEqual(parseStyleOption('mean'), { kind: 'mean' });
  assert.deepEqual(parseStyleOption('cluster:12'), { kind: 'cluster', cluster: 12 });
  assert.deepEqual(parseStyleOption('image:a:b.png'), { kind: 'image', path: 'a:b.png' });
  assert.deepEqual(parseStyleOption('file:styles.json'), { kind: 'file', path: 'styles.json' });
  for (const text of ['', 'Random', 'cluster', 'cluster:', 'cluster:-1', 'cluster:x', 'image:', 'photo.png'])
    assert.throws(
      () => parseStyleOption(text),
      (error: unknown) => error instanceof UsageError && /random, mean, cluster:N, image:PATH/.test(error.message),
      text,
    );
});
