/**
 * The material that options name, or that a folder turns out to be. Depends on the sources.
 */
import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { READABLE_EXTENSIONS, READABLE_FORMATS_LISTED } from '../data/files/extensions.js';
import { whyFileNotRead } from '../data/find/listing.js';
import { stemOf } from '../data/find/stems.js';
import type { LabelClass } from '../data/labels/classes.js';
import { UsageError, UserError } from '../errors.js';
import { type AnnotatedOptions, annotatedMaterial } from './annotated.js';
import type { Step } from './make.js';
import type { Material, PartRole, RawPair } from './raw-pair.js';
import { type Panels, readComposites, recogniseComposites } from './sources/composites.js';
import { LAYOUTS, namedFiles, readLayout, recogniseLayout } from './sources/layouts.js';
import { matchNames, type NamedFile } from './sources/match.js';
import { isRadiometric } from './sources/radiometric.js';
import { matchTimes } from './sources/times.js';

/** The options that say what the material is. */
export interface MaterialOptions {
  readonly annotations: string | null;
  readonly annotationFormat: AnnotatedOptions['format'];
  readonly background: AnnotatedOptions['background'];
  readonly overlaps: AnnotatedOptions['order'];
  readonly from: string | null;
  readonly kind: 'auto' | 'composite' | 'pairs' | 'radiometric' | 'cityscapes' | 'kaist' | 'llvip' | 'flir';
  readonly inputs: string | null;
  readonly targets: string | null;
  readonly labels: string | null;
  readonly instances: string | null;
  readonly pairInputs: string | null;
  readonly pairTargets: string | null;
  readonly pairTimes: number | null;
  readonly panels: number | null;
  readonly stacked: boolean;
  readonly direction: 'AtoB' | 'BtoA';
  readonly group: string | null;
}

/** What is to be prepared. */
export interface FoundMaterial {
  readonly material: Material;
  /** What is done to its pairs. */
  readonly steps: readonly Step[];
  /** The classes of its label maps, where they are known. */
  readonly classes?: readonly LabelClass[];
}

const DOING = 'looking at the material';

/**
 * Finds the pairs.
 *
 * @throws UserError where there are none, or the folder is nothing that is known.
 */
export async function findMaterial(options: MaterialOptions): Promise<FoundMaterial> {
  const { material: found, ...others } = await materialOf(options);
  const material = options.direction === 'BtoA' ? exchanged(found) : found;
  const grouped = options.group === null ? material : regrouped(material, ruleOf('--group', options.group));
  if (grouped.pairs.length > 0)
    return { ...others, material: { ...grouped, pairs: grouped.pairs.map(withVisibleName) } };
  const [first] = grouped.leftOut;
  throw new UserError({
    code: 'NO_IMAGES',
    doing: DOING,
    where: options.from ?? options.inputs ?? options.labels ?? '--inputs',
    found: first === undefined ? `${grouped.what}, but no pairs` : `no pairs: ${first.file} ${first.why}`,
    expected: 'files that belong together',
    remedy: 'give --pair-inputs and --pair-targets, which say what their names have in common, or --pair-times',
  });
}

