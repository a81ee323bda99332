/** What the report of a comparison has besides that of an evaluation: the runs, and a table for each ablation. Depends on report and judge's tables. */
import { formatDuration } from '../duration.js';
import type { Judgement } from '../judge/judge.js';
import { differencesTable, meansTable } from '../judge/page/tables.js';
import { escapeHtml, grouped } from '../report/html.js';
import { inWords, layered } from './candidates.js';
import { budgetInWords, type Plan } from './plan.js';
import type { ComparedCandidate } from './results-file.js';

/** The part of the page that stands before all figures. */
export function drawLead(
  plan: Plan,
  candidates: readonly ComparedCandidate[],
  tables: readonly { readonly title: string; readonly judgement: Judgement }[],
): string {
  const { seeds, base, jobs } = plan;
  const together = jobs === 1 ? 'one run at a time' : `${jobs} runs at a time`;
  const over =
    seeds === 1
      ? 'One training of each: the intervals are over images alone, and another seed would give other figures.'
      : `Figures are means over ${seeds} seeds. Intervals are over images and seeds; p is over images, of the means over seeds. Images are those of the first seed.`;
  return [
    '<h2>Runs</h2>',
    `<p>Every run had ${escapeHtml(budgetInWords(plan.budget))}, ${together}. ${over}</p>`,
    runsTable(candidates),
    `<p class="quiet">All have in common: <code>${escapeHtml(inWords(layered(base)))}</code></p>`,
    ...tables.flatMap(({ title, judgement }) => [
      `<h2>${escapeHtml(title[0]!.toUpperCase() + title.slice(1))}</h2>`,
      meansTable(judgement),
      ...(judgement.differences.length > 0 ? [differencesTable(judgement)] : []),
    ]),
  ].join('\n');
}

function runsTable(candidates: readonly ComparedCandidate[]): string {
  const rows = candidates.map(({ name, changes, stages, runs }) => {
    const done = runs.filter(({ state }) => state === 'done');
    const steps = done.map(({ step }) => grouped(step)).join(', ');
    const seconds = done.map(({ seconds }) => formatDuration(seconds)).join(', ');
    const settings = inWords({ ...changes, ...(stages !== undefined && { stages }) });
    const failed = runs
      .filter(({ state }) => state === 'failed')
      .map(({ seed, reason }) => `seed ${seed} failed: ${reason}`);
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml([settings, ...failed].join('; '))}</td><td>${steps}</td><td>${seconds}</td></tr>`;
  });
  return `<div class="card examples"><table class="protocols"><thead><tr><th>candidate</th><th>differs by</th><th>steps</th><th>time</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
