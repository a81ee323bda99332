/** File names to stems, the names by which images of one scene find each other. Depends on nothing. */
import { sep } from 'node:path';

/**
 * Endings that tell what an image shows rather than of which scene: Cityscapes' own, and the names of the data
 * folders used as suffixes. Longest first, so that the whole of one is removed.
 */
const ROLE_SUFFIXES: readonly string[] = [
  ...['gtFine', 'gtCoarse'].flatMap(source =>
    ['labelIds', 'labelTrainIds', 'instanceIds', 'instanceTrainIds', 'color'].map(kind => `_${source}_${kind}`),
  ),
  '_leftImg8bit',
  '_rightImg8bit',
  '_labelIds',
  '_instanceIds',
  '_label',
  '_inst',
  '_img',
].sort((a, b) => b.length - a.length);

/**
 * The stem of a path relative to its data folder: extension and at most one role suffix removed, folders kept with `/`,
 * accents composed (Unicode's NFC): macOS has stored `é` as `e` and an accent, other systems store one character.
 *
 * @example stemOf('aachen_000000_000019_gtFine_labelIds.png') // 'aachen_000000_000019'
 */
export function stemOf(relativePath: string): string {
  const path = relativePath.replaceAll(sep, '/').normalize('NFC');
  const dot = path.lastIndexOf('.');
  const bare = dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path;
  const suffix = ROLE_SUFFIXES.find(s => bare.endsWith(s) && bare.length > s.length && !bare.endsWith(`/${s}`));
  return suffix === undefined ? bare : bare.slice(0, -suffix.length);
}
