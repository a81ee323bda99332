/**
 * The run's own page from what lies in its folder. Depends on the run folder, the loss log and the report room.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { TrainConfig } from '../config/schema.js';
import { toStoredConfig } from '../config/stored.js';
import { evenly } from '../report/curves.js';
import { type RunStatus, renderRunPage } from '../report/run-page.js';
import { readLossLog } from './loss-log.js';
import type { RunFolder } from './run-folder.js';

/** Sheets are large as data; the page holds the first, the last, and some between. */
const sheetsOnPage = 12;
const refreshSeconds = 10;

/** Writes `index.html`; while training it reloads itself. @param health how the run does, in a line. */
export function writeRunPage(folder: RunFolder, config: TrainConfig, status: RunStatus, health: string): void {
  const losses = readLossLog(folder.lossLog);
  const samples = sheets(folder.samples).map(({ step, path }) => ({ step, png: readFileSync(path) }));
  const page = renderRunPage({
    name: config.name,
    losses,
    samples,
    config: toStoredConfig(config),
    status,
    health,
    refreshSeconds,
  });
  writeFileAtomic(folder.page, page);
}

function sheets(folder: string): { step: number; path: string }[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder)
    .flatMap(file => {
      const step = /^step-(\d+)\.png$/.exec(file)?.[1];
      return step === undefined ? [] : [{ step: Number(step), path: join(folder, file) }];
    })
    .sort((a, b) => a.step - b.step);
  return evenly(all, sheetsOnPage);
}
