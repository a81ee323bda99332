/**
 * Initial weights of the paper's networks: convolutions N(0, 0.02), batch-norm weights N(1, 0.02). Depends on torch only.
 */
import { nn, noGrad, ops, type RandomGenerator, type Tensor } from '@pix2pixhd/torch';

/**
 * Draws the initial weights of a network. Biases of convolutions are drawn as PyTorch's layers draw theirs, as in NVIDIA's
 * implementation, or are zero, as in that of pix2pix and CycleGAN.
 * Within `nn.skipInit` they stay as they are.
 * @param generator source of randomness; the same seed gives the same network.
 */
export function initWeights<M extends nn.Module>(
  network: M,
  generator: RandomGenerator,
  biases: 'drawn' | 'zero' = 'drawn',
): M {
  if (nn.skipsInit()) return network;
  const fill = (tensor: Tensor, mean: number, deviation: number) =>
    ops.normalInPlace(tensor, mean, deviation, { generator }).dispose();
  noGrad(() => {
    for (const module of network.modules()) {
      if (module instanceof nn.Conv2d || module instanceof nn.ConvTranspose2d) {
        const [first, second, height, width] = module.weight.value.shape as [number, number, number, number];
        fill(module.weight.value, 0, 0.02);
        const fanIn = (module instanceof nn.Conv2d ? second : first) * height * width;
        const bound = 1 / Math.sqrt(fanIn);
        if (module.bias === null) continue;
        if (biases === 'zero') fill(module.bias.value, 0, 0);
        else ops.uniformInPlace(module.bias.value, -bound, bound, { generator }).dispose();
      } else if (module instanceof nn.BatchNorm2d) {
        fill(module.weight.value, 1, 0.02);
      }
    }
  });
  return network;
}
