/**
 * Adam against PyTorch's numbers, its state against a copy of itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nn, noGrad, ops, optim, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';
import { normal } from '../support/samples.js';

const initial = [1, -2, 0.5, 3.25];
const options = { lr: 0.01, betas: [0.5, 0.999], eps: 1e-8 } as const;

/** Gradients over four orders of magnitude that change sign: sin(t + i) · 10^(i − 2). */
const gradient = (t: number) => initial.map((_, i) => Math.sin(t + i) * 10 ** (i - 2));

/** torch.optim.Adam of PyTorch 1.13 after five steps, in the parameter's own type. */
const pytorch = {
  float64: {
    value: [0.9835748037402878, -1.9975194951927184, 0.5151918390400237, 3.269205974125866],
    exp_avg: [-0.00567895702699216, -0.04368035845866944, 0.0958837347718961, 5.4041599057170355],
    exp_avg_sq: [3.0411772731504767e-7, 2.4116689916718882e-5, 0.002018192752242632, 0.29751888183111225],
  },
  float32: {
    value: [0.9835748076438904, -1.9975193738937378, 0.5151918530464172, 3.2692058086395264],
    exp_avg: [-0.00567895732820034, -0.04368035867810249, 0.09588372707366943, 5.404160022735596],
    exp_avg_sq: [3.041177478735335e-7, 2.4116690838127397e-5, 0.0020181930158287287, 0.29751890897750854],
  },
  /** float32 parameter, gradients rounded to bfloat16 first. */
  roundedGradients: [0.9835699796676636, -1.997514009475708, 0.5151830911636353, 3.269207000732422],
};

function run(parameter: nn.Parameter, toGradient: (values: number[]) => Tensor): optim.Adam {
  const adam = new optim.Adam(new Map([['p', parameter]]), options);
  for (let t = 1; t <= 5; t++) scope(() => adam.step([toGradient(gradient(t))]));
  return adam;
}

for (const [dtype, relative] of [
  ['float64', 1e-14],
  ['float32', 3e-7],
] as const) {
  test(`five steps in ${dtype} equal PyTorch's`, () => {
    scope(() => {
      const parameter = new nn.Parameter(tensor(initial, [4], { dtype }) as Tensor);
      const adam = run(parameter, values => tensor(values, [4], { dtype }) as Tensor);
      const expected = pytorch[dtype];
      const { step, exp_avg, exp_avg_sq } = adam.state().get('p')!;
      assertClose(parameter.value, expected.value, { relative });
      assert.equal(step, 5);
      assertClose(exp_avg, expected.exp_avg, { relative: 10 * relative });
      assertClose(exp_avg_sq, expected.exp_avg_sq, { relative });
      adam.dispose();
      parameter.dispose();
    });
  });
}

test('bfloat16 gradients move the float32 master, and the bf16Copy is its rounding', () => {
  scope(() => {
    const parameter = new nn.Parameter(tensor(initial) as Tensor);
    parameter.toMixedPrecision();
    const adam = run(parameter, values => ops.toDtype(tensor(values), 'bfloat16'));
    assert.equal(parameter.value.dtype, 'float32');
    assertClose(parameter.value, pytorch.roundedGradients, { relative: 3e-7 });
    assert.equal(parameter.bf16Copy!.dtype, 'bfloat16');
    assert.deepEqual(parameter.bf16Copy!.data(), ops.toDtype(parameter.value, 'bfloat16').data());
    adam.dispose();
    parameter.dispose();
  });
});

test('a network converted to bfloat16 is trained in bfloat16: its first step is the learning rate against the sign', () => {
  scope(() => {
    const network = new nn.Conv2d(2, 2, 3).to({ dtype: 'bfloat16' });
    const parameters = network.parameters();
    for (const parameter of parameters) parameter.assign(ops.ones(parameter.value.shape, { dtype: 'bfloat16' }));
    const adam = new optim.Adam(network.namedParameters(), { lr: 0.25 });
    // ±1, of which every other: the new weights are numbers that bfloat16 has.
    const gradients = parameters.map(({ value }) =>
      ops.toDtype(
        tensor(
          Float32Array.from({ length: value.numel }, (_, i) => (i % 2 ? 1 : -1)),
          value.shape,
        ),
        'bfloat16',
      ),
    );
    adam.step(gradients);
    for (const { value } of parameters) {
      assert.equal(value.dtype, 'bfloat16');
      const expected = Array.from({ length: value.numel }, (_, i) => (i % 2 ? 0.75 : 1.25));
      assertClose(ops.reshape(value, [value.numel]), expected, { relative: 2 ** -7 });
    }
    adam.dispose();
    network.dispose();
  });
});

