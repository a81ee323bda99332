/**
 * The run's own page, written anew as the run goes on. Depends on the run folder, the report module and the file system.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { TrainConfig } from '../config/schema.js';
import { lastingOptions } from '../config/stored.js';
import { evenly } from '../report/curves.js';
import type { LossHistory } from '../report/loss-history.js';
import { type RunStatus, renderRunPage, type Sheet } from '../report/run-page.js';
import type { RunFolder } from './run-folder.js';

/** Sheets of the page while training: it only refers to them. */
const sheetsBeside = 40;
/** Sheets of the page of a run that has ended, which contains them: they are large as data. */
const sheetsInside = 12;
const refreshSeconds = 10;
/** Of a PNG file, up to and with its width and height. */
const pngHeaderBytes = 24;

/** Where a run stands, for its page. */
export interface Standing {
  readonly status: RunStatus;
  readonly words: string;
}

/** The standing of a run that is under way. */
export const underWay: Standing = { status: 'training', words: 'training' };
/** The standing of a run that an error has ended. */
export const failed: Standing = { status: 'failed', words: 'failed' };

/** Writes `index.html`. What it holds in memory does not grow with the run but by the number of each sheet. */
export class RunReport {
  readonly #folder: RunFolder;
  readonly #config: TrainConfig;
  readonly #history: LossHistory;
  /** Steps that have a sheet, ascending. */
  readonly #sheets: number[];

  /** @param history the steps of the run so far; those to come are added to it by the caller. */
  constructor(folder: RunFolder, config: TrainConfig, history: LossHistory) {
    this.#folder = folder;
    this.#config = config;
    this.#history = history;
    this.#sheets = sheetSteps(folder.samples);
  }

  /** Puts the sheet of a step, already written, on the page from now on. */
  addSheet(step: number): void {
    const after = this.#sheets.findIndex(other => other >= step);
    if (after < 0) this.#sheets.push(step);
    else if (this.#sheets[after] !== step) this.#sheets.splice(after, 0, step);
  }

  /**
   * Writes the page. While training it reloads itself and refers to the files of its sheets; afterwards it contains a few
   * of them, so that it can be passed on alone.
   *
   * @param health how the run does, in a line.
   * @throws the file system's error; the page is as it was then.
   */
  write({ status, words }: Standing, health: string): void {
    const training = status === 'training';
    const shown = evenly(this.#sheets, training ? sheetsBeside : sheetsInside);
    const page = renderRunPage({
      name: this.#config.name,
      history: this.#history,
      samples: shown.flatMap(step => (training ? this.#sheetBeside(step) : this.#sheetInside(step))),
      config: lastingOptions(this.#config),
      status,
      words,
      health,
      refreshSeconds,
    });
    writeFileAtomic(this.#folder.page, page);
  }

  #sheetBeside(step: number): Sheet[] {
    const path = this.#folder.sheet(step);
    const png = readStart(path, pngHeaderBytes);
    return png === undefined ? [] : [{ step, png, href: `${basename(this.#folder.samples)}/${basename(path)}` }];
  }

  #sheetInside(step: number): Sheet[] {
    const path = this.#folder.sheet(step);
    return existsSync(path) ? [{ step, png: readFileSync(path) }] : [];
  }
}

function sheetSteps(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap(file => /^step-(\d+)\.png$/.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The first bytes of a file; undefined where somebody has deleted it. */
function readStart(path: string, count: number): Buffer | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0));
  } finally {
    closeSync(file);
  }
}
