/**
 * `pix2pixhd export --format page` in a real browser, from a plain static host: what is drawn is rendered as the program renders it,
 * restyled, kept offline, and another model is opened. Needs Chromium (support/browser.ts).
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { exportGenerator, exportPage, loadGenerator } from '../../src/index.js';
import { makeWorld } from '../api/world.js';
import { type EditorPage, openEditor } from '../server/editor-page.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { refuse } from '../support/cli.js';
import { trainStyled } from '../support/editor.js';
import { runHere } from '../support/official.js';
import { type StaticHost, serveFolder } from '../support/static-server.js';

const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');
const run = { name: 'styled', checkpointsDir };

let host: StaticHost;
let browser: Browser;
let page: Page;
let ui: EditorPage;
let problems: readonly string[];

before(async () => {
  if (skip) return;
  await trainStyled(at('data/city'), checkpointsDir);
  await exportPage({ ...run, out: at('site'), title: 'Streets' });
  host = await serveFolder(at('site'));
  browser = await chromium.launch(browserLaunch());
  ({ page, ui, problems } = await openEditor(browser, host.address));
});
after(async () => {
  await browser?.close();
  await host?.close();
});

/** The result that is shown, as the page saves it. */
async function savedResult(): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), ui.saveAs('Result as an image')]);
  return file.path();
}

test('a drawing of the data set is there, and is rendered as pix2pixhd renders it', { skip }, async () => {
  assert.equal(await page.locator('.bar strong').textContent(), 'Streets');
  const [label, inst] = (await ui.saveMaps(world)) as [string, string];
  const { data, info } = await sharp(await savedResult())
    .raw()
    .toBuffer({ resolveWithObject: true });
  await using generator = await loadGenerator(at('checkpoints/styled'), { device: 'cpu', precision: 'fp32' });
  // Every object looks as its class does most often.
  const expected = await generator.generate(label, { instances: inst, style: { cluster: 0 } });
  assert.deepEqual([info.width, info.height], [expected.width, expected.height]);
  const off = data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
  assert.ok(off <= 1, `off by ${off} of 255`);
});

test('a stroke is rendered, and a look is given to its object', { skip }, async () => {
  const first = await savedResult();
  await page.locator('.classes').getByText('class 4').click();
  await ui.tool('Brush');
  let revision = await ui.shown();
  await ui.drag([0.3, 0.5], [0.5, 0.6], [0.7, 0.5]);
  revision = await ui.rendered(revision);
  const second = await savedResult();
  assert.notDeepEqual(readFileSync(second), readFileSync(first));
  await ui.tool('Select');
  await page.mouse.click(...(await ui.place(0.5, 0.6)));
  await page.waitForFunction(() => document.querySelectorAll('.look img').length === 2);
  await page.locator('.look').nth(1).click();
  await ui.rendered(revision);
  assert.notDeepEqual(readFileSync(await savedResult()), readFileSync(second));
});

test('offline the page works on, isolated, so that it may use threads, and the drawing is kept', { skip }, async () => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const drawn = await ui.drawing();
  await page.waitForTimeout(600);
  await host.close();
  await page.reload();
  await ui.rendered(-1);
  assert.equal(await ui.changed(''), drawn);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await page.locator('.classes').getByText('class 2').click();
  await ui.tool('Ellipse');
  const revision = await ui.shown();
  await ui.drag([0.1, 0.2], [0.4, 0.8]);
  await ui.rendered(revision);
});

test('a model of the person is opened in place of the first one, and left again; one that is none is explained', {
  skip,
}, async () => {
  const [own] = exportGenerator({ ...run, format: 'onnx', out: at('own') });
  await ui.open([own!]);
  await page.getByText('Back to the first model').waitFor();
  await ui.rendered(-1);
  assert.equal(await page.locator('.bar strong').textContent(), 'generator.onnx');
  const broken = at('broken.onnx');
  writeFileSync(broken, readFileSync(own!).subarray(0, 5000));
  await ui.open([broken]);
  await page.getByText(/reading the model: /).waitFor();
  await page.getByText('Back to the first model').click();
  await page.waitForFunction(() => document.querySelector('.bar strong')?.textContent === 'Streets');
  await ui.rendered(-1);
  assert.deepEqual(
    problems.filter(text => !/reading the model|Failed to load resource/.test(text)),
    [],
  );
});

test('another page is not replaced unasked, and the command says how large it is', { skip }, async () => {
  const command = [
    'export',
    '--name',
    'styled',
    '--checkpoints-dir',
    checkpointsDir,
    '--format',
    'page',
    '--out',
    at('site'),
  ];
  await refuse(
    command,
    1,
    /site\.json, index\.html, sw\.js, generator\.onnx, encoder\.onnx, which would be overwritten/,
    /--force/,
  );
  const { code, said } = await runHere(...command, '--force', '--precision', 'fp16');
  assert.equal(code, 0, said);
  assert.match(said, /MB in all; it works from any static host/);
  const [first] = readFileSync(at('site/sw.js'), 'utf8').split('\n');
  const { files } = JSON.parse(first!.replace(/^const SITE = |;$/g, ''));
  for (const file of ['generator.onnx', 'index.html', 'drawings/1.bin', 'site.json'])
    assert.equal(
      files[file],
      createHash('sha256')
        .update(readFileSync(at('site', file)))
        .digest('hex'),
    );
});
