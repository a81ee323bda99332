/**
 * Every network's forward pass in float32 on the CPU against the public implementation's, with its own weights, in
 * both memory orders.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type nn, ops, scope, type Tensor } from '@pix2pixhd/torch';
import {
  FeatureEncoder,
  GlobalGenerator,
  LocalEnhancer,
  MultiscaleDiscriminator,
  type NormKind,
} from '../../src/networks/index.js';
import { assertNear } from '../support/compare.js';
import { fullSetOnly, type NetworkCase, networkCases, stateDicts, vector } from './vectors.js';

/** Where the manifest suggests no tolerance. */
const defaultTolerance = 2e-5;

function generator({ config }: NetworkCase): nn.Module {
  const options = {
    inputChannels: config.input_nc as number,
    outputChannels: 3,
    ngf: config.ngf as number,
    downsamplings: config.n_downsample_global as number,
    blocks: config.n_blocks_global as number,
    norm: config.norm as NormKind,
    upsample: 'transpose',
  } as const;
  if (config.netG === 'global') return new GlobalGenerator(options);
  return new LocalEnhancer({
    ...options,
    enhancers: config.n_local_enhancers as number,
    localBlocks: config.n_blocks_local as number,
  });
}

function discriminator({ config }: NetworkCase): MultiscaleDiscriminator {
  return new MultiscaleDiscriminator({
    inputChannels: config.input_nc as number,
    ndf: config.ndf as number,
    layers: config.n_layers_D as number,
    scales: config.num_D as number,
    norm: config.norm as NormKind,
    features: config.getIntermFeat as boolean,
    sigmoid: config.use_sigmoid as boolean,
  });
}

function encoder({ config }: NetworkCase): FeatureEncoder {
  return new FeatureEncoder({
    inputChannels: config.input_nc as number,
    outputChannels: config.feat_num as number,
    nef: config.nef as number,
    downsamplings: config.n_downsample_E as number,
    norm: config.norm as NormKind,
  });
}

/** Runs `body` once for every format of the weights and every memory order, on a network loaded strictly. */
function forEachRun<M extends nn.Module>(
  recorded: NetworkCase,
  make: (recorded: NetworkCase) => M,
  body: (network: M, input: Tensor, load: () => void, order: string) => void,
): void {
  for (const order of ['contiguous', 'channels_last'] as const)
    scope(() => {
      const states = stateDicts(recorded.state_dict);
      assert.ok(states.length > 0);
      for (const state of states) {
        const network = make(recorded).to({ memoryFormat: order });
        const load = () => network.loadStateDict(state);
        load();
        body(network, ops.contiguous(vector(recorded.input), { memoryFormat: order }), load, order);
        network.dispose();
      }
    });
}

function assertOutput(actual: Tensor, recorded: NetworkCase, name: string, order: string): void {
  const expected = recorded.outputs[name];
  assert.ok(expected, `the manifest has no output ${name}`);
  assertNear(actual, vector(expected), expected.atol_suggested ?? defaultTolerance, `${name} (${order})`);
}

for (const [name, recorded] of networkCases('G_')) {
  test(`generator ${name}`, () => {
    forEachRun(recorded, generator, (network, input, load, order) => {
      if (recorded.config.norm === 'instance') {
        assertOutput(network.forward(input), recorded, 'train', order);
        assertOutput(network.eval().forward(input), recorded, 'train', order);
        return;
      }
      assertOutput(network.forward(input), recorded, 'train_bn_stats', order);
      const own = network.stateDict();
      for (const [key, expected] of stateDicts(recorded.buffers_after_train_fwd!)[0]!)
        assertNear(own.get(key)!, expected, 1e-5, `${key} after a forward pass in training (${order})`);
      load();
      assertOutput(network.eval().forward(input), recorded, 'eval', order);
    });
  });
}

for (const [name, recorded] of networkCases('D_')) {
  test(`discriminator ${name}`, () => {
    forEachRun(recorded, discriminator, (network, input, _load, order) => {
      const found = new Map<string, Tensor>();
      for (const [scale, { featureMaps, prediction }] of network.predict(input).entries())
        for (const [layer, output] of [...featureMaps, prediction].entries())
          found.set(recorded.config.getIntermFeat ? `r${scale}_${layer}` : `r${scale}`, output);
      assert.deepEqual([...found.keys()], Object.keys(recorded.outputs));
      for (const [key, output] of found) assertOutput(output, recorded, key, order);
    });
  });
}

for (const [name, recorded] of networkCases('E_')) {
  test(`encoder ${name}`, () => {
    forEachRun(recorded, encoder, (network, input, _load, order) => {
      assertOutput(network.forward(input), recorded, 'conv_only', order);
    });
  });

  test(`encoder ${name}, averaged over instances`, t => {
    const instances = recorded.inst;
    if (instances === undefined) return t.skip(fullSetOnly);
    forEachRun(recorded, encoder, (network, input, _load, order) => {
      assertOutput(network.encode(input, vector(instances)), recorded, 'pooled', order);
    });
  });
}

test('the vectors cover every kind of network', () => {
  const names = networkCases('').map(([name]) => name);
  for (const needed of ['G_local_e1_in', 'G_local_e1_bn', 'D_bn', 'D_sigmoid_nofeat', 'E_in'])
    assert.ok(names.includes(needed), needed);
});
