/** The baselines' defaults are those of their public implementation; what they do not have is refused by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDevice } from '@pix2pixhd/torch';
import { checkBaseline, withModel } from '../../src/config/baselines.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { UsageError } from '../../src/errors.js';
import { buildCycleNetworks, buildDiscriminator, buildGenerator } from '../../src/networks/build.js';
import { learningRate } from '../../src/training/schedule.js';

const config = (options: Partial<TrainConfig>) =>
  trainSchema.parse(withModel({ dataroot: 'd', name: 'n', ...options }));

test('the networks have as many parameters as the public implementation prints', () => {
  const millions = (network: { parameterCount(): number; dispose(): void }) => {
    const count = network.parameterCount();
    network.dispose();
    return (count / 1e6).toFixed(3);
  };
  // Shapes alone: nothing is drawn.
  withDevice('meta', () => {
    const pix2pix = config({ model: 'pix2pix' });
    assert.deepEqual([buildGenerator(pix2pix), buildDiscriminator(pix2pix)].map(millions), ['54.414', '2.769']);
    const cycle = Object.values(buildCycleNetworks(config({ model: 'cycle-gan' })));
    assert.deepEqual(cycle.map(millions), ['11.378', '11.378', '2.765', '2.765']);
  });
});

test('every other option has the public default, and what is given counts', () => {
  const pix2pix = config({ model: 'pix2pix' });
  const { norm, ganMode, lambdaL1, lr, beta1, niter, niterDecay, loadSize, fineSize, batchSize, poolSize } = pix2pix;
  assert.deepEqual(
    { norm, ganMode, lambdaL1, lr, beta1, niter, niterDecay, loadSize, fineSize, batchSize, poolSize },
    {
      ...{ norm: 'batch', ganMode: 'vanilla', lambdaL1: 100, lr: 2e-4, beta1: 0.5, niter: 100, niterDecay: 100 },
      ...{ loadSize: 286, fineSize: 256, batchSize: 1, poolSize: 0 },
    },
  );
  const cycle = config({ model: 'cycle-gan', poolSize: 7 });
  assert.deepEqual([cycle.lambdaA, cycle.lambdaB, cycle.lambdaIdentity, cycle.ganMode], [10, 10, 0.5, 'lsgan']);
  assert.deepEqual([cycle.norm, cycle.nBlocksGlobal, cycle.poolSize], ['instance', 9, 7]);
});

test('the U-Net follows the crop; inputs are images unless classes are given', () => {
  const halvings = (options: Partial<TrainConfig>) => config({ model: 'pix2pix', ...options }).nDownsampleUnet;
  assert.deepEqual([{}, { fineSize: 128 }, { fineSize: 512 }, { fineSize: 8 }].map(halvings), [8, 7, 8, 5]);
  assert.equal(halvings({ fineSize: 128, nDownsampleUnet: 6 }), 6);
  assert.deepEqual([config({ model: 'pix2pix' }).labelNc, config({ model: 'pix2pix', labelNc: 4 }).labelNc], [0, 4]);
  assert.equal(config({ model: 'pix2pix', labelNc: 4 }).noInstance, false);
});

test('the learning rate falls linearly after niter epochs, and is not zero in the last', () => {
  const rate = (epoch: number) => learningRate({ lr: 1, niter: 100, niterDecay: 100, model: 'cycle-gan' }, epoch);
  assert.deepEqual([1, 100, 101, 200, 201].map(rate), [1, 1, 1 - 1 / 101, 1 - 100 / 101, 0]);
});

/** What is refused, by the option that the error names. */
const refused: Readonly<Record<string, Partial<TrainConfig>>> = {
  '--preset modern': { model: 'pix2pix', preset: 'modern' },
  '--stages': { model: 'pix2pix', stages: '64,128' },
  '--num-D 2': { model: 'cycle-gan', numD: 2 },
  '--instance-feat': { model: 'pix2pix', instanceFeat: true },
  '--label-feat': { model: 'pix2pix', labelFeat: true },
  '--gan-feat-loss': { model: 'pix2pix', noGanFeatLoss: false },
  '--cuda-graphs': { model: 'pix2pix', cudaGraphs: true },
  '--checkpointing': { model: 'cycle-gan', checkpointing: true },
  '--netG global': { model: 'pix2pix', netG: 'global' },
  '--accumulate 2': { model: 'pix2pix', accumulate: 2 },
  '--netG unet': { model: 'cycle-gan', netG: 'unet' },
  '--norm batch': { model: 'cycle-gan', norm: 'batch' },
  '--label-nc 3': { model: 'cycle-gan', labelNc: 3 },
  '--inputs A,depth': { model: 'cycle-gan', inputs: 'A,depth' },
  '--ema 0.9': { model: 'cycle-gan', ema: 0.9 },
  '--lambda-L1 1': { model: 'cycle-gan', lambdaL1: 1 },
  '--vgg-loss': { model: 'cycle-gan', vggLoss: true },
  '--lambda-identity 0.5': { model: 'cycle-gan', inputNc: 1 },
  '--input-range clahe': { model: 'cycle-gan', inputRange: 'clahe' },
};

for (const [option, options] of Object.entries(refused))
  test(`--model ${options.model} refuses ${option}`, () => {
    assert.throws(
      () => checkBaseline(config(options)),
      (error: unknown) =>
        error instanceof UsageError &&
        error.parts.where === option &&
        error.parts.found === `--model ${options.model}` &&
        error.code === 'OPTION_CONFLICT',
    );
    checkBaseline(config({ model: options.model! }));
  });
