/**
 * What the condition of a network is made of: label maps, instance maps, images. Depends on the schema's types.
 */
import type { TrainConfig } from './schema.js';

/** The options that say it. */
export type InputOptions = Pick<TrainConfig, 'inputs' | 'labelNc' | 'noInstance'>;

/** And whether there are pairs. */
export type LayoutOptions = InputOptions & Pick<TrainConfig, 'model'>;

const LABEL = 'label';
const INSTANCE = 'inst';

/** The names of `--inputs`. */
export function inputNames(inputs: string): readonly string[] {
  return inputs.split(',').map(name => name.trim());
}

/**
 * The folders of input images, by the names behind the phase, in the order of their channels; undefined where nothing is said:
 * then inputs are label maps, or images in the one folder that data sets of images have.
 */
export function imageInputs({ inputs }: Pick<InputOptions, 'inputs'>): readonly string[] | undefined {
  return inputs === null ? undefined : inputNames(inputs).filter(name => name !== LABEL && name !== INSTANCE);
}

/** Whether images are part of the condition. */
export function usesImages(options: Pick<InputOptions, 'inputs' | 'labelNc'>): boolean {
  const images = imageInputs(options);
  return images === undefined ? options.labelNc === 0 : images.length > 0;
}

/** Whether the boundary map is a channel of the condition: label maps come with instance maps. */
export function usesBoundary({ inputs, labelNc, noInstance }: InputOptions): boolean {
  return inputs === null ? labelNc > 0 && !noInstance : inputNames(inputs).includes(INSTANCE);
}

/** Whether label maps are part of the condition. */
export function usesLabels(inputs: string): boolean {
  return inputNames(inputs).includes(LABEL);
}

/** The folders of a data set that such a network is trained on, as finding them takes it. */
export function layoutFor(options: LayoutOptions): {
  readonly labelNc: number;
  readonly useInstance: boolean;
  readonly images: readonly string[] | undefined;
  readonly domains: readonly ('source' | 'image')[] | undefined;
} {
  return {
    labelNc: options.labelNc,
    useInstance: usesBoundary(options),
    images: imageInputs(options),
    domains: options.model === 'cycle-gan' ? ['source', 'image'] : undefined,
  };
}