async function materialOf(options: MaterialOptions): Promise<FoundMaterial> {
  const { from, kind, inputs, labels, targets } = options;
  if (inputs !== null || labels !== null || targets !== null || kind === 'pairs') {
    if (from !== null) throw bothNamed(from);
    return { material: twoFolders(options), steps: [] };
  }
  if (from === null)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing the material',
      found: 'no material',
      expected: 'a folder, or --inputs and --targets',
      remedy: 'pix2pixhd prepare FOLDER --out FOLDER',
    });
  const files = imagesIn(from);
  if (options.annotations !== null) {
    const { annotationFormat: format, background, overlaps: order } = options;
    const { step, ...rest } = await annotatedMaterial(files, options.annotations, { format, background, order });
    return { ...rest, steps: [step] };
  }
  const layout = kind === 'auto' ? recogniseLayout(files) : LAYOUTS.find(({ name }) => name === kind);
  if (layout !== undefined) {
    const { classes } = layout;
    return { material: readLayout(files, layout), steps: [], ...(classes && { classes }) };
  }
  if (files.length === 0)
    throw new UserError({
      code: 'NO_IMAGES',
      doing: DOING,
      where: from,
      found: 'no images',
      expected: 'a folder with images, also in folders below it',
      remedy: 'check the path',
    });
  const panels = await panelsOf(files, options);
  if (panels !== undefined) return { material: readComposites(files, panels, 0, panels.of - 1), steps: [] };
  throw new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: DOING,
    where: from,
    found: `${files.length} images, neither in folders that are known nor several in one file`,
    expected: `composites, or the folders of ${LAYOUTS.map(({ what }) => what).join(', ')}`,
    remedy:
      'name the two folders: --inputs FOLDER --targets FOLDER; or say --panels 2 where files hold two images each',
  });
}

function bothNamed(from: string): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'choosing the material',
    where: from,
    found: 'a folder, and also --inputs, --labels or --targets',
    expected: 'one of them',
    remedy: 'leave the folder out, or these options',
  });
}

async function panelsOf(files: readonly NamedFile[], options: MaterialOptions): Promise<Panels | undefined> {
  if (options.panels !== null) return { of: options.panels, stacked: options.stacked };
  if (options.kind === 'composite') return (await recogniseComposites(files)) ?? { of: 2, stacked: options.stacked };
  return recogniseComposites(files);
}

function twoFolders(options: MaterialOptions): Material {
  const { inputs, targets, labels, instances, pairInputs, pairTargets, pairTimes } = options;
  const first = labels ?? inputs;
  if (first === null || targets === null || (labels !== null && inputs !== null))
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing the material',
      where: first === null ? '--inputs' : '--targets',
      found: labels !== null && inputs !== null ? '--inputs and --labels' : 'one folder',
      expected: 'two: --inputs and --targets, or --labels and --targets',
      remedy: 'name the folder of the inputs and that of the targets',
    });
  const role: PartRole = labels === null ? 'source' : 'label';
  const files: Partial<Record<PartRole, readonly NamedFile[]>> = {
    [role]: imagesIn(first),
    image: imagesIn(targets),
    ...(instances !== null && { instance: imagesIn(instances) }),
  };
  if (pairTimes !== null && instances !== null)
    throw new UsageError({
      code: 'OPTION_CONFLICT',
      doing: 'pairing frames by their times',
      where: '--instances',
      found: '--pair-times and instance maps',
      expected: 'one of them: instance maps have the names of their label maps',
      remedy: 'pair by names: --pair-inputs and --pair-targets',
    });
  if (pairTimes !== null) return byTimes(files[role]!, files.image!, pairTimes, role);
  const plain = pairInputs === null && pairTargets === null;
  const rules: Partial<Record<PartRole, RegExp | null>> = {
    [role]: pairInputs === null ? null : ruleOf('--pair-inputs', pairInputs),
    image: pairTargets === null ? null : ruleOf('--pair-targets', pairTargets),
    ...(instances !== null && { instance: pairInputs === null ? null : ruleOf('--pair-inputs', pairInputs) }),
  };
  const what = plain ? 'two folders, paired by name' : 'two folders, paired by rules for their names';
  // Without a rule a file is called by its stem, as in a data set.
  const named = Object.fromEntries(
    Object.entries(files).map(([of, list]) => [
      of,
      rules[of as PartRole] === null ? list!.map(({ file, name }) => ({ file, name: stemOf(name) })) : list!,
    ]),
  );
  const filled = Object.fromEntries(Object.entries(rules).map(([of, rule]) => [of, rule ?? /^(.+)$/]));
  return matchNames(named, filled, what);
}

