/**
 * Keeps a command from overwriting files that are not its own: its inputs, under any name, and any file that this
 * program did not make. Depends on the file system, `own-files.ts` and `errors.ts`.
 */
import { existsSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';
import { makeFolder } from './make-folder.js';
import { isMarked } from './own-files.js';

/** What is being written, and what it was made from. */
export interface Writing {
  /** For errors: "writing the generated images". */
  readonly doing: string;
  /** For errors, what to do: "give --out another folder". */
  readonly elsewhere: string;
  /** Files that are read. */
  readonly inputs: Iterable<string>;
  /** Folders whose files are all read: nothing may be written there, since the next run would take it for an input. */
  readonly inputFolders?: Iterable<string>;
  /**
   * Whether existing files are replaced although this program did not make them (`--force`); undefined if the command has
   * no such option. Inputs are never replaced.
   */
  readonly force?: boolean;
  /** Whether this program made a file that exists; default: it has the mark, and is as it was written. */
  readonly isOurs?: (file: string) => boolean;
}

const shown = 5;

/** Decides which files may be written, and writes them. */
export class OutputGuard {
  readonly #writing: Writing;
  readonly #inputs: ReadonlyMap<string, string>;
  readonly #folders: ReadonlyMap<string, string>;
  /** Files written so far, by identity. */
  readonly #written = new Map<string, string>();

  constructor(writing: Writing) {
    this.#writing = writing;
    this.#inputs = byIdentity(writing.inputs);
    this.#folders = byIdentity(writing.inputFolders ?? []);
  }

  /**
   * Checks all files to be written before the first one is.
   *
   * @throws UserError if one is an input or in a folder of inputs, two are the same file, or one exists that this program
   *   did not make.
   */
  checkAll(files: readonly string[]): void {
    for (const folder of new Set(files.map(file => dirname(resolve(file))))) this.#checkFolder(folder);
    const seen = new Set<string>();
    for (const file of files) {
      if (seen.has(resolve(file))) throw this.#refusal(file, 'two inputs with the same name', 'one name per input');
      seen.add(resolve(file));
      this.#checkInput(file);
    }
    if (this.#writing.force) return;
    const foreign = files.filter(file => this.#isForeign(file));
    if (foreign.length === 0) return;
    const names = foreign.slice(0, shown).map(file => `\n    ${file}`);
    throw this.#refusal(
      dirname(foreign[0]!),
      `${foreign.length} existing file(s) that pix2pixhd did not make, or that were changed since:${names.join('')}${foreign.length > shown ? '\n    …' : ''}`,
      'nothing, or earlier results',
      this.#writing.force === undefined ? 'remove these files' : 'give --force to replace them',
    );
  }

  /**
   * Writes a file atomically; its folder is created.
   *
   * @throws UserError as {@link checkAll} does, also if two names turn out to be one file; what the file system throws.
   */
  write(file: string, content: string | Uint8Array): void {
    this.claim(file);
    makeFolder(dirname(file));
    writeFileAtomic(file, content);
    this.#written.set(identityOf(file)!, file);
  }

  /** Checks one file that other code is about to write. @throws UserError as {@link write} does. */
  claim(file: string): void {
    const identity = identityOf(file);
    if (identity === undefined) return;
    this.#checkInput(file);
    const other = this.#written.get(identity);
    // On a file system that ignores case, a.png and A.png are one file.
    if (other !== undefined)
      throw this.#refusal(file, `the file just written as ${basename(other)}`, 'one name per file');
    if (!this.#writing.force && this.#isForeign(file))
      throw this.#refusal(file, 'a file that pix2pixhd did not make', 'nothing, or an earlier result');
  }

  #checkInput(file: string): void {
    const input = this.#inputs.get(identityOf(file) ?? '');
    if (input === undefined) return;
    throw this.#refusal(
      file,
      resolve(input) === resolve(file)
        ? 'one of the inputs, which would be overwritten'
        : `the input ${input} under another name`,
      'an output file elsewhere',
    );
  }

  #checkFolder(folder: string): void {
    const input = this.#folders.get(identityOf(folder) ?? '');
    if (input === undefined) return;
    throw this.#refusal(
      folder,
      resolve(input) === folder ? 'a folder of the inputs' : `the folder of the inputs ${input} under another name`,
      'another folder: the next run would take the output for an input',
    );
  }

  /** Whether the path exists and is not known to be made by this program. A link is the user's own, wherever it points. */
  #isForeign(file: string): boolean {
    let there: Stats | undefined;
    try {
      there = lstatSync(file, { throwIfNoEntry: false });
    } catch {
      // Part of the path is a file, or not readable: writing will report that.
    }
    const { isOurs = isMarked } = this.#writing;
    return there !== undefined && !(there.isFile() && isOurs(file));
  }

  #refusal(where: string, found: string, expected: string, further?: string): UserError {
    const { doing, elsewhere } = this.#writing;
    return new UserError({
      code: 'OUTPUT_REFUSED',
      doing,
      where,
      found,
      expected,
      remedy: further === undefined ? elsewhere : `${elsewhere}, or ${further}`,
    });
  }
}

/** Whether a path is in a folder, or is that folder, after resolving links and `..`. The path need not exist yet. */
export function liesIn(path: string, folder: string): boolean {
  const target = identityOf(folder);
  if (target === undefined) return false;
  let at = resolveLinks(path);
  for (;;) {
    if (identityOf(at) === target) return true;
    const parent = dirname(at);
    if (parent === at) return false;
    at = parent;
  }
}

/** A path without links and `..`; its end need not exist yet. */
function resolveLinks(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : join(resolveLinks(parent), basename(whole));
}

/** What identifies a file to the file system, following links; `undefined` if there is no file. */
function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    return found && `${found.dev}:${found.ino}`;
  } catch {
    return undefined;
  }
}

function byIdentity(paths: Iterable<string>): Map<string, string> {
  return new Map([...paths].flatMap(path => [identityOf(path)].flatMap(id => (id === undefined ? [] : [[id, path]]))));
}
