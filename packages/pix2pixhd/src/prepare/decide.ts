/**
 * From material to a plan: what becomes of label images, how two cameras lie to each other, what is held out. Depends on the
 * other files of prepare.
 */
import type { LabelClass } from '../data/labels/classes.js';
import { UserError } from '../errors.js';
import { decideRig, loadThrough } from './align.js';
import { readCalibration } from './alignment/index.js';
import type { TransformModel } from './alignment/transform.js';
import { describeRig } from './alignment-text.js';
import { type LabelOptions, treatLabels } from './label-maps.js';
import type { FoundMaterial, MaterialOptions } from './material.js';
import type { Plan } from './prepare.js';
import type { Material, RawPair } from './raw-pair.js';
import { type SplitPair, type SplitUnit, splitPairs, unitOf } from './split.js';
import { type PlannedStep, stepOf } from './steps.js';

/** The options that decide. */
export type DecideOptions = MaterialOptions &
  LabelOptions & {
    readonly out: string;
    readonly align: 'none' | 'rig' | 'pair';
    readonly alignModel: TransformModel;
    readonly calibrationInputs: string | null;
    readonly calibrationTargets: string | null;
    readonly split: SplitUnit | 'auto';
    readonly test: number;
    readonly block: number;
    readonly seed: number;
    readonly copy: boolean;
  };

/** What was decided. */
export interface Decided {
  readonly plan: Plan;
  readonly unit: SplitUnit;
  readonly classes: readonly LabelClass[] | undefined;
  /** Sentences for people. */
  readonly told: readonly string[];
}

/**
 * Decides.
 *
 * @param unpacked what images that were taken out of files are made of.
 * @param say is told what takes a while.
 * @throws UserError where images do not tell, or options do not fit the material.
 */
export async function decide(
  options: DecideOptions,
  { material: found, steps: drawn, classes: named }: FoundMaterial,
  unpacked: string | undefined,
  say: (line: string) => void,
): Promise<Decided> {
  const labels = await treatLabels(found.pairs, options);
  const material = { ...found, pairs: labels.pairs };
  const aligned = await alignmentOf(options, material.pairs, [...drawn, ...labels.steps], say);
  const { plan, unit } = planOf(options, material, aligned.steps, {
    ...(unpacked !== undefined && { unpacked }),
    ...labels.decided,
    ...aligned.decided,
  });
  return { plan, unit, classes: named ?? labels.classes, told: [...labels.told, ...aligned.told] };
}

function planOf(
  options: DecideOptions,
  material: Material,
  steps: readonly PlannedStep[],
  decided: Readonly<Record<string, unknown>>,
): { readonly plan: Plan; readonly unit: SplitUnit } {
  const unit = options.split === 'auto' ? unitOf(material.pairs) : options.split;
  if (unit === 'group' && material.pairs.some(({ group }) => group === undefined)) throw withoutGroups();
  const { test: share, block, seed } = options;
  const pairs = withDistinctNames(splitPairs(inOrder(material.pairs), { unit, share, block, seed }));
  const split = { unit, share, seed, ...(unit === 'block' && { block }) };
  const { direction, background, overlaps } = options;
  const drawn = options.annotations === null ? {} : { annotations: { background, overlaps } };
  const decisions = { material: material.what, direction, ...drawn, ...decided, split };
  const { from, inputs, labels, targets } = options;
  const folders = [from, inputs, labels, targets].filter(folder => folder !== null);
  return { plan: { out: options.out, pairs, steps, decisions, copy: options.copy, folders }, unit };
}

/** What brings the images of two cameras over each other, and what is to be said of it. */
async function alignmentOf(
  { align, alignModel, calibrationInputs, calibrationTargets }: DecideOptions,
  pairs: readonly RawPair[],
  drawn: readonly PlannedStep[],
  say: (line: string) => void,
): Promise<{
  readonly steps: readonly PlannedStep[];
  readonly decided: Readonly<Record<string, unknown>>;
  readonly told: readonly string[];
}> {
  const steps: PlannedStep[] = [
    ...drawn,
    ...(calibrationInputs === null
      ? []
      : [{ kind: 'undistort', role: 'source', calibration: readCalibration(calibrationInputs) } as const]),
    ...(calibrationTargets === null
      ? []
      : [{ kind: 'undistort', role: 'image', calibration: readCalibration(calibrationTargets) } as const]),
  ];
  const calibrated = {
    ...(calibrationInputs && { calibrationInputs }),
    ...(calibrationTargets && { calibrationTargets }),
  };
  if (align === 'none') return { steps, decided: calibrated, told: [] };
  if (align === 'pair') {
    const decided = { ...calibrated, alignment: { align, model: alignModel } };
    return { steps: [...steps, { kind: 'pair', model: alignModel }], decided, told: [] };
  }
  say('estimating how the cameras lie to each other');
  const decision = await decideRig(pairs, loadThrough(steps.map(stepOf)), alignModel);
  const { model, transform, frame, box, rig } = decision;
  const { displacement, remaining, correlation } = rig;
  const alignment = { align, model, transform, frame, box, displacement, remaining, correlation };
  return {
    steps: [...steps, { kind: 'rig', decision }],
    decided: { ...calibrated, alignment },
    told: describeRig(decision),
  };
}

/** In the order of their names, numbers by their values: frame 9 comes before frame 10. */
function inOrder(pairs: readonly RawPair[]): readonly RawPair[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...pairs].sort((a, b) => compare(a.stem, b.stem) || (a.stem < b.stem ? -1 : 1));
}

/** Names that differ within a phase, as those of files must on systems that ignore case. */
function withDistinctNames(pairs: readonly SplitPair[]): readonly SplitPair[] {
  const taken = new Set<string>();
  return pairs.map(pair => {
    let stem = pair.stem;
    for (let n = 2; taken.has(`${pair.phase}/${stem.toLowerCase()}`); n++) stem = `${pair.stem}-${n}`;
    taken.add(`${pair.phase}/${stem.toLowerCase()}`);
    return stem === pair.stem ? pair : { ...pair, stem };
  });
}

function withoutGroups(): UserError {
  return new UserError({
    code: 'BAD_OPTION',
    doing: 'splitting the pairs',
    where: '--split group',
    found: 'material without groups',
    expected: 'sequences, cities or subjects that pairs belong to',
    remedy: "say what of a name tells its group: --group '^(\\w+)_\\d+'; or give --split block",
  });
}
