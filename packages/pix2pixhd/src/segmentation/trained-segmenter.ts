/**
 * A segmenter that `train-segmenter` has made. Depends on its file, the network, data and compute.
 */
import { nn, noGrad, ops, RandomGenerator, scope, type Tensor } from '@pix2pixhd/torch';
import type { Compute } from '../compute/choose-compute.js';
import { placeForInference } from '../compute/place-network.js';
import { imageTensor } from '../conditioning/tensors.js';
import type { SegmenterConfig } from '../config/commands/train-segmenter.js';
import { packImage } from '../data/load/pack.js';
import { planTransform, type TransformOptions, wholeImage } from '../data/load/transform.js';
import { resizeBicubic } from '../data/resize/resize.js';
import { UserError } from '../errors.js';
import { paddedSide, padPlanes } from '../inference/pad.js';
import type { ImageRaster } from '../raster.js';
import { SegmentationUNet } from './network.js';
import { classesOf, type Segmenter } from './segmenter.js';
import { readSegmenter, type SegmenterState, withoutPrefix } from './segmenter-file.js';

/** How a segmenter's images are brought to size; a multiple of 1 leaves the size as it is. */
export function transformOf(config: SegmenterConfig, multiple: number): TransformOptions {
  const { resizeOrCrop: mode, loadSize, fineSize, noFlip } = config;
  return { mode, loadSize, fineSize, multiple, flip: !noFlip };
}

/** The network that the options describe, with initial weights. */
export function buildSegmenter(config: SegmenterConfig, generator: RandomGenerator): SegmentationUNet {
  const { outputNc, labelNc, channels, levels } = config;
  return new SegmentationUNet({ inputChannels: outputNc, classes: labelNc, channels, levels }, generator);
}

/** The network of a segmenter's file. */
export class TrainedSegmenter implements Segmenter {
  readonly path: string;
  readonly files: readonly string[];
  readonly labelNc: number;
  readonly labelMap: string | null;
  readonly known: ReadonlySet<number>;
  readonly channels: number;
  readonly protocol: string;
  readonly #network: SegmentationUNet;
  readonly #config: SegmenterConfig;
  readonly #compute: Compute;

  private constructor(path: string, network: SegmentationUNet, { config }: SegmenterState, compute: Compute) {
    this.path = path;
    this.files = [path];
    this.labelNc = config.labelNc;
    this.labelMap = config.labelMap;
    this.channels = config.outputNc;
    this.known = new Set(Array.from({ length: config.labelNc }, (_, id) => id));
    this.protocol = protocolOf(config);
    this.#network = network;
    this.#config = config;
    this.#compute = { ...compute, memory: 'channels_last' };
  }

  /**
   * Loads the weights of the best epoch.
   *
   * @throws UserError naming the file where it cannot be read, or is not a segmenter of this program.
   */
  static load(path: string, compute: Compute): TrainedSegmenter {
    const { state, tensors } = readSegmenter(path, 'best');
    if (state.best === null) throw unfinished(path);
    const network = nn.skipInit(() => buildSegmenter(state.config, new RandomGenerator(0)));
    network.loadStateDict(withoutPrefix(tensors, 'best.'));
    placeForInference(network, { ...compute, memory: 'channels_last' });
    return new TrainedSegmenter(path, network, state, compute);
  }

  async segment(image: ImageRaster, width: number, height: number): Promise<Int32Array> {
    const plan = planTransform(image, wholeImage(transformOf(this.#config, 1)), { uniform: () => 0 });
    const sized = resizeBicubic(image, plan.resize.width, plan.resize.height);
    const multiple = 2 ** this.#config.levels;
    const [w, h] = [sized.width, sized.height].map(side => paddedSide(side, multiple, multiple)) as [number, number];
    const planes = padPlanes(packImage(sized, this.channels, false), sized.width, sized.height, w, h);
    return noGrad(() =>
      scope(() => {
        const logits = this.#network.forward(imageTensor(planes, [1, this.channels, h, w], this.#compute));
        return classesOf(cut(logits, sized.width, sized.height), width, height);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#network.dispose();
  }
}

function unfinished(path: string): UserError {
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading a segmenter',
    where: path,
    found: 'a segmenter whose training was stopped within its first epoch',
    expected: 'one that was trained for at least an epoch',
    remedy: `continue its training: pix2pixhd train-segmenter --resume --out ${path}`,
  });
}

function cut(logits: Tensor, width: number, height: number): Tensor {
  return ops.narrow(ops.narrow(logits, 2, 0, height), 3, 0, width);
}

function protocolOf({ resizeOrCrop, loadSize }: SegmenterConfig): string {
  switch (resizeOrCrop) {
    case 'scale_width':
    case 'scale_width_and_crop':
      return `at a width of ${loadSize}; logits resized bilinearly to the label map`;
    case 'resize_and_crop':
      return `at ${loadSize}×${loadSize}; logits resized bilinearly to the label map`;
    default:
      return 'at the size of the label map';
  }
}
