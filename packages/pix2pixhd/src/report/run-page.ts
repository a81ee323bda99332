/**
 * The page of a run: how far it is, the loss curves, the samples over time, the configuration. One HTML file with all in
 * it. Depends on the rest of the report room; knows nothing of files and clocks.
 */

import { drawPanel } from './chart.js';
import { curveGroups, evenly, type LossPoint } from './curves.js';
import { duration, escapeHtml, grouped, page, pngImage, scriptJson, tiles } from './html.js';
import { runScript } from './run-script.js';

/** Where a run stands. */
export type RunStatus = 'training' | 'finished' | 'stopped' | 'failed';

/** What the page of a run shows. */
export interface RunPage {
  readonly name: string;
  readonly status: RunStatus;
  /** How the run does, in a line. */
  readonly health: string;
  /** The records of `losses.jsonl`, in order: `step`, `epoch`, `seconds`, and the losses. */
  readonly losses: readonly LossPoint[];
  /** Sample sheets as PNG files, in order. At most 40 of them, evenly spaced, go into the page. */
  readonly samples: ReadonlyArray<{ readonly step: number; readonly png: Uint8Array }>;
  /** The resolved configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** While training, the page reloads itself after so many seconds. */
  readonly refreshSeconds: number;
}

/** The file is written anew at every refresh; more sheets than these would make it too heavy. */
const MAX_SAMPLES = 40;

/**
 * Renders the page.
 *
 * @returns HTML that needs nothing from outside.
 * @throws RangeError where a sample is no PNG file.
 */
export function renderRunPage({ name, status, health, losses, samples, config, refreshSeconds }: RunPage): string {
  const shown = evenly(samples, MAX_SAMPLES);
  const steps = losses.flatMap(({ step }) => (typeof step === 'number' ? step : []));
  const panels = curveGroups(losses).map(group => drawPanel(group, [steps[0] ?? 0, steps.at(-1) ?? 1]));
  const refreshing = status === 'training';
  const data = {
    key: `pix2pixhd ${name}`,
    refreshSeconds: refreshing ? refreshSeconds : 0,
    steps: shown.map(({ step }) => step),
    panels: panels.map(panel => panel.data),
  };
  const body = [
    `<header><h1>${escapeHtml(name)}</h1><span class="status ${status}">${status}</span></header>`,
    '<main>',
    tiles(progress(losses)),
    `<p>${escapeHtml(health)}</p>`,
    '<h2>Losses</h2>',
    panels.length > 0
      ? `<div class="panels">${panels.map(panel => panel.html).join('')}</div>`
      : '<p class="quiet">No step has been finished yet.</p>',
    '<h2>Samples</h2>',
    shown.length > 0 ? sampleViewer(shown) : '<p class="quiet">No sample has been made yet.</p>',
    configTable(config),
    '</main>',
    // Without scripts the page still refreshes; it only forgets the slider.
    refreshing
      ? `<noscript><meta http-equiv="refresh" content="${Math.max(1, Math.round(refreshSeconds))}"></noscript>`
      : '',
    `<script type="application/json" id="data">${scriptJson(data)}</script>`,
  ];
  return page(`${name} · ${status}`, body.filter(part => part !== '').join('\n'), runScript);
}

function progress(losses: readonly LossPoint[]): Array<[string, string]> {
  const last = losses.at(-1);
  if (last === undefined) return [];
  const entries: Array<[string, string]> = [['step', grouped(last.step ?? 0)]];
  if (typeof last.epoch === 'number') entries.push(['epoch', grouped(last.epoch)]);
  const seconds = losses.flatMap(point => (typeof point.seconds === 'number' ? point.seconds : []));
  if (seconds.length > 0) {
    const recent = seconds.slice(-100).sort((a, b) => a - b);
    entries.push(['seconds a step', recent[recent.length >> 1]!.toPrecision(3)]);
    entries.push(['time in steps', duration(seconds.reduce((sum, value) => sum + value, 0))]);
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
    ({ step, png }, i) =>
      `<figure data-label="${label(step)}"${i === newest ? '' : ' hidden'}>${pngImage(png, `samples at ${label(step)}`)}</figure>`,
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
