/**
 * The Inception network of FID: Inception v3 (Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR
 * 2016) as TensorFlow published it on 2015-12-05 and pytorch-fid keeps it. It differs from torchvision's: average pools leave
 * out the padding, and the last block has a max pool. Depends on torch.
 */
import { nn, noGrad, ops, type Tensor } from '@pix2pixhd/torch';

type Pair = readonly [height: number, width: number];

/** A convolution with batch norm and ReLU, by its key. */
interface ConvolutionSpec {
  readonly key: string;
  readonly outputs: number;
  readonly kernel: Pair;
  readonly stride: number;
  readonly padding: Pair;
}

/** What a block's input becomes in one branch: pooled first, then convolved, then by two convolutions side by side. */
interface BranchSpec {
  readonly pool?: 'average' | 'max' | 'halve';
  readonly chain: readonly ConvolutionSpec[];
  readonly split?: readonly ConvolutionSpec[];
}

/** A kernel of odd sides that keeps the size. */
function same(key: string, outputs: number, height = 1, width = height): ConvolutionSpec {
  return { key, outputs, kernel: [height, width], stride: 1, padding: [(height - 1) / 2, (width - 1) / 2] };
}

/** 3×3 without padding. */
function narrowing(key: string, outputs: number, stride: number): ConvolutionSpec {
  return { key, outputs, kernel: [3, 3], stride, padding: [0, 0] };
}

const blockA = (pooled: number): readonly BranchSpec[] => [
  { chain: [same('branch1x1', 64)] },
  { chain: [same('branch5x5_1', 48), same('branch5x5_2', 64, 5)] },
  { chain: [same('branch3x3dbl_1', 64), same('branch3x3dbl_2', 96, 3), same('branch3x3dbl_3', 96, 3)] },
  { pool: 'average', chain: [same('branch_pool', pooled)] },
];

const blockB: readonly BranchSpec[] = [
  { chain: [narrowing('branch3x3', 384, 2)] },
  { chain: [same('branch3x3dbl_1', 64), same('branch3x3dbl_2', 96, 3), narrowing('branch3x3dbl_3', 96, 2)] },
  { pool: 'halve', chain: [] },
];

const blockC = (inner: number): readonly BranchSpec[] => [
  { chain: [same('branch1x1', 192)] },
  { chain: [same('branch7x7_1', inner), same('branch7x7_2', inner, 1, 7), same('branch7x7_3', 192, 7, 1)] },
  {
    chain: [
      same('branch7x7dbl_1', inner),
      same('branch7x7dbl_2', inner, 7, 1),
      same('branch7x7dbl_3', inner, 1, 7),
      same('branch7x7dbl_4', inner, 7, 1),
      same('branch7x7dbl_5', 192, 1, 7),
    ],
  },
  { pool: 'average', chain: [same('branch_pool', 192)] },
];

const blockD: readonly BranchSpec[] = [
  { chain: [same('branch3x3_1', 192), narrowing('branch3x3_2', 320, 2)] },
  {
    chain: [
      same('branch7x7x3_1', 192),
      same('branch7x7x3_2', 192, 1, 7),
      same('branch7x7x3_3', 192, 7, 1),
      narrowing('branch7x7x3_4', 192, 2),
    ],
  },
  { pool: 'halve', chain: [] },
];

const blockE = (pool: 'average' | 'max'): readonly BranchSpec[] => [
  { chain: [same('branch1x1', 320)] },
  {
    chain: [same('branch3x3_1', 384)],
    split: [same('branch3x3_2a', 384, 1, 3), same('branch3x3_2b', 384, 3, 1)],
  },
  {
    chain: [same('branch3x3dbl_1', 448), same('branch3x3dbl_2', 384, 3)],
    split: [same('branch3x3dbl_3a', 384, 1, 3), same('branch3x3dbl_3b', 384, 3, 1)],
  },
  { pool, chain: [same('branch_pool', 192)] },
];

/** Block by block, with the channels that go in. */
const blocks: readonly (readonly [key: string, inputs: number, branches: readonly BranchSpec[]])[] = [
  ['Mixed_5b', 192, blockA(32)],
  ['Mixed_5c', 256, blockA(64)],
  ['Mixed_5d', 288, blockA(64)],
  ['Mixed_6a', 288, blockB],
  ['Mixed_6b', 768, blockC(128)],
  ['Mixed_6c', 768, blockC(160)],
  ['Mixed_6d', 768, blockC(160)],
  ['Mixed_6e', 768, blockC(192)],
  ['Mixed_7a', 768, blockD],
  ['Mixed_7b', 1280, blockE('average')],
  ['Mixed_7c', 2048, blockE('max')],
];

