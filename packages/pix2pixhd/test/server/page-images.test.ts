/** The page with a network of images, in a real browser against the real server. Needs Chromium (support/browser.ts). */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { train } from '../../src/index.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { plainCompute, type ServingHere, serveEditorHere, tinyTraining } from '../support/editor.js';
import { writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';
import { openEditor } from './editor-page.js';

const world = workFolder();
const dataroot = join(world, 'maps');
const checkpointsDir = join(world, 'checkpoints');
let server: ServingHere;
let browser: Browser;

before(async () => {
  if (skip) return;
  for (const phase of ['train', 'test']) writeImagePairs(dataroot, phase, 2, 32, 32);
  const run = { dataroot, checkpointsDir, name: 'maps' };
  await train({ ...tinyTraining, ...run, loadSize: 32, labelNc: 0, noInstance: true });
  server = await serveEditorHere('--checkpoints-dir', checkpointsDir, '--name', 'maps', ...plainCompute);
  browser = await chromium.launch(browserLaunch());
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('colours are painted, a picture is drawn on, its colour picked', { skip }, async () => {
  const { page, ui } = await openEditor(browser, server.address);
  const pixel = () =>
    page.$eval('canvas.map', canvas => [
      ...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(16, 16, 1, 1).data,
    ]);
  const before = await pixel();
  const [x, y] = await ui.place(0.5, 0.5);
  const middle = [x + 2, y + 2] as const;
  await ui.tool('Pick');
  await page.mouse.click(...middle);
  const hex = before.slice(0, 3).map(value => value.toString(16).padStart(2, '0'));
  assert.equal(await page.locator('input[type=color]').inputValue(), `#${hex.join('')}`);
  await page.getByLabel('#2fa84f').click();
  await page.mouse.move(...middle);
  await page.mouse.down();
  await page.mouse.up();
  assert.deepEqual(await pixel(), [0x2f, 0xa8, 0x4f, 255]);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await pixel(), before);
});
