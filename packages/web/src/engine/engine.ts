/** What computes the images of a loaded generator, in this thread or in another. Types only. */
import type { ReadImage } from '../input/images.js';
import type { ModelFacts } from '../model/metadata.js';
import type { Device } from '../runtime/runtime.js';
import type { StyleChoices } from '../scene/index.js';

/** A style that is read: choices from the style book, or the image whose styles are taken. */
export type ReadStyle =
  | { readonly choices: StyleChoices; readonly seed: number }
  | { readonly image: ReadImage }
  /** (F, H, W). */
  | { readonly planes: Float32Array };

/** One image to make, read and checked, in a form that survives a structured clone. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Class ids, (H, W). */
  readonly label?: Int32Array;
  /** Instance ids, (H, W). */
  readonly instance?: Int32Array;
  readonly image?: ReadImage;
  readonly style?: ReadStyle;
  /** Of networks with noise. */
  readonly noiseSeed?: number;
}

/** A network's result: (H, W, C), in depth and unit of the images that it was trained on. */
export interface Result {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** Style features by instance id, or of networks with styles per class by class. */
export type ObjectStyles = ReadonlyMap<number, readonly number[]>;

/** What is loaded, and where it computes. */
export interface EngineInfo {
  /** The address of the model, its path, or `the model` where its bytes were given. */
  readonly file: string;
  readonly facts: ModelFacts;
  /** What its encoder reads; null where none was given. */
  readonly encoder: ModelFacts | null;
  readonly device: Device;
  readonly threads: number;
}

/** Computes images. */
export interface Engine {
  readonly info: EngineInfo;
  /** @param signal aborted, what has not begun yet is given up. */
  generate(scene: Scene, signal?: AbortSignal): Promise<Result>;
  /** The style features of the image of a scene's style, object by object. */
  encodeStyles(scene: Scene, signal?: AbortSignal): Promise<ObjectStyles>;
  dispose(): Promise<void>;
}