/** Of TensorFlow's batch norm. */
const EPSILON = 1e-3;

/** A kernel that need not be square; key `weight`, without bias. Whatever memory holds until weights are loaded. */
class Kernel extends nn.Module {
  readonly #weight: nn.Parameter;
  readonly #spec: ConvolutionSpec;

  constructor(inputs: number, spec: ConvolutionSpec) {
    super();
    this.#weight = this.parameter('weight', ops.empty([spec.outputs, inputs, ...spec.kernel], { dtype: 'float32' }));
    this.#spec = spec;
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding } = this.#spec;
    return ops.conv2d(input, this.#weight.compute, null, [stride, stride], padding);
  }
}

/** Convolution, batch norm, ReLU; keys `conv.weight` and `bn.…`. */
class BasicConv2d extends nn.Module {
  readonly #conv: Kernel;
  readonly #norm: nn.BatchNorm2d;

  constructor(inputs: number, spec: ConvolutionSpec) {
    super();
    this.#conv = this.child('conv', new Kernel(inputs, spec));
    this.#norm = this.child('bn', new nn.BatchNorm2d(spec.outputs, EPSILON));
  }

  override forward(input: Tensor): Tensor {
    return ops.relu(this.#norm.forward(this.#conv.forward(input)));
  }
}

interface Branch {
  readonly pool: BranchSpec['pool'];
  readonly chain: readonly BasicConv2d[];
  readonly split: readonly BasicConv2d[];
}

/** Branches whose maps are stacked. */
class InceptionBlock extends nn.Module {
  readonly #branches: readonly Branch[];

  constructor(inputs: number, branches: readonly BranchSpec[]) {
    super();
    this.#branches = branches.map(({ pool, chain, split = [] }) => {
      let width = inputs;
      const layer = (spec: ConvolutionSpec) => this.child(spec.key, new BasicConv2d(width, spec));
      const layers = chain.map(spec => {
        const made = layer(spec);
        width = spec.outputs;
        return made;
      });
      return { pool, chain: layers, split: split.map(layer) };
    });
  }

  override forward(input: Tensor): Tensor {
    const maps = this.#branches.flatMap(({ pool, chain, split }) => {
      const x = chain.reduce((map, layer) => layer.forward(map), pooled(input, pool));
      return split.length === 0 ? [x] : split.map(layer => layer.forward(x));
    });
    return ops.cat(maps, 1);
  }
}

function pooled(input: Tensor, pool: BranchSpec['pool']): Tensor {
  if (pool === undefined) return input;
  if (pool === 'halve') return ops.maxPool2d(input, 3, 2);
  // Its mean leaves out the padding, as TensorFlow's does.
  return pool === 'max' ? ops.maxPool2d(input, 3, 1, 1) : ops.avgPool2d(input, 3, 1, 1, false, false);
}

/** The network up to its last average pool; keys as torchvision's `inception_v3`. In evaluation mode, frozen. */
export class FidInception extends nn.Module {
  readonly #stem: readonly (BasicConv2d | 'halve')[];
  readonly #blocks: readonly InceptionBlock[];

  constructor() {
    super();
    const layer = (inputs: number, spec: ConvolutionSpec) => this.child(spec.key, new BasicConv2d(inputs, spec));
    this.#stem = [
      layer(3, narrowing('Conv2d_1a_3x3', 32, 2)),
      layer(32, narrowing('Conv2d_2a_3x3', 32, 1)),
      layer(32, same('Conv2d_2b_3x3', 64, 3)),
      'halve',
      layer(64, same('Conv2d_3b_1x1', 80)),
      layer(80, narrowing('Conv2d_4a_3x3', 192, 1)),
      'halve',
    ];
    this.#blocks = blocks.map(([key, inputs, branches]) => this.child(key, new InceptionBlock(inputs, branches)));
    this.eval().trainable(false);
  }

  /** @param image (N, 3, H, W), sides from 75, in about [-1, 1]. @returns (N, 2048). */
  override forward(image: Tensor): Tensor {
    return noGrad(() => {
      let x = image;
      for (const layer of this.#stem) x = layer === 'halve' ? pooled(x, layer) : layer.forward(x);
      for (const block of this.#blocks) x = block.forward(x);
      return ops.mean(x, [2, 3]);
    });
  }
}
