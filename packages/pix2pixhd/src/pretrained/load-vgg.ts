/**
 * VGG19 from a file of weights. Depends on torch, networks and read-state.ts.
 */
import { fromData, scope } from '@pix2pixhd/torch';
import { Vgg19 } from '../networks/index.js';
import { readWeights, unsuitableWeights } from './read-state.js';
import { vggWeights } from './vgg-weights.js';

const expected = {
  title: vggWeights.title,
  option: vggWeights.option,
  expected: "the state dict of torchvision's vgg19 (features.0.weight to features.28.bias)",
  // The classifier, which is ignored, is four fifths of the file.
  keep: (name: string) => name.startsWith('features.'),
};

/**
 * Reads VGG19's weights.
 * @param path a state dict of torchvision's `vgg19`, as `.pth` or `.safetensors`.
 * @returns the network on the CPU in float32, frozen.
 * @throws UserError if the file cannot be read or holds another network.
 */
export function loadVgg(path: string): Vgg19 {
  const state = readWeights(path, expected);
  const vgg = new Vgg19();
  try {
    scope(() => vgg.loadTorchvision(new Map([...state].map(([name, data]) => [name, fromData(data)]))));
    return vgg;
  } catch (error) {
    vgg.dispose();
    throw unsuitableWeights(path, expected, (error as Error).message, error);
  }
}
