/**
 * Coarse to fine within a budget: each width gets an equal part of it, since the stages of `--stages` end by steps. Depends on
 * nothing.
 */

/** What each run may use. */
export type Budget = { readonly steps: number } | { readonly minutes: number };

/** The share of a width's steps in which a new enhancer is trained alone, as `--stages` has it by itself. */
const ALONE = 0.1;
/** The last stage is ended by the budget. */
const UNTIL_THE_END = 1_000_000_000;

/** Whether stages say themselves when each of them ends. */
export function haveLengths(stages: string): boolean {
  return /:(steps|epochs)=/.test(stages);
}

/**
 * The stages with the steps of each width: of a budget of steps an equal number; of minutes as many as an equal time allows by
 * the pace that was measured, where the last width goes on until the minutes are over.
 *
 * @param stages widths with settings, without `steps` and `epochs`.
 * @param paces seconds per step of each width; not asked for with a budget of steps.
 */
export function stagesInBudget(stages: string, budget: Budget, paces: readonly number[] = []): string {
  const widths = stages.split(',').map(entry => entry.trim());
  const share = 1 / widths.length;
  return widths
    .map((entry, i) => {
      const last = i === widths.length - 1;
      const all =
        'steps' in budget
          ? Math.floor((i + 1) * share * budget.steps) - Math.floor(i * share * budget.steps)
          : Math.round((budget.minutes * 60 * share) / paces[i]!);
      if (i === 0) return `${entry}:steps=${last ? UNTIL_THE_END : Math.max(1, all)}`;
      const alone = Math.max(1, Math.ceil(ALONE * all));
      const fix = /:fix=/.test(entry) ? '' : `:fix=${alone}`;
      return `${entry}${fix}:steps=${last ? UNTIL_THE_END : Math.max(1, all - alone)}`;
    })
    .join(',');
}
