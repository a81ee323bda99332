/** Counts what is left out, and sees that no image is there twice. Depends on `field.ts`. */
import type { Notice } from './annotations.js';
import { faultIn, type SourceFile } from './field.js';

/** How many there are of each kind. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** In the order of their first appearance. */
  notices(): Notice[] {
    return [...this.#counts].map(([kind, count]) => ({ kind, count }));
  }
}

/** Names of images that must differ, with the place of each. */
export class ImageNames {
  readonly #places = new Map<string, string>();

  /** @throws UserError where the name has been there. */
  add(image: string, source: SourceFile, place: string): void {
    const before = this.#places.get(image);
    if (before !== undefined)
      throw faultIn(source, place, `the image ${image}, as in ${before}`, 'every image once', {
        code: 'DUPLICATE_NAME',
        remedy: 'remove one of the two, or merge their shapes',
      });
    this.#places.set(image, place === '' ? source.path : place);
  }
}

/** Names sorted by their characters' codes: the order that does not depend on files or language. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
