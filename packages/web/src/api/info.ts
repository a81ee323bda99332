/** What a loaded generator is. Depends on the model's facts. */
import type { EngineInfo } from '../engine/engine.js';
import type { ImageSpec, LabelClass } from '../model/metadata.js';
import type { Device } from '../runtime/runtime.js';

/** What a loaded generator is. */
export interface GeneratorInfo {
  /** The address of the model, its path, or `the model` where its bytes were given. */
  readonly file: string;
  /** The run that it is from. */
  readonly name: string;
  /** Steps that it was trained for. */
  readonly step: number;
  /** The terms of the weights, where the file has them. */
  readonly licence: string | null;
  /** Where it computes. */
  readonly device: Device;
  /** Threads of the CPU; 0: as many as ONNX Runtime takes. */
  readonly threads: number;
  /** Number of classes of its label maps, ids 0…labelNc−1 and 255 for "no class" (65535 with more than 255 classes); 0 where its inputs are images. */
  readonly labelNc: number;
  /** Names and colours of its classes, where its file has them. */
  readonly classes: readonly LabelClass[] | null;
  /** Channels of its inputs: 1 for label maps. */
  readonly inputChannels: number;
  /** The images that it takes: type, and black and white in the unit of the files; null where it takes none. */
  readonly images: ImageSpec | null;
  /** Channels of the images that it makes. */
  readonly outputChannels: number;
  /** Whether a label map must come with an instance map. */
  readonly needsInstances: boolean;
  /** Inputs of any size are taken; those whose sides are multiples of this are not padded. */
  readonly sizeMultiple: number;
  /** The smallest side that is not padded. */
  readonly leastSide: number;
  /** Whether every image is another, by dropout. */
  readonly noise: boolean;
  /** The styles that can be chosen; null where the network takes none. */
  readonly styles: StyleInfo | null;
}

/** What styles a generator takes. */
export interface StyleInfo {
  /** Whether every instance has a style, or every class. */
  readonly per: 'instance' | 'class';
  /** Channels of the style features. */
  readonly channels: number;
  /** How many styles each class has to choose from, by class; empty where the model has none. */
  readonly clusters: ReadonlyMap<number, number>;
  /** The style features of each of them, by class: one number per channel, which `choices` takes as a style too. */
  readonly centres: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Whether styles can be taken from images: where an encoder was given. */
  readonly fromImages: boolean;
}

export function infoOf({ file, facts, encoder, device, threads }: EngineInfo): GeneratorInfo {
  const { name, step, licence, labelNc, classes, image, output, style, sizes, noise } = facts;
  const centres = [...(style?.book?.classes ?? [])].map(
    ([id, { clusters }]) => [id, clusters.map(({ centre }) => [...centre])] as const,
  );
  return {
    file,
    name,
    step,
    licence,
    device,
    threads,
    labelNc,
    classes,
    inputChannels: labelNc > 0 ? 1 : (image?.channels ?? 0),
    images: image,
    outputChannels: output.channels,
    needsInstances: facts.needsInstances || style?.perClass === false,
    sizeMultiple: sizes.multiple,
    leastSide: sizes.least,
    noise,
    styles:
      style === null
        ? null
        : {
            per: style.perClass ? 'class' : 'instance',
            channels: style.channels,
            clusters: new Map(centres.map(([id, list]) => [id, list.length])),
            centres: new Map(centres),
            fromImages: encoder !== null,
          },
  };
}