test('memory order changes nothing: channels-last weights, gradients in either order, many blocks', () => {
  scope(() => {
    const generator = new RandomGenerator(3);
    const shape = [40, 24, 5, 5];
    const value = normal(generator, shape, 'float32');
    const gradients = [normal(generator, shape, 'float32'), normal(generator, shape, 'float32')];
    const plain = new nn.Parameter(ops.clone(value));
    const ordered = new nn.Parameter(ops.clone(value));
    ordered.to({ memoryFormat: 'channels_last' });
    const adams = [plain, ordered].map(parameter => new optim.Adam(new Map([['p', parameter]]), options));
    for (const g of gradients) {
      adams[0]!.step([g]);
      adams[1]!.step([g]);
    }
    assert.deepEqual(ordered.value.strides, [600, 1, 120, 24]);
    assert.deepEqual(ordered.value.data(), plain.value.data());
    for (const adam of adams) adam.dispose();
    plain.dispose();
    ordered.dispose();
  });
});

test('a parameter without gradient keeps its value and gets no moments', () => {
  scope(() => {
    const parameters = new Map(['a', 'b'].map(name => [name, new nn.Parameter(tensor([1, 2]) as Tensor)]));
    const adam = new optim.Adam(parameters, options);
    adam.step([null, tensor([1, 1])]);
    assert.deepEqual(parameters.get('a')!.value.data(), Float32Array.of(1, 2));
    assert.deepEqual([...adam.state().keys()], ['b']);
    // Adam's first step is the learning rate against the gradient's sign.
    assertClose(parameters.get('b')!.value, [0.99, 1.99], { relative: 1e-6 });
    assert.throws(() => adam.step([null]), /1 gradients for 2 parameters/);
    adam.dispose();
    for (const parameter of parameters.values()) parameter.dispose();
  });
});

test('a gradient of another shape is refused and moves nothing', () => {
  scope(() => {
    const parameter = new nn.Parameter(tensor(initial) as Tensor);
    const adam = new optim.Adam(new Map([['p', parameter]]), options);
    assert.throws(
      () => adam.step([tensor([1, 2])]),
      /the gradient \(\[2\]\).*another shape than the parameter \(\[4\]\)/,
    );
    assert.deepEqual(parameter.value.data(), Float32Array.from(initial));
    adam.dispose();
    parameter.dispose();
  });
});

test('loaded state continues bit for bit', () => {
  scope(() => {
    const generator = new RandomGenerator(4);
    const gradients = Array.from({ length: 6 }, () => normal(generator, [17], 'float32'));
    const start = normal(generator, [17], 'float32');
    const whole = new nn.Parameter(ops.clone(start));
    const straight = new optim.Adam(new Map([['p', whole]]), options);
    for (const g of gradients) straight.step([g]);

    const first = new nn.Parameter(ops.clone(start));
    const before = new optim.Adam(new Map([['p', first]]), options);
    for (const g of gradients.slice(0, 3)) before.step([g]);
    const resumed = new nn.Parameter(noGrad(() => ops.clone(ops.detach(first.value))));
    const after = new optim.Adam(new Map([['p', resumed]]), options);
    after.loadState(before.state());
    for (const g of gradients.slice(3)) after.step([g]);
    assert.deepEqual(resumed.value.data(), whole.value.data());

    assert.throws(() => after.loadState(new Map([['q', before.state().get('p')!]])), /no parameter 'q'/);
    for (const disposable of [straight, before, after, whole, first, resumed]) disposable.dispose();
  });
});
