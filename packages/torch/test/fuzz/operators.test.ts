/**
 * No call from TypeScript ends the process: some hundreds of random ones here, 20,000 by `npm run fuzz:ops`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.js';
import { exposedOperators } from './schemas.js';

test('all operators that the package exposes are known, with their arguments', () => {
  const names = exposedOperators().map(({ name, overload }) => `${name}.${overload}`);
  for (const name of ['aten::conv2d.', 'aten::add.Tensor', 'aten::_foreach_add_.List', 'pix2pixhd::adam_step.'])
    assert.ok(names.includes(name), name);
  assert.ok(names.length >= 138, `${names.length} operators`);
  const convolution = exposedOperators().find(({ name }) => name === 'pix2pixhd::conv2d')!;
  assert.deepEqual(
    convolution.arguments.map(({ type, optional, name }) => `${name}: ${type}${optional ? '?' : ''}`),
    ['input: Tensor', 'weight: Tensor', 'bias: Tensor?', 'stride: int', 'padding: int'],
  );
});

test('600 random calls: values and errors, no crash', { skip: process.platform !== 'linux' }, async () => {
  const { values, errors, crashes } = await fuzz(1, 600, 600);
  assert.deepEqual(crashes, []);
  assert.equal(values + errors, 600);
  assert.ok(values > 150 && errors > 150, `${values} values, ${errors} errors`);
});
