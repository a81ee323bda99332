/**
 * The run's page, rewritten during the run. Depends on the run folder, the report module and the file system.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { evenly } from '../report/curves.js';
import type { LossHistory } from '../report/loss-history.js';
import { type RunStatus, renderRunPage, type Sheet } from '../report/run-page.js';
import type { RunFolder } from './run-folder.js';

/** How many sheets the page links to while training. */
const sheetsBeside = 40;
/** How many sheets the page of an ended run contains; embedded sheets are large. */
const sheetsInside = 12;
const refreshSeconds = 10;
/** The bytes of a PNG file up to and including its width and height. */
const pngHeaderBytes = 24;

/** The status of a run on its page. */
export interface PageStatus {
  readonly status: RunStatus;
  readonly words: string;
}

/** The status of a run that is training. */
export const inTraining: PageStatus = { status: 'training', words: 'training' };
/** The status of a run that an error has ended. */
export const failed: PageStatus = { status: 'failed', words: 'failed' };

/** Writes `index.html`. Its memory does not grow with the run, except by a number per sheet. */
export class RunReport {
  readonly #folder: RunFolder;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #history: LossHistory;
  /** Steps that have a sheet, ascending. */
  readonly #sheets: number[];

  /**
   * @param options as stored with the run.
   * @param history the steps of the run so far; the caller adds later ones.
   */
  constructor(folder: RunFolder, options: Readonly<Record<string, unknown>>, history: LossHistory) {
    this.#folder = folder;
    this.#options = options;
    this.#history = history;
    this.#sheets = sheetSteps(folder.samples);
  }

  /** Adds a step's sheet, already written, to the page. */
  addSheet(step: number): void {
    const after = this.#sheets.findIndex(other => other >= step);
    if (after < 0) this.#sheets.push(step);
    else if (this.#sheets[after] !== step) this.#sheets.splice(after, 0, step);
  }

  /**
   * Writes the page. While training it reloads itself and links to the sheets' files; afterwards it contains a few of them,
   * so that the file can be shared by itself.
   *
   * @param health the run's health, in one line.
   * @throws the file system's error; the page is then unchanged.
   */
  write({ status, words }: PageStatus, health: string): void {
    const training = status === 'training';
    const shown = evenly(this.#sheets, training ? sheetsBeside : sheetsInside);
    const page = renderRunPage({
      name: this.#folder.name,
      history: this.#history,
      samples: shown.flatMap(step => (training ? this.#sheetBeside(step) : this.#sheetInside(step))),
      config: this.#options,
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

/** The first bytes of a file; undefined if the file has been deleted. */
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
