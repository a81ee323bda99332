/**
 * The page of a run: how far it is, the loss curves, the samples over time, the configuration. One HTML file; sheets of
 * samples are in it or beside it. Depends on the rest of the report module; knows no files and no clock.
 */

import { formatDuration } from '../duration.js';
import { drawPanel } from './chart.js';
import { curveGroups } from './curves.js';
import { escapeHtml, grouped, page, pngImage, scriptJson, tiles } from './html.js';
import type { LossHistory } from './loss-history.js';
import { runScript } from './run-script.js';

/** The state of a run: under way, finished as asked, stopped early, or ended by an error. */
export type RunStatus = 'training' | 'finished' | 'stopped' | 'failed';

/** A sheet of samples. */
export interface Sheet {
  readonly step: number;
  /** The PNG file; its first 24 bytes are enough where there is a `href`. */
  readonly png: Uint8Array;
  /** Where the file lies, relative to the page. Without it, the page contains the file. */
  readonly href?: string;
}

/** What the page of a run shows. */
export interface RunPage {
  readonly name: string;
  readonly status: RunStatus;
  /** The status in words, such as `reached its 4 minutes`. */
  readonly words: string;
  /** How the run is doing, in one line. */
  readonly health: string;
  /** The records of `losses.jsonl`: `step`, `epoch`, `seconds`, and the losses. */
  readonly history: LossHistory;
  /** Sheets of samples, in order. */
  readonly samples: readonly Sheet[];
  /** The resolved configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** While training, the page reloads after this many seconds. */
  readonly refreshSeconds: number;
}

/**
 * Renders the page.
 *
 * @returns HTML that needs no other files than the sheets it refers to. Its size does not depend on the length of the run.
 * @throws RangeError if a sample is not a PNG file.
 */
export function renderRunPage({
  name,
  status,
  words,
  health,
  history,
  samples,
  config,
  refreshSeconds,
}: RunPage): string {
  const panels = curveGroups(history).map(group => drawPanel(group, history.range));
  const refreshing = status === 'training';
  const data = {
    key: `pix2pixhd ${name}`,
    refreshSeconds: refreshing ? refreshSeconds : 0,
    steps: samples.map(({ step }) => step),
    panels: panels.map(panel => panel.data),
  };
  const body = [
    `<header><h1>${escapeHtml(name)}</h1><span class="status ${status}">${escapeHtml(words)}</span></header>`,
    '<main>',
    tiles(progress(history)),
    `<p>${escapeHtml(health)}</p>`,
    '<h2>Losses</h2>',
    panels.length > 0
      ? `<div class="panels">${panels.map(panel => panel.html).join('')}</div>`
      : '<p class="quiet">No step has been finished yet.</p>',
    '<h2>Samples</h2>',
    samples.length > 0 ? sampleViewer(samples) : '<p class="quiet">No sample has been made yet.</p>',
    configTable(config),
    '</main>',
    // Without scripts the page still refreshes; it only forgets the slider.
    refreshing
      ? `<noscript><meta http-equiv="refresh" content="${Math.max(1, Math.round(refreshSeconds))}"></noscript>`
      : '',
    `<script type="application/json" id="data">${scriptJson(data)}</script>`,
  ];
  const images = samples.some(({ href }) => href !== undefined) ? 'beside' : 'inside';
  return page(`${name} · ${words}`, body.filter(part => part !== '').join('\n'), runScript, images);
}

function progress({ last, seconds, recentSeconds }: LossHistory): Array<[string, string]> {
  if (last === undefined) return [];
  const entries: Array<[string, string]> = [['step', grouped(last.step ?? 0)]];
  if (typeof last.epoch === 'number') entries.push(['epoch', grouped(last.epoch)]);
  if (recentSeconds !== undefined) {
    entries.push(['seconds a step', recentSeconds.toPrecision(3)]);
    entries.push(['time in steps', formatDuration(seconds)]);
  }
  return entries;
}

function sampleViewer(samples: RunPage['samples']): string {
  const newest = samples.length - 1;
  const label = (step: number) => `step ${grouped(step)}`;
  const slider =
    samples.length > 1
      ? `<div class="slider"><input type="range" min="0" max="${newest}" value="${newest}" aria-label="sample, oldest to newest"><output>${label(samples[newest]!.step)}</output></div>`
      : `<p class="quiet">${label(samples[0]!.step)}</p>`;
  const figures = samples.map(
    ({ step, png, href }, i) =>
      `<figure data-label="${label(step)}"${i === newest ? '' : ' hidden'}>${pngImage(png, `samples at ${label(step)}`, href)}</figure>`,
  );
  return `<div class="card samples">${slider}${figures.join('')}</div>`;
}

function configTable(config: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(config).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(text)}</td></tr>`;
  });
  return `<details class="card"><summary>Configuration</summary><table class="config">${rows.join('')}</table></details>`;
}
