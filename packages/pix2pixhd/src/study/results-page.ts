/** The results of a study as one HTML page. Depends on the pages' frame, the charts, and the results in words. */
import { escapeHtml, grouped, page, tiles } from '../report/html.js';
import { pairChart, timeChart } from './preference-chart.js';
import type { ExperimentResults } from './results.js';
import { comparisonRows, leftOutLines, percents, type Rows, rankingRows, raterRows } from './results-text.js';

/** @param command that makes the page again. @returns HTML that needs no other files. */
export function renderResultsPage(all: readonly ExperimentResults[], command: string): string {
  const body = [
    '<header><h1>Results of the study</h1></header>',
    '<main>',
    ...all.map(section),
    '<h2>How to read this</h2>',
    '<p>A share is of the answers that count. Its interval is Wilson’s, of 95 %; p is of the exact two-sided test against one half, not corrected for the number of comparisons. Both take answers as independent, though one rater gives many. The ranking’s intervals are of drawing whole raters.</p>',
    '<p>“Agrees with others” is how often a rater chose as the majority of the others did who judged the same pair.</p>',
    `<p>Made by</p><pre class="card">${escapeHtml(command)}</pre>`,
    '</main>',
  ];
  return page('Results of the study', body.join('\n'));
}

function section(results: ExperimentResults): string {
  const { name, kind, question, invited, raters, answers, comparisons, ranking } = results;
  const counted = raters.filter(({ excluded }) => excluded === null).length;
  const [only] = comparisons.length === 1 ? comparisons : [];
  const leftOut = leftOutLines(results);
  return [
    `<h2>${escapeHtml(name)}</h2>`,
    `<p>“${escapeHtml(question)}” ${kind === 'pairwise' ? 'Two methods beside each other, without a limit of time.' : 'A result beside the real image, for a limited time.'}</p>`,
    tiles([
      ['answers that count', grouped(answers.counted)],
      ['raters that count', grouped(counted)],
      ['raters who began', `${grouped(raters.length)} of ${grouped(invited)}`],
      ...(only === undefined ? [] : [[`${only.method} over ${only.against}`, percents(only)] as const]),
    ]),
    kind === 'pairwise' ? pairChart(comparisons) : timeChart(comparisons),
    table('Preferences', comparisonRows(results)),
    ranking.length > 0 ? table('Ranking (Bradley–Terry)', rankingRows(ranking)) : '',
    leftOut.length > 0
      ? `<h3>Left out</h3><ul>${leftOut.map(line => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`
      : '<p class="quiet">Nothing was left out.</p>',
    `<details class="card"><summary>Raters</summary>${table('', raterRows(raters))}</details>`,
  ].join('\n');
}

function table(title: string, [headings, ...rows]: Rows): string {
  const head = headings!.map(cell => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const lines = rows.map(
    row =>
      `<tr><th scope="row">${escapeHtml(row[0]!)}</th>${row
        .slice(1)
        .map(cell => `<td>${escapeHtml(cell)}</td>`)
        .join('')}</tr>`,
  );
  const heading = title === '' ? '' : `<h3>${escapeHtml(title)}</h3>`;
  return `${heading}<div class="card figures"><table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}
