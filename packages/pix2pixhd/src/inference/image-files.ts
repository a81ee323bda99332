/**
 * Image files that an option names, one by one or as a folder. Depends on the file system and data.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { leftOutLine, namedFew } from '../data/find/left-out.js';
import { listFolder, whyFileNotRead } from '../data/find/listing.js';
import { stemOf } from '../data/find/stems.js';
import { UserError } from '../errors.js';

/**
 * The images below a folder by their stems, or a single image.
 *
 * @param option the option that named the path, for errors.
 * @param warn called with a line that says which files are left out.
 * @param outputs folders of results and runs, which are not entered.
 * @throws UserError where there are none, or two have the same name.
 */
export function filesByStem(
  path: string,
  option: string,
  warn: (line: string) => void = () => {},
  outputs: readonly string[] = [],
): ReadonlyMap<string, string> {
  const problem = (found: string, remedy = 'check the path') =>
    new UserError({
      code: 'NO_IMAGES',
      doing: `reading ${option}`,
      where: path,
      found,
      expected: 'an image, or a folder of images',
      remedy,
    });
  if (!existsSync(path)) throw problem('no such file or folder');
  if (isFile(path)) {
    const reason = whyFileNotRead(path);
    if (reason !== undefined) throw problem(reason.found, reason.remedy);
    return new Map([[stemOf(basename(path)), path]]);
  }
  const parts = dataFoldersIn(path);
  if (parts.length > 0) {
    const meant = { '--input': /(label|A)$/, '--input-inst': /inst$/ }[option] ?? /(img|B)$/;
    const part = parts.find(name => meant.test(name)) ?? parts[0]!;
    const orWhole = option === '--input' ? `--dataroot ${path}, or ` : '';
    throw problem(
      `a data set, with ${parts.join(', ')} in it`,
      `give ${orWhole}one of its folders: ${join(path, part)}`,
    );
  }
  const { files, leftOut } = listFolder(path, 'images', outputs);
  const double = [...files.values()].find(({ length }) => length > 1);
  if (double !== undefined)
    throw problem(
      `files of the same name: ${double.map(file => relative(path, file)).join(' and ')}`,
      'rename one of them',
    );
  const first = leftOut[0];
  if (files.size === 0 && first !== undefined)
    throw problem(`a folder without a file that can be read: ${namedFew(leftOut)}`, first.remedy);
  if (files.size === 0) throw problem('a folder without images');
  const line = leftOutLine(leftOut);
  if (line !== undefined) warn(line);
  return new Map([...files].map(([stem, [file]]) => [stem, file!]));
}

/** Folders that make the one they are in a data set: its images are of several kinds, and not all of them inputs. */
function dataFoldersIn(folder: string): readonly string[] {
  const names = readdirSync(folder).sort();
  return names.filter(name => /^(train|val|test)(_?[AB]|_(label|inst|feat|img))$/.test(name));
}

/** Whether a path that exists is a file rather than a folder. */
export function isFile(path: string): boolean {
  return statSync(path).isFile();
}
