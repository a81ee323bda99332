/** What is asked of a generator: the input, its instance map, the styles of its objects. Types only. */
import type { ImageInput, Pixels } from '../input/image-input.js';
import type { StyleChoicesInput } from '../scene/index.js';

/**
 * How the objects of an image look, for networks with styles:
 *
 * - `{ seed }` draws one of the styles of its class for every object, the same for the same seed and instance id, as `pix2pixhd` does;
 * - `{ cluster }` takes that style of every class, counted from 0, the most frequent;
 * - `'mean'` takes the mean of every class;
 * - `{ image }` takes the styles of an image of the input's size, object by object: of generators that were loaded with an encoder;
 * - `{ choices }` says it for classes and objects: a JSON file, or the same as an object.
 */
export type StyleInput =
  | 'mean'
  | { readonly seed: number }
  | { readonly cluster: number }
  | { readonly image: ImageInput }
  | { readonly choices: string | URL | StyleChoicesInput; readonly seed?: number };

/** What an image is made with, besides its input. */
export interface GenerateOptions {
  /** The instance map of a label map: an id per pixel. Needed where `info.needsInstances` says so. */
  readonly instances?: ImageInput | undefined;
  /** Networks with styles only. Default: `{ seed: 0 }`. */
  readonly style?: StyleInput | undefined;
  /** In place of `style`, the style features themselves: `info.styles.channels` floating-point values a pixel, of the input's size. */
  readonly features?: Pixels | undefined;
  /** Networks with noise only (`info.noise`): another seed gives another image. Default: 0. */
  readonly noiseSeed?: number | undefined;
  /** Aborted, the promise rejects with the signal's reason; an image that is being computed is finished, and dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** One image to make: its input is the label map, or of networks without label maps an image. */
export type GenerateRequest = GenerateOptions & ({ readonly input: ImageInput } | { readonly label: ImageInput });

/** What lies over the image whose styles are taken. */
export interface EncodeStylesOptions extends Pick<GenerateOptions, 'instances' | 'signal'> {
  /** The label map, or the image of a network without label maps. */
  readonly input: ImageInput;
}
