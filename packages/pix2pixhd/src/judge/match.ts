/** Which images are compared: those that every method and the real ones have. Depends on result-files.ts for types. */
import { basename } from 'node:path';
import { UserError } from '../errors.js';
import type { ImageFolder } from './result-files.js';

/** A method and its results. */
export interface Method {
  /** As it is printed. */
  readonly name: string;
  readonly folder: ImageFolder;
}

/** An image of every method beside the real one. */
export interface Row {
  readonly stem: string;
  readonly real: string;
  /** In the order of the methods. */
  readonly results: readonly string[];
}

/** An image that is not compared, and why. */
export interface Exclusion {
  readonly stem: string;
  /**
   * `missing`: a method lacks it. `no-real`: there is no real image of that name. `no-labels`: nor a label map, where images are
   * segmented. `unreadable`: a file is damaged.
   */
  readonly why: 'missing' | 'no-real' | 'no-labels' | 'unreadable';
  /** The methods whose image it is about; of a real image or a label map none. */
  readonly methods: readonly string[];
  /** The file, and what was found, where one cannot be read. */
  readonly file?: string;
  readonly found?: string;
}

/**
 * Matches by stem. Results without folders match real images in folders by the last part of their stem, where only one has it:
 * public programs write `frankfurt/a.png` as `a.png`.
 *
 * @throws UserError where no image is left.
 */
export function matchImages(
  real: ImageFolder,
  methods: readonly Method[],
): { readonly rows: readonly Row[]; readonly exclusions: readonly Exclusion[] } {
  const byName = onlyOnes([...real.files.keys()]);
  const placed = methods.map(({ folder }) => {
    const results = new Map<string, string>();
    const strangers: string[] = [];
    for (const [stem, file] of folder.files) {
      const match = real.files.has(stem) ? stem : stem.includes('/') ? undefined : byName.get(stem);
      if (match === undefined || results.has(match)) strangers.push(stem);
      else results.set(match, file);
    }
    return { results, strangers };
  });
  const rows: Row[] = [];
  const exclusions: Exclusion[] = [];
  for (const [stem, file] of [...real.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const results = placed.map(method => method.results.get(stem));
    const lacking = methods.filter((_, i) => results[i] === undefined).map(({ name }) => name);
    if (lacking.length === 0) rows.push({ stem, real: file, results: results as string[] });
    else exclusions.push({ stem, why: 'missing', methods: lacking });
  }
  for (const [i, { strangers }] of placed.entries())
    for (const stem of strangers) exclusions.push({ stem, why: 'no-real', methods: [methods[i]!.name] });
  if (rows.length === 0) throw nothingInCommon(real, methods);
  return { rows, exclusions };
}

/** The last part of each stem that only one has, with that stem. */
function onlyOnes(stems: readonly string[]): ReadonlyMap<string, string> {
  const byName = new Map<string, string | undefined>();
  for (const stem of stems) {
    const name = basename(stem);
    byName.set(name, byName.has(name) ? undefined : stem);
  }
  return new Map([...byName].flatMap(([name, stem]) => (stem === undefined ? [] : [[name, stem] as const])));
}

function nothingInCommon(real: ImageFolder, methods: readonly Method[]): UserError {
  const example = ({ path, files }: ImageFolder) =>
    `${files.size} in ${path}${files.size === 0 ? '' : `, such as ${[...files.keys()].sort()[0]}`}`;
  return noCounterpart('matching results with real images by name', real.path, [
    `real: ${example(real)}`,
    ...methods.map(({ name, folder }) => `${name}: ${example(folder)}`),
  ]);
}

/** The error that no image has its counterparts. */
export function noCounterpart(doing: string, where: string, found: readonly string[]): UserError {
  return new UserError({
    code: 'PARTNER_MISSING',
    ...{ doing, where, found: found.join('\n    ') },
    expected: 'images of the same names, whatever their extensions, that every method has',
    remedy: 'rename the results after the real images; leave out a method that has other images',
  });
}
