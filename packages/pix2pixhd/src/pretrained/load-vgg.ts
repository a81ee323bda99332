/**
 * VGG19 from a file of weights. Depends on torch, networks and errors.
 */
import { FileFormatError, fromData, readSafetensors, readStateDict, scope, type TensorData } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import { Vgg19 } from '../networks/index.js';

/** What {@link Vgg19} takes of torchvision's network; the classifier, which it ignores, is four fifths of the file. */
const isFeature = (name: string) => name.startsWith('features.');

/**
 * Reads VGG19's weights.
 * @param path a state dict of torchvision's `vgg19`, as `.pth` or `.safetensors`.
 * @returns the network on the CPU in float32, frozen.
 * @throws UserError if the file cannot be read or holds another network.
 */
export function loadVgg(path: string): Vgg19 {
  const problem = (found: string, cause: unknown) =>
    new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading the weights of VGG19',
        where: path,
        found,
        expected: "the state dict of torchvision's vgg19 (features.0.weight to features.28.bias), .pth or .safetensors",
        remedy: 'name such a file with --vgg-weights FILE; a file in a cache is downloaded again once it is deleted',
      },
      { cause },
    );
  const state = readTensors(path, problem);
  const vgg = new Vgg19();
  try {
    scope(() => vgg.loadTorchvision(new Map([...state].map(([name, data]) => [name, fromData(data)]))));
    return vgg;
  } catch (error) {
    vgg.dispose();
    throw problem((error as Error).message, error);
  }
}

function readTensors(path: string, problem: (found: string, cause: unknown) => UserError): Map<string, TensorData> {
  try {
    if (path.endsWith('.safetensors')) return readSafetensors(path, isFeature).tensors;
    return new Map([...readStateDict(path)].filter(([name]) => isFeature(name)));
  } catch (error) {
    if (error instanceof FileFormatError) throw problem(`it ${error.problem}`, error);
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : problem(`it cannot be opened (${code})`, error);
  }
}
