/**
 * VGG19 with weights by formula, as the recorded cases have it. Depends on torch and networks.
 */
import { scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { Vgg19 } from '../../src/networks/index.js';

/** Index in torchvision's `features`, input and output channels of every convolution up to relu5_1. */
export const vggConvolutions: readonly (readonly [number, number, number])[] = [
  [0, 3, 64],
  [2, 64, 64],
  [5, 64, 128],
  [7, 128, 128],
  [10, 128, 256],
  [12, 256, 256],
  [14, 256, 256],
  [16, 256, 256],
  [19, 256, 512],
  [21, 512, 512],
  [23, 512, 512],
  [25, 512, 512],
  [28, 512, 512],
];

/** torchvision's state dict by the formula of the parity vectors, float32, with what else such a file holds. */
export function vggState(): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const [k, [index, inputs, outputs]] of vggConvolutions.entries()) {
    const fanIn = inputs * 9;
    const scale = Math.sqrt(2 / fanIn);
    const weight = Float32Array.from({ length: outputs * fanIn }, (_, i) => Math.sin(i * 0.37 + k) * scale);
    const bias = Float32Array.from({ length: outputs }, (_, j) => 0.05 * Math.cos(j * 0.91 + k));
    state.set(`features.${index}.weight`, tensor(weight, [outputs, inputs, 3, 3]));
    state.set(`features.${index}.bias`, tensor(bias));
  }
  state.set('features.30.bias', tensor([1, 2, 3]));
  state.set('classifier.6.bias', tensor([4, 5]));
  return state;
}

/** A network of {@link vggState}. */
export function formulaVgg(): Vgg19 {
  const vgg = new Vgg19();
  scope(() => vgg.loadTorchvision(vggState()));
  return vgg;
}
