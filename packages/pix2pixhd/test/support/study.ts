/**
 * A study with raters who are scripts in a real browser: its images, its server as a process, and people who read the plan to know what
 * they see, since the page does not say. Depends on the command line's support, playwright-core, and what an experiment is.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page, Request } from 'playwright-core';
import sharp from 'sharp';
import { Random } from '../../src/data/random.js';
import { contestant, type Experiment, type Trial } from '../../src/study/experiment.js';
import { type Started, start, until } from './cli.js';

/** Writes pictures of as many scenes into a folder for each name; each of another look. */
export async function drawScenes(folder: string, names: readonly string[], scenes: number, side = 48): Promise<void> {
  for (const [look, name] of names.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let scene = 0; scene < scenes; scene++) {
      const random = new Random(scene);
      const colour = () => `hsl(${random.integer(360)} 70% ${40 + 10 * look}%)`;
      const [a, b, r] = [colour(), colour(), 8 + random.integer(14)];
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="${a}"/><circle cx="24" cy="24" r="${r}" fill="${b}"/></svg>`;
      await sharp(Buffer.from(svg))
        .resize(side, side)
        .png()
        .toFile(join(folder, name, `scene-${scene}.png`));
    }
  }
}

/** A study's server as a process. */
export interface ServingStudy extends Started {
  readonly address: URL;
}

/** Starts `pix2pixhd study serve`. @param port 0: one that is free. */
export async function serveStudy(study: string, port = 0): Promise<ServingStudy> {
  const started = start(['study', 'serve', study, '--port', String(port)]);
  let printed = '';
  started.child.stdout!.on('data', (text: string) => {
    printed += text;
  });
  await until(() => printed.includes('Ctrl-C'), started);
  return { ...started, address: new URL(/http:[^#\s]+/.exec(printed)![0]) };
}

/** What a script sees: who the images are of, and what the trial is for. */
export interface Seen {
  readonly trial: Trial;
  readonly number: number;
  readonly a: string;
  readonly b: string;
  /** The image that is not spoilt, in an attention check. */
  readonly intact: 'a' | 'b' | null;
}

/** What a rater sees in a trial. */
export function seenBy({ raters, images }: Experiment, rater: number, number: number): Seen {
  const trial = raters[rater]!.trials[number]!;
  const [a, b] = [images[trial.a]!, images[trial.b]!];
  const intact = trial.role === 'attention' ? (a.role === 'spoilt' ? 'b' : 'a') : null;
  return { trial, number, a: contestant(a), b: contestant(b), intact };
}

/** How a script takes part. */
export interface Script {
  readonly experiment: Experiment;
  readonly rater: number;
  readonly choose: (seen: Seen) => 'a' | 'b';
  /** Milliseconds before each answer. */
  readonly think: number;
  /** Trials before which the page is loaded again. */
  readonly reloadBefore: readonly number[];
  /** Called when the page has been told that an answer is stored. */
  readonly onStored: (trial: number, choice: string) => void;
}

/** Long enough for a server that is killed and started again on a busy machine. */
const patience = 300_000;

/** Opens the rater's link, agrees, and answers everything. */
export async function takePart(browser: Browser, address: URL, script: Script): Promise<void> {
  const { experiment, rater, reloadBefore } = script;
  const context = await browser.newContext({ viewport: { width: 900, height: 600 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const link = `${address.href}#${experiment.raters[rater]!.token}`;
  page.on('response', response => {
    if (response.status() === 200) void tell(response.request(), script);
  });
  await opened(page, () => page.goto(link));
  await page.getByText('I agree').click();
  const { trials } = experiment.raters[rater]!;
  for (let number = 0; number < trials.length; number++) {
    if (reloadBefore.includes(number)) {
      await page.locator(`.pair[data-trial="${number}"]`).waitFor();
      await opened(page, () => page.reload());
    }
    await answer(page, seenBy(experiment, rater, number), script);
  }
  await page.getByText('Thank you!').waitFor();
  await context.close();
}

/** Opens the page as a person does: where nothing comes, it is loaded again. */
async function opened(page: Page, open: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  for (let attempt = open; ; attempt = () => page.reload())
    try {
      await attempt();
      await page.locator('h1').waitFor({ timeout: 20_000 });
      return;
    } catch (error) {
      if (performance.now() - began > patience) throw error;
      await sleep(300);
    }
}

async function answer(page: Page, seen: Seen, { choose, think }: Script): Promise<void> {
  const phase = (name: string) => page.locator(`.pair[data-trial="${seen.number}"][data-phase="${name}"]`).waitFor();
  if (seen.trial.exposureMs !== undefined) {
    await phase('ready');
    await page.keyboard.press(' ');
  }
  await phase('choosing');
  await sleep(think);
  await page.keyboard.press(choose(seen));
}

async function tell(request: Request, { onStored }: Script): Promise<void> {
  if (!request.url().endsWith('/api/answer')) return;
  const { trial, choice } = request.postDataJSON() as { trial: number; choice: string };
  onStored(trial, choice);
}
