/** Networks out of files of weights, with errors for users. Depends on torch and the weights' files. */
import { nn } from '@pix2pixhd/torch';
import { evaluationWeights, type WeightsName } from '../../pretrained/evaluation-weights.js';
import { readWeights, unsuitableWeights } from '../../pretrained/read-state.js';
import { loadPublished } from './load-weights.js';

const contents: Readonly<Record<WeightsName, string>> = {
  alexnet: "the state dict of torchvision's alexnet (features.0.weight to features.10.bias)",
  vgg16: "the state dict of torchvision's vgg16 (features.0.weight to features.28.bias)",
  'lpips-alex': "weights/v0.1/alex.pth of LPIPS' public program (lin0.model.1.weight to lin4.model.1.weight)",
  'lpips-vgg': "weights/v0.1/vgg.pth of LPIPS' public program (lin0.model.1.weight to lin4.model.1.weight)",
  inception: "pytorch-fid's pt_inception-2015-12-05 (Conv2d_1a_3x3.conv.weight to Mixed_7c.branch_pool.bn.bias)",
};

/**
 * Fills a network from the file of a name.
 *
 * @param files by name.
 * @param keep which tensors are read; default all.
 * @throws UserError where the file cannot be read or holds another network; the network is freed then.
 */
export function openPublished<M extends nn.Module>(
  make: () => M,
  name: WeightsName,
  files: ReadonlyMap<string, string>,
  keep?: (key: string) => boolean,
): M {
  const { title, option } = evaluationWeights[name];
  const path = files.get(name);
  if (path === undefined) throw new Error(`no file of weights for ${name}`);
  const expected = { title, option, expected: contents[name], ...(keep && { keep }) };
  const state = readWeights(path, expected);
  const network = nn.skipInit(make);
  try {
    loadPublished(network, state, title);
    return network;
  } catch (error) {
    network.dispose();
    throw unsuitableWeights(path, expected, (error as Error).message, error);
  }
}