function byTimes(
  inputs: readonly NamedFile[],
  targets: readonly NamedFile[],
  tolerance: number,
  role: PartRole,
): Material {
  try {
    return matchTimes(inputs, targets, tolerance, role);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UserError({
      code: 'FILE_UNREADABLE',
      doing: 'pairing frames by their times',
      where: cause.message,
      found: 'a name without a time stamp',
      expected: 'a date with a time (20240131_235959.123), or seconds, milli-, micro- or nanoseconds since 1970',
      remedy: 'rename the files, or pair them by name with --pair-inputs and --pair-targets',
    });
  }
}

/** The radiometric files of a folder, where it has such and nothing else was asked for. */
export function radiometricFiles({ from, kind, annotations }: MaterialOptions): readonly NamedFile[] | undefined {
  if (from === null || annotations !== null || (kind !== 'auto' && kind !== 'radiometric')) return undefined;
  if (!existsSync(from) || !statSync(from).isDirectory()) return undefined;
  const files = imagesIn(from);
  return files[0] !== undefined && (kind === 'radiometric' || isRadiometric(files[0].file)) ? files : undefined;
}

/** The images of a folder. @throws UserError where there is no such folder, or all of its images are of formats that are not read. */
function imagesIn(folder: string): readonly NamedFile[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UserError({
      code: 'DATASET_NOT_FOUND',
      doing: DOING,
      where: folder,
      found: existsSync(folder) ? 'a file' : 'no such folder',
      expected: 'a folder',
      remedy: 'check the path',
    });
  const files = namedFiles(folder);
  const images = files.filter(({ name }) => READABLE_EXTENSIONS.includes(extname(name).toLowerCase()));
  if (images.length > 0) return images;
  for (const { file } of files) {
    const why = whyFileNotRead(file);
    if (why !== undefined)
      throw new UserError({
        code: 'NO_IMAGES',
        doing: DOING,
        where: file,
        found: why.found,
        expected: `${READABLE_FORMATS_LISTED} files`,
        remedy: why.remedy,
      });
  }
  return images;
}

function ruleOf(option: string, text: string): RegExp {
  const problem = (found: string) =>
    new UsageError({
      code: 'BAD_OPTION',
      doing: 'reading a rule for names',
      where: option,
      found,
      expected: 'a regular expression with at least one group: ir_(\\d+)',
      remedy: 'put parentheses around what the names of partners have in common',
    });
  let rule: RegExp;
  try {
    rule = new RegExp(text);
  } catch (cause) {
    throw problem((cause as Error).message);
  }
  // An alternative that always matches shows how many groups there are.
  if (new RegExp(`${text}|`).exec('')!.length < 2) throw problem(`${text}, which has no group`);
  return rule;
}

function exchanged(material: Material): Material {
  const pairs = material.pairs.map(pair => {
    const { source, image, ...others } = pair.parts;
    return { ...pair, parts: { ...others, ...(image && { source: image }), ...(source && { image: source }) } };
  });
  return { ...material, pairs };
}

function regrouped(material: Material, rule: RegExp): Material {
  const pairs = material.pairs.map(pair => {
    const match = rule.exec(pair.stem);
    if (match === null)
      throw new UsageError({
        code: 'BAD_OPTION',
        doing: 'telling the groups of pairs',
        where: '--group',
        found: `${rule.source}, which does not match ${pair.stem}`,
        expected: 'a rule that every name matches',
        remedy: 'correct the rule',
      });
    return { ...pair, group: match.slice(1).join('/') };
  });
  return { ...material, pairs };
}

/** A name of which no part begins with a dot: such files are hidden, and not read. */
function withVisibleName(pair: RawPair): RawPair {
  const stem = pair.stem
    .split('/')
    .map(part => part.replace(/^\.+/, '') || '_')
    .join('/');
  return stem === pair.stem ? pair : { ...pair, stem };
}
