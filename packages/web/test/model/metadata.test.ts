/** What a model says about itself, and what is said of files that are none of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFacts } from '../../src/model/metadata.js';
import { NotOnnx, readMetadata } from '../../src/model/onnx-file.js';
import { noise } from '../support/noise.js';
import { refused } from '../support/refused.js';
import { description, otherModel, tinyGenerator } from '../support/tiny-models.js';

test('the description is read, whatever else is in the file', () => {
  const facts = readFacts(tinyGenerator(), 'a.onnx');
  assert.deepEqual(
    [facts.name, facts.step, facts.licence, facts.labelNc, facts.needsInstances, facts.sizes, facts.noise],
    ['tiny', 12, 'CC0', 5, true, { multiple: 4, least: 4 }, false],
  );
  assert.deepEqual(facts.classes, description.classes);
  const { style } = facts;
  assert.deepEqual([style?.channels, style?.perClass, [...style!.book!.classes.keys()]], [1, false, [1, 4]]);
  assert.deepEqual(style?.book?.classes.get(4)?.clusters[1], { centre: Float32Array.of(50), count: 1 });
  const small = readFacts(tinyGenerator({ style: null, classes: null, licence: undefined }), 'a.onnx');
  assert.deepEqual([small.style, small.classes, small.licence], [null, null, null]);
});

test('other files are told apart, with what to do', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const refuse = (file: Uint8Array, ...parts: RegExp[]) =>
    refused(() => readFacts(file, 'given'), 'MODEL_UNSUITABLE', /: given\n/, ...parts);
  await refuse(new Uint8Array(0), /an empty file/);
  await refuse(bytes('\n<!DOCTYPE html><title>Not found'), /HTML page/, /check the address/);
  await refuse(bytes('version https://git-lfs.github.com/spec/v1'), /Git LFS/);
  await refuse(bytes('PK\x03\x04…'), /PyTorch/, /--format onnx/);
  await refuse(Uint8Array.of(0x80, 2, 0x8a), /PyTorch/);
  await refuse(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, ...bytes('{"a": 1}')), /safetensors/, /--format onnx/);
  await refuse(otherModel(), /without the description/);
  await refuse(noise(1000), /not an ONNX file/);
});

test('a file that ends early, a later version and a description that lacks something have errors of their own', async () => {
  const whole = tinyGenerator();
  await refused(() => readFacts(whole.subarray(0, -3), 'a'), 'MODEL_DAMAGED', /not whole/);
  await refused(() => readFacts(tinyGenerator({ version: 2 }), 'a'), 'MODEL_TOO_NEW', /version 2/);
  await refused(() => readFacts(tinyGenerator({ labelNc: '5' }), 'a'), 'MODEL_DAMAGED', /labelNc is no whole number/);
  const style = { channels: 2, perClass: false, book: { mean: [1], classes: { 1: { mean: [1, 2], clusters: [] } } } };
  await refused(() => readFacts(tinyGenerator({ style }), 'a'), 'MODEL_DAMAGED', /class 1 has 2 numbers/);
});

test('no damage makes the reader do more than refuse', () => {
  const whole = tinyGenerator();
  for (let salt = 0; salt < 300; salt++) {
    const [at, value] = noise(2, salt);
    const damaged = whole.slice();
    damaged[(at! * 31 + salt * 7) % damaged.length] = value!;
    try {
      readMetadata(damaged);
    } catch (error) {
      assert.ok(error instanceof NotOnnx, String(error));
    }
  }
});
