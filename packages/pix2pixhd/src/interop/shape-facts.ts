/**
 * Infers a network's options from the shapes in its state dict, so that an error can name the option to change.
 * Depends on the configuration's types.
 */
import type { TrainConfig } from '../config/schema.js';

/** Shapes by key. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The options that a state dict reveals, and its network's input channels. */
export interface ShapeFacts {
  readonly options: Partial<TrainConfig>;
  readonly inputChannels?: number;
}

/** What a generator's state dict reveals; nothing if it does not look like one. */
export function generatorFacts(shapes: Shapes): ShapeFacts {
  const first = shapes.get('model.1.weight');
  if (first?.length !== 4) return { options: {} };
  const enhancers = Math.max(0, ...[...shapes.keys()].map(key => Number(/^model(\d+)_1\./.exec(key)?.[1] ?? 0)));
  const last = convolutions(shapes, enhancers === 0 ? 'model' : `model${enhancers}_2`).at(-1);
  return {
    options: {
      netG: enhancers === 0 ? 'global' : 'local',
      ngf: first[0]! / 2 ** enhancers,
      nDownsampleGlobal: halvings(shapes),
      nBlocksGlobal: blocks(shapes, 'model'),
      ...(enhancers > 0 && { nLocalEnhancers: enhancers, nBlocksLocal: blocks(shapes, 'model1_2') }),
      ...(last?.[2] === 7 && { outputNc: last[0]! }),
      norm: norm(shapes),
    },
    inputChannels: first[1]!,
  };
}

/** What a discriminator's state dict, with our keys, reveals. */
export function discriminatorFacts(shapes: Shapes): ShapeFacts {
  const first = shapes.get('scale0_layer0.0.weight');
  if (first?.length !== 4) return { options: {} };
  const places = [...shapes.keys()].flatMap(key => {
    const [, scale, layer] = /^scale(\d+)_layer(\d+)\./.exec(key) ?? [];
    return scale === undefined ? [] : [{ scale: Number(scale), layer: Number(layer) }];
  });
  return {
    options: {
      numD: 1 + Math.max(...places.map(({ scale }) => scale)),
      nLayersD: Math.max(...places.map(({ layer }) => layer)) - 1,
      ndf: first[0]!,
      norm: norm(shapes),
    },
    inputChannels: first[1]!,
  };
}

/** What the state dict of a U-Net reveals. */
export function unetFacts(shapes: Shapes): ShapeFacts {
  const first = shapes.get('model.model.0.weight');
  if (first?.length !== 4) return { options: {} };
  // Every level lies in the one around it: model.model.1.model.3.model…
  const levels = [...shapes.keys()].map(key => key.split('.').filter(part => part === 'model').length - 1);
  const last = shapes.get('model.model.3.weight');
  return {
    options: {
      ngf: first[0]!,
      nDownsampleUnet: Math.max(...levels),
      ...(last?.length === 4 && { outputNc: last[1]! }),
      norm: norm(shapes),
    },
    inputChannels: first[1]!,
  };
}

/** What the state dict of the baselines' discriminator reveals. */
export function patchFacts(shapes: Shapes): ShapeFacts {
  const all = convolutions(shapes, 'model');
  const first = all[0];
  if (first === undefined) return { options: {} };
  return { options: { ndf: first[0]!, nLayersD: all.length - 2, norm: norm(shapes) }, inputChannels: first[1]! };
}

/** What an encoder's state dict reveals. */
export function encoderFacts(shapes: Shapes): ShapeFacts {
  const all = convolutions(shapes, 'model');
  const first = all[0];
  if (first === undefined) return { options: {} };
  return {
    options: {
      outputNc: first[1]!,
      featNum: all.at(-1)![0]!,
      nef: first[0]!,
      nDownsampleE: halvings(shapes),
      norm: norm(shapes),
    },
  };
}

/** Shapes of the convolutions of a sequence of layers, in order; those inside residual blocks are left out. */
function convolutions(shapes: Shapes, sequence: string): (readonly number[])[] {
  const name = new RegExp(`^${sequence}\\.(\\d+)\\.weight$`);
  return [...shapes]
    .flatMap(([key, shape]) => {
      const index = name.exec(key)?.[1];
      return index === undefined || shape.length !== 4 ? [] : [{ index: Number(index), shape }];
    })
    .sort((a, b) => a.index - b.index)
    .map(({ shape }) => shape);
}

/** Every downsampling convolution has an upsampling one, both 3 × 3; the first and last are 7 × 7. */
function halvings(shapes: Shapes): number {
  return Math.floor(convolutions(shapes, 'model').filter(shape => shape[2] === 3).length / 2);
}

function blocks(shapes: Shapes, sequence: string): number {
  const name = new RegExp(`^${sequence}\\.(\\d+)\\.conv_block\\.`);
  return new Set([...shapes.keys()].flatMap(key => name.exec(key)?.[1] ?? [])).size;
}

/** Instance norm has no weights; batch norm has a weight vector in each layer. */
function norm(shapes: Shapes): TrainConfig['norm'] {
  return [...shapes].some(([key, shape]) => key.endsWith('.weight') && shape.length === 1) ? 'batch' : 'instance';
}
