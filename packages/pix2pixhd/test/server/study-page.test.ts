/**
 * The page of studies in a real browser, against the real server: two scripted raters and a server that is killed among their answers;
 * keys, touch, a page that is loaded again, small screens, and what axe says. Needs Chromium (support/browser.ts).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type AnswerRecord, readAnswers } from '../../src/study/answer-log.js';
import { ANSWERS_FILE, type Experiment, readStudy } from '../../src/study/experiment.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { drawScenes, type ServingStudy, serveStudy, takePart } from '../support/study.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const study = join(root, 'study');
let server: ServingStudy;
let browser: Browser;
let pairwise: Experiment;
let limited: Experiment;

before(async () => {
  if (skip) return;
  await drawScenes(root, ['ours', 'theirs', 'real'], 8);
  const results = (...names: string[]) => names.flatMap(name => ['--results', `${name}=${join(root, name)}`]);
  const plan = ['--raters', '3', '--practice', '1', '--checks', '2', '--real', join(root, 'real'), '--out', study];
  await succeed(
    ...['study', 'create', ...results('ours', 'theirs'), '--trials', '4', '--labels', join(root, 'theirs'), ...plan],
  );
  const timed = ['--kind', 'limited-time', '--exposures', '0.125,0.25', '--trials', '4'];
  await succeed('study', 'create', ...timed, ...results('ours'), ...plan);
  [limited, pairwise] = readStudy(study).map(({ experiment }) => experiment) as [Experiment, Experiment];
  server = await serveStudy(study);
  browser = await chromium.launch(browserLaunch());
});
after(async () => {
  await browser?.close();
  server?.child.kill();
});

const answersOf = (name: string, rater: number) =>
  readAnswers(join(study, name, ANSWERS_FILE)).filter(
    (record): record is AnswerRecord => record.type === 'answer' && record.rater === rater,
  );

const linkOf = ({ raters }: Experiment, rater: number) => `${server.address.href}#${raters[rater]!.token}`;

/** Opens a rater's page at its first trial. */
async function agreed(experiment: Experiment, rater: number, options: object = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(linkOf(experiment, rater));
  await page.getByText('I agree').click();
  return page;
}

