/**
 * Engine: what computes the images of a loaded generator, in this thread or in another. Types only.
 */
import type { LabelClass } from '../data/labels/classes.js';
import type { SynthesizedImage } from '../raster.js';
import type { PlainRequest } from './request.js';

/** What a loaded generator is. */
export interface GeneratorInfo {
  /** The file of its weights. */
  readonly file: string;
  /** Steps that it was trained for. */
  readonly step: number;
  /** Where it computes: `cpu`, `cuda:0`. */
  readonly device: string;
  /** What it computes in. */
  readonly precision: 'fp32' | 'bf16';
  /** Number of classes of its label maps, ids 0…labelNc−1 and 255 for "no class" (65535 with more than 255 classes); 0 where its inputs are images. */
  readonly labelNc: number;
  /** Names and colours of its classes, where its file has them: an exported one. */
  readonly classes: readonly LabelClass[] | null;
  /** Channels of its inputs: 1 for label maps. */
  readonly inputChannels: number;
  /** Channels of the images that it makes. */
  readonly outputChannels: number;
  /** Whether a label map must come with an instance map. */
  readonly needsInstances: boolean;
  /** Inputs of any size are taken; those whose sides are multiples of this are not padded. */
  readonly sizeMultiple: number;
  /** The smallest side that is not padded. */
  readonly leastSide: number;
  /** The styles that can be chosen; null where the network takes none. */
  readonly styles: StyleInfo | null;
}

/** What styles a generator takes. */
export interface StyleInfo {
  /** Whether every instance has a style, or every class. */
  readonly per: 'instance' | 'class';
  /** Channels of the style features, featNum. */
  readonly channels: number;
  /** How many styles each class has to choose from, by class; empty where `encode` has not stored them yet. */
  readonly clusters: ReadonlyMap<number, number>;
  /** The style features of each of them, by class: one number per channel, which `choices` takes as a style too. */
  readonly centres: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Whether styles can be taken from images. */
  readonly fromImages: boolean;
}

/** Style features by instance id, or where {@link StyleInfo.per} is `class` by class: `info.styles.channels` numbers each. */
export type ObjectStyles = ReadonlyMap<number, readonly number[]>;

/** Computes images. */
export interface Engine {
  readonly info: GeneratorInfo;
  /**
   * The images of requests, in their order; inputs of one size that follow each other are computed together.
   * @param signal aborted, requests that have not been computed yet are given up.
   */
  generate(requests: readonly PlainRequest[], signal?: AbortSignal): Promise<SynthesizedImage[]>;
  /**
   * The style features of an image, object by object.
   * @param request with the image as its style.
   */
  encodeStyles(request: PlainRequest): Promise<ObjectStyles>;
  /** Frees the networks. May be called again. */
  dispose(): Promise<void>;
}
