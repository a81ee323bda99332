/**
 * The transform between two cameras, coarse to fine: a search on the smallest images, then refinement on larger ones. Depends on
 * levels.ts, search.ts, refine.ts and transform.ts.
 */
import { buildLevels, type Level, type Pair } from './levels.js';
import { type Refined, refine } from './refine.js';
import { type SearchRange, search } from './search.js';
import { magnification, rescaled, type Transform, type TransformModel, transformModels } from './transform.js';

/** What is looked for. */
export interface EstimateSettings {
  readonly model: TransformModel;
  /** Where to begin, from A's pixels to B's. */
  readonly start: Transform;
  readonly range: SearchRange;
  /** The longer side of A on the finest level, in pixels. */
  readonly side: number;
}

/** What was found, on the finest level. */
export interface Estimate {
  /** From A's pixels to B's. */
  readonly transform: Transform;
  readonly refined: Refined;
  readonly level: Level;
}

/** How many of the search's results are refined. */
const CANDIDATES = 4;
/** Steps at most, per level. */
const ITERATIONS = 20;
/** The longest side of A that is searched. */
const SEARCH_SIDE = 80;

/** The transform, or undefined where there is nothing to go by. */
export function estimate(
  pairs: readonly Pair[],
  { model, start, range, side }: EstimateSettings,
): Estimate | undefined {
  const { a } = pairs[0]!;
  const startScale = magnification(start, { x: a.width / 2, y: a.height / 2 });
  const levels = buildLevels(pairs, sidesUpTo(Math.min(side, Math.max(a.width, a.height))), startScale);
  const searched = levels[0]!;
  const searchModel = modelAt(model, 0, levels.length);
  const reach = searchModel === 'shift' ? { ...range, scale: 1, degrees: 0 } : range;
  const candidates = search(searched, atLevel(start, searched), reach, CANDIDATES);
  const equal = pairs.map(() => 1);
  let best: Refined | undefined;
  for (const candidate of candidates) {
    const refined = refine(searched, candidate, searchModel, ITERATIONS, equal);
    if (refined !== undefined && refined.correlation > (best?.correlation ?? 0)) best = refined;
  }
  if (best === undefined) return undefined;
  let level = searched;
  for (const [k, finer] of levels.entries()) {
    if (k === 0) continue;
    const from = atLevel(fromLevel(best.transform, level), finer);
    const refined: Refined | undefined = refine(
      finer,
      from,
      modelAt(model, k, levels.length),
      ITERATIONS,
      best.weights,
    );
    if (refined === undefined) return undefined;
    [best, level] = [refined, finer];
  }
  return { transform: fromLevel(best.transform, level), refined: best, level };
}

/** The same transform between a level's images. */
export function atLevel(transform: Transform, { scaleA, scaleB }: Level): Transform {
  return rescaled(transform, scaleA, scaleB);
}

/** A level's transform between the images themselves. */
function fromLevel(transform: Transform, { scaleA, scaleB }: Level): Transform {
  return rescaled(transform, { x: 1 / scaleA.x, y: 1 / scaleA.y }, { x: 1 / scaleB.x, y: 1 / scaleB.y });
}

function sidesUpTo(side: number): readonly number[] {
  const sides = [side];
  while (sides[0]! > SEARCH_SIDE) sides.unshift(Math.max(SEARCH_SIDE, Math.round(sides[0]! / 2)));
  return sides;
}

/** Small images carry few parameters: similarity first, affine then, everything at last. */
function modelAt(model: TransformModel, level: number, levels: number): TransformModel {
  const allowed = level === levels - 1 ? 3 : level + 1;
  return transformModels[Math.min(transformModels.indexOf(model), allowed)]!;
}