/** What axe finds that keeps people out of the page. */
async function barriers(page: Page): Promise<unknown[]> {
  const { default: axe } = await import('axe-core');
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

const at = (page: Page, number: number, phase: string) =>
  page.locator(`.pair[data-trial="${number}"][data-phase="${phase}"]`).waitFor();

test('two raters, and a server that is killed: every answer that was acknowledged is there once', {
  skip,
}, async () => {
  const acknowledged: string[] = [];
  let killed: Promise<unknown> | undefined;
  const kill = async () => {
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    server = await serveStudy(study, Number(server.address.port));
  };
  const script = (experiment: Experiment) => ({
    ...{ experiment, rater: 0, think: 160, reloadBefore: [2] },
    choose: ({ a, intact }: { a: string; intact: 'a' | 'b' | null }) => intact ?? (a === 'ours' ? 'a' : 'b'),
    onStored(trial: number, choice: string) {
      acknowledged.push(`${experiment.name} ${trial} ${choice}`);
      if (acknowledged.length > 4) killed ??= kill();
    },
  });
  await Promise.all([pairwise, limited].map(experiment => takePart(browser, server.address, script(experiment))));
  await killed;
  assert.ok(killed !== undefined);
  const found = ['pairwise', 'limited-time'].flatMap(name =>
    answersOf(name, 0).map(({ trial, choice }) => `${name} ${trial} ${choice}`),
  );
  assert.equal(found.length, 7 + 7);
  assert.deepEqual(found.sort(), [...new Set(acknowledged)].sort());
  for (const { trial, shownMs } of answersOf('limited-time', 0)) {
    const planned = limited.raters[0]!.trials[trial]!.exposureMs!;
    // Not shorter than planned but for half a frame; how much longer says how busy the machine is.
    assert.ok(shownMs > planned - 17, `${shownMs} of ${planned} ms`);
  }
  // Whoever is quicker than a person is left out.
  const { stdout } = await pix2pixhd('study', 'results', study, '--json');
  const { experiments } = JSON.parse(stdout) as { experiments: { name: string; raters: { attention: unknown }[] }[] };
  assert.deepEqual(
    experiments.map(({ name, raters }) => [name, raters.map(({ attention }) => attention)]),
    [
      ['limited-time', [{ right: 2, answered: 2 }]],
      ['pairwise', [{ right: 2, answered: 2 }]],
    ],
  );
});

test('keys and clicks choose, once each; the choice is that of the image, and the page goes on where it was', {
  skip,
}, async () => {
  const page = await agreed(pairwise, 1);
  for (const [number, key] of ['ArrowRight', 'a', '2'].entries()) {
    await at(page, number, 'choosing');
    await page.waitForTimeout(160);
    await page.keyboard.press(key);
  }
  await at(page, 3, 'choosing');
  await page.waitForTimeout(160);
  await page.getByRole('button', { name: 'Picture A' }).click();
  await at(page, 4, 'choosing');
  await page.reload();
  await at(page, 4, 'choosing');
  assert.match((await page.locator('.progress').textContent())!, /Pair 4 of 6/);
  assert.deepEqual(
    answersOf('pairwise', 1).map(({ trial, choice, views }) => [trial, choice, views]),
    [
      [0, 'b', 1],
      [1, 'a', 1],
      [2, 'b', 1],
      [3, 'a', 1],
    ],
  );
  // Pixels on the page are those of the image that the plan says.
  const file = pairwise.images[pairwise.raters[1]!.trials[4]!.a]!.file;
  const { default: sharp } = await import('sharp');
  const [red, green, blue] = await sharp(join(study, 'pairwise', 'images', file))
    .raw()
    .toBuffer();
  const shown = await page
    .locator('.choice .drawn')
    .first()
    .evaluate(canvas => [...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 1, 1).data]);
  assert.deepEqual(shown, [red, green, blue, 255]);
  for (let number = 4; number < 6; number++) {
    await at(page, number, 'choosing');
    await page.waitForTimeout(160);
    // Two keys at once: the first one counts.
    await page.evaluate(() => {
      for (const key of ['b', 'a']) document.dispatchEvent(new KeyboardEvent('keydown', { key }));
    });
  }
  await at(page, 6, 'choosing');
  // A key that is pressed before anybody can have seen the pictures is no answer.
  const thanks = page.getByText('Thank you!');
  while (!(await thanks.isVisible())) await page.keyboard.press('a');
  const later = answersOf('pairwise', 1).slice(4);
  assert.deepEqual(
    later.map(({ choice }) => choice),
    ['b', 'b', 'a'],
  );
  assert.ok(later.every(({ responseMs, views }, i) => responseMs >= 150 && views === (i === 0 ? 2 : 1)));
  await page.context().close();
});

test('on a phone: touch, everything within the screen, nothing that axe calls serious, pictures covered but for their time', {
  skip,
}, async () => {
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
  const page = await (await browser.newContext(phone)).newPage();
  await page.goto(`${server.address.href}#${'x'.repeat(22)}`);
  await page.getByText('This page needs a personal link').waitFor();
  // Another link in the same tab.
  await page.goto(linkOf(limited, 1));
  await page.getByText('I agree').waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.getByText('I agree').tap();
  await at(page, 0, 'ready');
  const cover = () => page.locator('.pair').getAttribute('data-cover');
  const fits = () =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return [scrollWidth <= innerWidth, scrollHeight <= innerHeight];
    });
  assert.equal(await cover(), 'plain');
  assert.deepEqual(await fits(), [true, true]);
  // Nothing is to be chosen before it was seen.
  await page.getByRole('button', { name: 'Picture A' }).tap({ force: true });
  await page.getByRole('button', { name: 'Show the pictures' }).tap();
  await at(page, 0, 'choosing');
  assert.equal(await cover(), 'noise');
  await page.waitForTimeout(160);
  await page.getByRole('button', { name: 'Picture B' }).tap();
  await at(page, 1, 'ready');
  assert.deepEqual(
    answersOf('limited-time', 1).map(({ trial, choice }) => [trial, choice]),
    [[0, 'b']],
  );
  await page.context().close();
  const other = await agreed(pairwise, 2, phone);
  await at(other, 0, 'choosing');
  assert.equal(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(await barriers(other), []);
  await other.context().close();
});

test('a second server of the same study is refused while the first one runs', { skip }, async () => {
  await refuse(['study', 'serve', study, '--port', '0'], 1, /it is in use: process \d+/, /one server at a time/);
});
