/**
 * The one walk through a user's folder: its files, with links followed and systems' litter skipped, whatever they contain.
 * Depends on the file system.
 */
import { type Dirent, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { reasonOf, UserError } from '../../errors.js';

/** What a walk found, in a fixed order. */
export interface Walked {
  /** Files, and links to files, by their paths. */
  readonly files: readonly string[];
  /** What can be neither read nor entered, and why: broken links, links to a folder that contains them, pipes. */
  readonly others: readonly Other[];
}

/** Something in a folder that can be neither read nor entered. */
export interface Other {
  readonly path: string;
  readonly kind: 'broken-link' | 'link-back' | 'special' | 'own-output';
  /** What it is, in words. */
  readonly found: string;
}

/** Left behind by operating systems and tools: thumbnails, settings, resource forks, recovered files. */
const LITTER = new Set([
  ...['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx', '@eadir', '$recycle.bin'],
  ...['system volume information', 'lost+found'],
]);

/** Whether a user did not put a file of this name there: a dot file (`.DS_Store`, `._a.png`), or a system's litter. */
export function isLitter(name: string): boolean {
  return name.startsWith('.') || LITTER.has(name.toLowerCase());
}

/**
 * Every file below a folder. Sub-folders are entered, and so are links to folders, as data sets are often linked into
 * place; a link to a folder that contains it is not.
 *
 * @param outputs folders for results, which are not entered.
 * @throws UserError where a folder cannot be listed.
 */
export function walkFolder(folder: string, outputs: readonly string[] = []): Walked {
  const walk = new Walk(outputs);
  walk.enter(folder, [realOf(folder)], false);
  return { files: walk.files, others: walk.others };
}

class Walk {
  readonly files: string[] = [];
  readonly others: Other[] = [];
  readonly #outputs: ReadonlySet<string>;
  /** Real paths of all folders entered. */
  readonly #entered = new Set<string>();

  constructor(outputs: readonly string[]) {
    this.#outputs = new Set(outputs.flatMap(path => tryReal(path) ?? []));
  }

  /**
   * @param within real paths of the folder and of those it was reached through.
   * @param linked whether one of them was reached by a link.
   */
  enter(folder: string, within: readonly string[], linked: boolean): void {
    const real = within.at(-1)!;
    this.#entered.add(real);
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isFile()) this.files.push(path);
      else if (entry.isDirectory()) this.#enterUnlessOurs(path, [...within, join(real, entry.name)], linked);
      else if (entry.isSymbolicLink()) this.#follow(path, within, linked);
      else this.#special(path);
    }
  }

  #enterUnlessOurs(path: string, within: readonly string[], linked: boolean): void {
    if (!this.#outputs.has(within.at(-1)!)) this.enter(path, within, linked);
    else this.others.push({ path, kind: 'own-output', found: 'a folder for results' });
  }

  #follow(path: string, within: readonly string[], linked: boolean): void {
    const target = statOf(path);
    if (typeof target === 'string') {
      this.others.push({ path, kind: 'broken-link', found: `a link to ${readlinkSync(path)}, ${target}` });
    } else if (target.isFile()) this.files.push(path);
    else if (!target.isDirectory()) this.#special(path);
    else {
      const real = realOf(path);
      const back = within.some(inside => inside === real || inside.startsWith(withSeparator(real)));
      // Within a linked folder each folder is entered once: folders that link to one another would take forever.
      if (!back && !(linked && this.#entered.has(real))) this.#enterUnlessOurs(path, [...within, real], true);
      else {
        const found = back
          ? `a link back to ${real}, which contains it`
          : `a link to ${real}, which was searched already`;
        this.others.push({ path, kind: 'link-back', found });
      }
    }
  }

  #special(path: string): void {
    this.others.push({ path, kind: 'special', found: 'a pipe, socket or device' });
  }
}

/** What a user put into a folder, sorted by name as UTF-16. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !isLitter(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw cannotList(folder, cause);
  }
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (cause) {
    throw cannotList(folder, cause);
  }
}

function tryReal(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function statOf(path: string): (ReturnType<typeof statSync> & object) | string {
  try {
    return statSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ELOOP') return 'which leads back to itself';
    return code === 'EACCES' ? 'which you may not read' : 'which does not exist';
  }
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}

function cannotList(folder: string, cause: unknown): UserError {
  return new UserError(
    {
      code: 'FILE_SYSTEM',
      doing: 'listing a data folder',
      where: folder,
      found: reasonOf(cause),
      expected: 'a folder that can be read',
      remedy: 'check that it is a folder and that you may read it',
    },
    { cause },
  );
}
