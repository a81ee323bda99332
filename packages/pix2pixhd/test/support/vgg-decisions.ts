/**
 * The perceptual loss's gradient where float32 had to choose: which of two nearly equal pixels a max-pool passes on, whether
 * a value near zero passes a ReLU, which of two maps is larger. There the gradient jumps, and one rounding moves it by more
 * than any tolerance for arithmetic. So the choices of a run are taken as made, each must be one that rounding explains, and
 * the gradient is computed in float64 given those choices. Depends on torch and networks.
 */
import assert from 'node:assert/strict';
import { grad, keep, nn, noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { Vgg19 } from '../../src/networks/index.js';
import { vggConvolutions } from './vgg.js';

const maxPoolWithIndices = ops.operator('aten::max_pool2d_with_indices');

/** What a network computed: its 13 rectified convolutions of the generated and of the real image, float64. */
export interface Activations {
  readonly fake: readonly Tensor[];
  readonly real: readonly Tensor[];
}

/** Runs `work`, a perceptual loss, and tells what every rectified convolution gave in it. */
export function recordActivations<T>(vgg: Vgg19, work: () => T): [T, Activations] {
  const seen: Tensor[] = [];
  const convolutions = [...vgg.modules()].filter(module => module instanceof nn.Conv2d);
  for (const module of convolutions) {
    const forward = module.forward;
    module.forward = input => {
      const output = forward.call(module, input);
      seen.push(keep(noGrad(() => ops.contiguous(ops.toDtype(ops.detach(output), 'float64')))));
      return output;
    };
  }
  try {
    const result = work();
    const count = vggConvolutions.length;
    assert.equal(seen.length, 2 * count);
    // The real image is seen first: it gets no graph.
    return [result, { real: seen.slice(0, count), fake: seen.slice(count) }];
  } finally {
    // What was set on the instance goes, so that the class's own method is seen again.
    for (const module of convolutions) Reflect.deleteProperty(module, 'forward');
  }
}

/**
 * The gradient in float64, as it is where ReLUs, max-pools and distances choose as the run of `chosen` did.
 * @param weights float64, torchvision's keys.
 * @param slack how far a choice may be from float64's, of the largest element of the map it is made in.
 * @returns the gradient with respect to `fake`, and how many choices differ from float64's own.
 * @throws AssertionError where a choice differs by more than `slack`.
 */
export function gradientOfChoices(
  weights: ReadonlyMap<string, Tensor>,
  fake: Tensor,
  real: Tensor,
  chosen: Activations,
  slack: number,
): { gradient: Tensor; differing: number } {
  return scope(() => {
    const image = ops.clone(ops.detach(fake));
    image.requiresGrad = true;
    const targets = noGrad(() => maps(weights, real, chosen.real, slack));
    const own = maps(weights, image, chosen.fake, slack);
    let differing = own.differing + targets.differing;
    const terms = own.features.map((map, i) => {
      const difference = ops.sub(map, targets.features[i]!);
      const at = featureConvolutions[i]!;
      const sign = ops.sign(ops.sub(chosen.fake[at]!, chosen.real[at]!));
      const distance = ops.mul(difference, sign);
      // |d| − d · sign is twice the distance from zero where the signs differ, else zero.
      differing += assertTies(ops.sub(ops.abs(difference), distance), map, slack, `distance ${i + 1}`);
      return ops.mul(ops.mean(distance), layerWeights[i]!);
    });
    const [gradient] = grad(
      terms.reduce((sum, term) => ops.add(sum, term)),
      [image],
    );
    return { gradient: gradient!, differing };
  });
}

/** Of relu1_1 to relu5_1, as in the public implementation. */
const layerWeights = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1];

/** Which of the 13 convolutions ends at relu1_1, relu2_1, relu3_1, relu4_1, relu5_1. */
const featureConvolutions = [0, 2, 4, 8, 12];

/** The convolutions that follow a max-pool. */
const pooledBefore = [2, 4, 8, 12];

/** The five feature maps in float64 with the choices of a run. */
function maps(weights: ReadonlyMap<string, Tensor>, image: Tensor, chosen: readonly Tensor[], slack: number) {
  let differing = 0;
  let x = image;
  const features: Tensor[] = [];
  for (const [k, [index]] of vggConvolutions.entries()) {
    if (pooledBefore.includes(k)) {
      const pooled = poolAs(chosen[k - 1]!, x);
      differing += assertTies(ops.sub(ops.maxPool2d(x, 2, 2), pooled), x, slack, `max-pool before convolution ${k}`);
      x = pooled;
    }
    const linear = ops.conv2d(
      x,
      weights.get(`features.${index}.weight`)!,
      weights.get(`features.${index}.bias`)!,
      1,
      1,
    );
    const passed = ops.toDtype(ops.gt(chosen[k]!, 0), 'float64');
    x = ops.mul(linear, passed);
    differing += assertTies(ops.sub(ops.relu(linear), x), linear, slack, `ReLU after convolution ${k}`);
    if (featureConvolutions.includes(k)) features.push(x);
  }
  return { features, differing };
}

/** Of every 2×2 pixels of `x` the one that is largest in `chosen`. */
function poolAs(chosen: Tensor, x: Tensor): Tensor {
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const [, indices] = maxPoolWithIndices([chosen, [2, 2], [2, 2]]) as [Tensor, Tensor];
  const picked = ops.gather(ops.reshape(x, [images, channels, -1]), 2, ops.reshape(indices, [images, channels, -1]));
  return ops.reshape(picked, [images, channels, height / 2, width / 2]);
}

/** Counts where choosing otherwise gave another value, and asserts that none is further off than rounding takes it. */
function assertTies(off: Tensor, map: Tensor, slack: number, what: string): number {
  return noGrad(() =>
    scope(() => {
      const [furthest, largest] = [off, map].map(t => ops.max(ops.abs(ops.detach(t))).item()) as [number, number];
      assert.ok(
        furthest <= slack * largest,
        `${what}: a choice is off by ${furthest / largest} of the largest element, at most ${slack} is rounding`,
      );
      return ops.sum(ops.ne(ops.detach(off), 0)).item();
    }),
  );
}
