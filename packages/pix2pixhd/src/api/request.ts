/**
 * What is asked of a generator: the input, its instance map, the styles of its objects. Depends on image-input.ts and types.
 */
import type { StyleChoicesInput as SceneChoices } from '@pix2pixhd/web/scene';
import { type ImageInput, type Pixels, type PlainInput, plainInput } from './image-input.js';

/** Styles by class and by instance id; one for an instance takes precedence over one for its class. */
export type StyleChoicesInput = SceneChoices;

/**
 * How the objects of an image look, for networks with styles:
 *
 * - `{ seed }` draws one of the styles of its class for every object, the same for the same seed and instance id;
 * - `{ cluster }` takes that style of every class, counted from 0, the most frequent;
 * - `'mean'` takes the mean of every class;
 * - `{ image }` takes the styles of an image of the input's size, object by object;
 * - `{ choices }` says it for classes and objects: a JSON file (docs/styles.md) or the same as an object.
 *
 * All but `{ image }` need the styles that `encode` stores in the checkpoint.
 */
export type StyleInput =
  | 'mean'
  | { readonly seed: number }
  | { readonly cluster: number }
  | { readonly image: ImageInput }
  | { readonly choices: string | StyleChoicesInput; readonly seed?: number };

/** What {@link LoadedGenerator.generate} makes an image with, besides its input. */
export interface GenerateOptions {
  /** The instance map of a label map: an id per pixel. Needed where `info.needsInstances` says so. */
  readonly instances?: ImageInput | undefined;
  /** Networks with styles only. Default: `{ seed: 0 }`. */
  readonly style?: StyleInput | undefined;
  /**
   * In place of `style`, the style features themselves: a `.npy` file of float32 (featNum, H, W), as `pix2pixhd encode
   * --write-features` writes it, or floating-point {@link Pixels} of as many channels. Of the input's size.
   */
  readonly features?: string | Pixels | undefined;
  /** Aborted, the promise rejects with the signal's reason; an image that is being computed is finished, and dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** A label map and all that belongs to it in one object, as `@pix2pixhd/web` takes it too. */
export interface LabelledScene extends GenerateOptions {
  /** The label map. */
  readonly label: ImageInput;
}

/** One image of many. */
export interface GenerateRequest extends Omit<GenerateOptions, 'signal'> {
  /** The label map, or the source image of a network without label maps. */
  readonly input: ImageInput;
}

/** What lies over the image whose styles {@link LoadedGenerator.encodeStyles} takes. */
export interface EncodeStylesOptions extends Pick<GenerateRequest, 'input' | 'instances'> {
  /** Aborted, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A request in a form that survives a structured clone. */
export interface PlainRequest {
  readonly input: PlainInput;
  readonly instances?: PlainInput;
  readonly style?: PlainStyle;
  readonly features?: string | Pixels;
}

/** A {@link StyleInput} in its plain form. */
export type PlainStyle = Exclude<StyleInput, { image: ImageInput }> | { readonly image: PlainInput };

/**
 * Brings a request into its plain form.
 * @throws UserError where a file does not exist; TypeError where an input is none of the kinds.
 */
export async function plainRequest({ input, instances, style, features }: GenerateRequest): Promise<PlainRequest> {
  const [main, ids, styled] = await Promise.all([
    plainInput(input, 'the input'),
    instances === undefined ? undefined : plainInput(instances, 'the instance map'),
    style === undefined ? undefined : plainStyle(style),
  ]);
  return {
    input: main,
    ...(ids !== undefined && { instances: ids }),
    ...(styled !== undefined && { style: styled }),
    ...(features !== undefined && { features }),
  };
}

async function plainStyle(style: StyleInput): Promise<PlainStyle> {
  return style !== 'mean' && 'image' in style
    ? { image: await plainInput(style.image, 'the image of the style') }
    : style;
}
