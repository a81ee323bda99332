/**
 * Which value of a label map stands for which class. Depends on the label value that means "no class".
 */
import { IGNORE_LABEL } from '../../data/labels/values.js';

/** What pixels are that no shape covers: a class of its own with the value 0, or without a class (255). */
export type Background = 'class' | 'ignore';

/** A class of label maps. */
export interface LabelId {
  /** The value in label maps. */
  readonly id: number;
  readonly name: string;
}

/** The name of the class of pixels that no shape covers; annotations may have a class of that name, which is then the same. */
export const BACKGROUND_NAME = 'background';

/**
 * The values of label maps: the background is 0 where it is a class, then come the classes in their order. 255 stands for
 * no class, whatever their number.
 */
export function labelIds(classes: readonly string[], background: Background = 'class'): LabelId[] {
  const names =
    background === 'class' ? [BACKGROUND_NAME, ...classes.filter(name => name !== BACKGROUND_NAME)] : classes;
  return names.map((name, i) => ({ id: i < IGNORE_LABEL ? i : i + 1, name }));
}
