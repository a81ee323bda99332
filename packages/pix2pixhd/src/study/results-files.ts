/** Results as tables for other programs: comma-separated values (RFC 4180). Depends on the types of results. */
import type { Judgement } from './judgements.js';
import type { ExperimentResults } from './results.js';

type Cell = string | number | null;

/** Every comparison of every experiment, one line each; shares in [0, 1], times in seconds. */
export function comparisonsCsv(all: readonly ExperimentResults[]): string {
  const heading = ['experiment', 'method', 'against', 'seconds', 'answers', 'preferred', 'share', 'low', 'high', 'p'];
  const rows = all.flatMap(({ name, comparisons }) =>
    comparisons.map(({ method, against, exposureMs, answers, preferred, share, low, high, p }): Cell[] => [
      ...[name, method, against, exposureMs === null ? null : exposureMs / 1000],
      ...[answers, preferred, share, low, high, p],
    ]),
  );
  return csv([heading, ...rows]);
}

/** Every answer that was not practice or an attention check, with what it was about, and why it is left out where it is. */
export function answersCsv(
  all: readonly { readonly name: string; readonly judgements: readonly Judgement[] }[],
): string {
  const heading = ['experiment', 'rater', 'trial', 'scene', 'preferred', 'over', 'image', 'planned_seconds'];
  const further = ['shown_seconds', 'response_seconds', 'views', 'left_out'];
  const rows = all.flatMap(({ name, judgements }) =>
    judgements.map(({ rater, trial, stem, preferred, over, exposureMs, answer, leftOut }): Cell[] => [
      ...[name, rater + 1, trial + 1, stem, preferred, over, answer.choice.toUpperCase()],
      ...[exposureMs === null ? null : exposureMs / 1000, answer.shownMs / 1000, answer.responseMs / 1000],
      ...[answer.views, leftOut],
    ]),
  );
  return csv([[...heading, ...further], ...rows]);
}

function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map(row => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
