/** The table of the generator's losses: which terms a run has, in which order, and how they are weighted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ops, scope } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import {
  computeTerms,
  generatorLossTerms,
  type LossOptions,
  type LossTerm,
} from '../../src/training/generator-losses.js';

const options = trainSchema.parse({ dataroot: 'data', name: 'run', lambdaL1: 100 });
const weights = (change: Partial<LossOptions>, perceptual = false) =>
  Object.fromEntries(
    generatorLossTerms({ ...options, ...change }, perceptual ? fake => ops.mean(fake) : undefined).map(
      ({ name, weight }) => [name, weight],
    ),
  );

test('a term is there where its weight is above zero, and in the order of the log', () => {
  assert.deepEqual(Object.entries(weights({}, true)), [
    ['G_GAN', 1],
    ['G_GAN_Feat', 10],
    ['G_VGG', 10],
    ['G_L1', 100],
  ]);
  assert.deepEqual(weights({ lambdaL1: 0 }), { G_GAN: 1, G_GAN_Feat: 10 });
  assert.deepEqual(weights({ noGanFeatLoss: true }), { G_GAN: 1, G_L1: 100 });
  assert.deepEqual(weights({ lambdaFeat: 0, lambdaL1: 0, lambdaVgg: 0 }, true), { G_GAN: 1 });
});

test('terms are multiplied by their weights; one of weight 1 costs no operator', () => {
  scope(() => {
    const fake = ops.full([1, 3, 2, 2], 0.5, { dtype: 'float32' });
    const outputs = { fake, real: fake, predFake: [], predReal: [] };
    const value = ops.mean(fake);
    const term = (name: string, weight: number): LossTerm => ({ name, weight, compute: () => value });
    const terms = computeTerms([term('one', 1), term('three', 3)], outputs);
    assert.equal(terms.get('one'), value);
    assert.equal(terms.get('three')!.item(), 1.5);
  });
});
