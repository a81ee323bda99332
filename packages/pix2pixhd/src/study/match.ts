/** Images of several folders that show the same scene, found by their stems. Depends on `errors.ts`. */
import { readHeader } from '../data/files/header.js';
import { UserError } from '../errors.js';

/** Files by stem, of each folder by the name that it goes by. */
export type Sources = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The scenes that every folder has. */
export interface Matched {
  /** In alphabetical order. */
  readonly stems: readonly string[];
  /** What is left out, since another folder lacks it; folders that lose nothing are not listed. */
  readonly leftOut: readonly { readonly source: string; readonly stems: readonly string[] }[];
}

/** @throws UserError where no scene is in all of them. */
export function matchStems(sources: Sources): Matched {
  const folders = [...sources];
  const everywhere = (stem: string) => folders.every(([, files]) => files.has(stem));
  const stems = [...folders[0]![1].keys()].filter(everywhere).sort();
  const leftOut = folders.flatMap(([source, files]) => {
    const alone = [...files.keys()].filter(stem => !everywhere(stem)).sort();
    return alone.length === 0 ? [] : [{ source, stems: alone }];
  });
  if (stems.length > 0) return { stems, leftOut };
  throw new UserError({
    code: 'PARTNER_MISSING',
    doing: 'looking for images of the same scenes',
    found: folders
      .map(([source, files]) => `${source}: ${files.size} images, such as ${[...files.keys()][0]}`)
      .join('; '),
    expected: 'files of the same names in all folders',
    remedy: 'give folders of results for the same inputs, and rename files that differ by more than their extension',
  });
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of every scene. All its images must have it: one that is scaled beside one that is not would be told by that.
 *
 * @throws UserError naming two files of different sizes, or one whose header cannot be read.
 */
export async function sizesOf(stems: readonly string[], sources: Sources): Promise<ReadonlyMap<string, Size>> {
  const sizes = new Map<string, Size>();
  for (const stem of stems) {
    let first: (Size & { file: string }) | undefined;
    for (const files of sources.values()) {
      const file = files.get(stem)!;
      const { width, height } = await readHeader(file);
      first ??= { width, height, file };
      if (width !== first.width || height !== first.height)
        throw new UserError({
          code: 'SIZE_MISMATCH',
          doing: 'comparing the sizes of images',
          where: file,
          found: `${width}×${height}, while ${first.file} has ${first.width}×${first.height}`,
          expected: 'one size for all images of a scene',
          remedy: 'bring the images to one size first, all in the same way',
        });
    }
    sizes.set(stem, { width: first!.width, height: first!.height });
  }
  return sizes;
}
