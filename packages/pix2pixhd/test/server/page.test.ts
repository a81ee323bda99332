/**
 * The page in a real browser against the real server and a generator of two steps: paint, select, move, undo, reload, and a
 * server that is killed and comes back. Needs Chromium (support/browser.ts).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { makeWorld } from '../api/world.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { plainCompute, type Serving, serveEditor, trainStyled } from '../support/editor.js';
import { EditorPage, openEditor } from './editor-page.js';

const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');

let server: Serving;
let browser: Browser;
let page: Page;
let ui: EditorPage;
let problems: readonly string[];

/** Serves the run. @param options a port to come back on. */
async function serve(...options: string[]): Promise<void> {
  server = await serveEditor('--checkpoints-dir', checkpointsDir, '--name', 'styled', ...plainCompute, ...options);
}

before(async () => {
  if (skip) return;
  await trainStyled(at('data/city'), checkpointsDir);
  await serve();
  browser = await chromium.launch(browserLaunch());
  ({ page, ui, problems } = await openEditor(browser, server.address));
});
after(async () => {
  await browser?.close();
  server?.child.kill();
});

test('a blank page, an ellipse, a stroke: each is a step, and each is rendered', { skip }, async () => {
  await page.getByText('Begin with …').click();
  await page.waitForFunction(() => document.querySelectorAll('.gallery canvas').length === 2);
  await page.keyboard.press('Escape');
  await page.locator('.gallery').waitFor({ state: 'detached' });
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  let revision = await ui.rendered(0);
  await page.locator('.classes').getByText('class 4').click();
  await ui.tool('Ellipse');
  await ui.drag([0.2, 0.2], [0.8, 0.8]);
  revision = await ui.rendered(revision);
  await page.locator('.classes').getByText('class 2').click();
  await ui.tool('Brush');
  await ui.drag([0.3, 0.5], [0.5, 0.6], [0.7, 0.5]);
  await ui.rendered(revision);
  // What was opened before is a step too: nothing drawn is lost.
  assert.equal(await ui.steps(), 4);
});

test('select, move, undo and redo', { skip }, async () => {
  await ui.tool('Select');
  const before = await ui.drawing();
  await page.mouse.click(...(await ui.place(0.5, 0.3)));
  assert.equal(await page.locator('.field select').inputValue(), '4');
  await page.waitForFunction(() => document.querySelectorAll('.look img').length === 2);
  await ui.drag([0.5, 0.3], [0.6, 0.3]);
  const moved = await ui.changed(before);
  assert.notEqual(moved, before);
  await page.keyboard.press('Control+z');
  assert.equal(await ui.changed(moved), before);
  await page.keyboard.press('Control+Shift+z');
  assert.equal(await ui.drawing(), moved);
});

test('a look is given to the object and rendered', { skip }, async () => {
  const revision = await ui.shown();
  await page.locator('.look').nth(1).click();
  await ui.rendered(revision);
  assert.equal(await page.locator('.look').nth(1).getAttribute('aria-pressed'), 'true');
});

test('the numbers behind a look are turned, and the look is given to another object', { skip }, async () => {
  const before = await ui.steps();
  const revision = await ui.shown();
  await page.getByText('Fine-tune').click();
  await page.locator('.features input').first().fill('0.8');
  await ui.rendered(revision);
  assert.equal(await ui.steps(), before + 1);
  await page.getByText('Copy look').click();
  await page.mouse.click(...(await ui.place(0.5, 0.6)));
  await page.getByText('Paste look').click();
  assert.equal(await page.locator('.features input').first().inputValue(), '0.8');
  assert.equal(await ui.steps(), before + 2);
});

test('the selected object, and then every one, looks like a photo: a step each, and undone', { skip }, async () => {
  const looks = async () => {
    const [saved] = await Promise.all([page.waitForEvent('download'), ui.saveAs('Drawing, to go on later')]);
    const { objects } = JSON.parse(readFileSync(await saved.path(), 'utf8'));
    return (objects as { style?: { features?: number[] } }[]).map(({ style }) => style?.features?.join(' '));
  };
  const choose = async (button: string) => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByText(button, { exact: true }).click(),
    ]);
    const before = await ui.shown();
    await chooser.setFiles(at('data/city/test_img/1.png'));
    await ui.rendered(before);
  };
  const [before, first] = [await ui.steps(), await looks()];
  await choose('Like a photo …');
  const like = await looks();
  assert.equal(like.filter((look, i) => look !== first[i]).length, 1);
  assert.equal(await ui.steps(), before + 1);
  await choose('Everything like a photo …');
  const all = await looks();
  assert.ok(all.every((look, i) => look !== undefined && look !== like[i]));
  assert.equal(new Set(all).size, all.length);
  assert.equal(await ui.steps(), before + 2);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await looks(), like);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await looks(), first);
});

test('a drawing is recorded: an animation of drawing and result, with a frame for what was drawn', {
  skip,
}, async () => {
  await page.getByText('Record', { exact: true }).click();
  await ui.tool('Brush');
  for (const [from, to] of [
    [0.2, 0.5],
    [0.6, 0.9],
  ] as const) {
    const revision = await ui.shown();
    await ui.drag([from, 0.2], [to, 0.2]);
    await ui.rendered(revision);
    await page.waitForTimeout(700);
  }
  const last = await ui.drawing();
  const [offered] = await Promise.all([page.waitForEvent('download'), page.getByText('Stop', { exact: true }).click()]);
  assert.equal(offered.suggestedFilename(), 'drawing.webp');
  const file = await offered.path();
  const { format, pages, pageHeight, width, delay, loop } = await sharp(file, { animated: true }).metadata();
  assert.deepEqual(
    { format, pageHeight, width, loop },
    { format: 'webp', pageHeight: 32, width: 64 + 4 + 64, loop: 0 },
  );
  assert.ok(pages! > 2, `${pages} pages`);
  assert.ok(delay!.slice(0, -1).every(time => time >= 20 && time <= 600) && delay!.includes(600), String(delay));
  assert.equal(delay!.at(-1), 2000);
  // The left half of the last frame is the drawing, but for what lossy encoding does to it.
  const half = { left: 0, top: 0, width: 64, height: 32 };
  const kept = await sharp(file, { page: pages! - 1 })
    .extract(half)
    .removeAlpha()
    .raw()
    .toBuffer();
  const drawn = await sharp(Buffer.from(last.split(',')[1]!, 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer();
  const difference = drawn.reduce((sum, value, i) => sum + Math.abs(value - kept[i]!), 0) / drawn.length;
  assert.ok(difference < 12, `${difference} of 255`);
});

test('the eraser, what a deleted object leaves, a random look: a step each; the result is saved as the network made it', {
  skip,
}, async () => {
  const before = await ui.steps();
  await ui.tool('Eraser');
  await ui.drag([0.1, 0.9], [0.3, 0.9]);
  await page.locator('.classes').getByText('class 4').click();
  await ui.tool('Ellipse');
  await ui.drag([0.05, 0.05], [0.2, 0.3]);
  const revision = await ui.shown();
  await page.getByText('Random look', { exact: true }).click();
  await ui.rendered(revision);
  const [saved] = await Promise.all([page.waitForEvent('download'), ui.saveAs('Result as an image')]);
  const exact = await sharp(await saved.path())
    .removeAlpha()
    .raw()
    .toBuffer();
  const lossy = await page.$eval('canvas.result', canvas => (canvas as HTMLCanvasElement).toDataURL());
  const seen = await sharp(Buffer.from(lossy.split(',')[1]!, 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer();
  const difference = exact.reduce((sum, value, i) => sum + Math.abs(value - seen[i]!), 0) / exact.length;
  // A network of two steps makes noise, of which the lossy image keeps little colour.
  assert.ok(difference > 0 && difference < 20, `${difference} of 255`);
  await page.locator('.classes').getByText('class 1').click();
  await ui.tool('Select');
  await page.mouse.click(...(await ui.place(0.125, 0.175)));
  await page.getByText('Delete, fill with').click();
  const [maps] = await Promise.all([page.waitForEvent('download'), ui.saveAs('Label and instance maps')]);
  const labels = await sharp(await maps.path())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = Math.floor(0.175 * labels.info.height) * labels.info.width + Math.floor(0.125 * labels.info.width);
  assert.equal(labels.data[at * labels.info.channels], 1);
  assert.equal(await ui.steps(), before + 4);
});

test('the browser is killed: the drawing is there when it is opened again', { skip }, async () => {
  const folder = at('browser');
  const open = async () => {
    const context = await chromium.launchPersistentContext(folder, browserLaunch());
    const other = await context.newPage();
    await other.goto(server.address.href);
    const ui = new EditorPage(other);
    await ui.rendered(-1);
    return { context, other, ui };
  };
  const first = await open();
  await first.other.locator('.classes').getByText('class 3').click();
  const blank = await first.ui.drawing();
  await first.ui.drag([0.3, 0.3], [0.7, 0.6]);
  const drawn = await first.ui.changed(blank);
  assert.notEqual(drawn, blank);
  await first.other.waitForTimeout(1000);
  execFileSync('pkill', ['-9', '-f', folder]);
  const second = await open();
  await second.other.waitForFunction(() => document.querySelectorAll('.steps li').length === 1);
  assert.equal(await second.ui.drawing(), drawn);
  await second.context.close();
});

test('what lies on an object goes with it; Shift adds others, Ctrl+A all; arrows move them', { skip }, async () => {
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  await page.locator('.classes').getByText('class 4').click();
  await ui.tool('Ellipse');
  await ui.drag([0.2, 0.2], [0.8, 0.8]);
  await ui.drag([0.4, 0.4], [0.5, 0.6]);
  await ui.tool('Select');
  await page.mouse.click(...(await ui.place(0.7, 0.5)));
  await page.getByText('with the 1 on it').waitFor();
  const before = await ui.drawing();
  await ui.drag([0.7, 0.5], [0.74, 0.5]);
  const both = await ui.changed(before);
  await page.keyboard.press('Control+z');
  assert.equal(await ui.changed(both), before);
  await page.getByText('with the 1 on it').click();
  await ui.drag([0.7, 0.5], [0.74, 0.5]);
  const alone = await ui.changed(before);
  assert.notEqual(alone, both);
  await page.keyboard.press('Control+z');
  await ui.changed(alone);
  await page.getByText('with the 1 on it').click();
  await page.keyboard.press('Control+a');
  await page.getByRole('heading', { name: '2 objects' }).waitFor();
  await page.locator('.frame').first().focus();
  await page.keyboard.press('ArrowRight');
  const moved = await ui.changed(before);
  await page.keyboard.press('Control+z');
  assert.equal(await ui.changed(moved), before);
  await page.keyboard.press('Escape');
  await ui.drag([0.38, 0.35], [0.52, 0.65]);
  assert.equal(await page.getByRole('heading', { name: 'Object', exact: true }).count(), 1);
  await page.getByText('Duplicate').waitFor();
  // The ground is no object: a click on it selects nothing.
  await page.mouse.click(...(await ui.place(0.02, 0.02)));
  await page.getByText('Nothing selected').waitFor();
  await page.mouse.click(...(await ui.place(0.7, 0.5)));
});

test('after a reload the drawing is there', { skip }, async () => {
  const before = await ui.drawing();
  await page.waitForTimeout(700);
  await page.reload();
  await ui.rendered(-1);
  assert.equal(await ui.drawing(), before);
  assert.deepEqual(await page.locator('.steps li').allTextContents(), ['Drawing kept from before']);
});

test('a shape of the library is put into the middle, selected, to be dragged; one undo takes it away', {
  skip,
}, async () => {
  const before = await ui.drawing();
  const count = await ui.steps();
  await ui.tool('Brush');
  await page.locator('.classes').getByText('class 3').click();
  await page.getByText('Add a shape …').click();
  const filter = page.getByLabel('Class of the shapes');
  await page.locator('.shapes .waiting').waitFor({ state: 'detached' });
  const classes = await filter
    .locator('option')
    .evaluateAll(options => options.map(o => (o as HTMLOptionElement).value));
  assert.equal(await filter.inputValue(), classes.includes('3') ? '3' : 'all');
  await filter.selectOption('all');
  const shape = page.locator('.shapes li button').last();
  const name = (await shape.locator('small').textContent())!;
  // Above its class is the drawing that it is of.
  assert.match((await shape.textContent())!, new RegExp(`^\\d+(?=${name}$)`));
  await shape.click();
  await page.locator('.shapes').waitFor({ state: 'detached' });
  const added = await ui.drawing();
  assert.notEqual(added, before);
  assert.equal(await ui.steps(), count + 1);
  assert.equal(await page.locator('.steps li').last().textContent(), 'Add shape');
  assert.equal(await page.locator('.field select').locator('option:checked').textContent(), name);
  assert.equal(await page.getByRole('toolbar').locator('[aria-pressed=true]').textContent(), 'Select');
  const box = (await page.locator('.selection').first().boundingBox())!;
  const [x, y] = await ui.place(0.5, 0.5);
  // To one pixel of the drawing.
  const pixel = (await ui.place(1 / 64, 0))[0] - (await ui.place(0, 0))[0];
  assert.ok(Math.abs(box.x + box.width / 2 - x) <= pixel && Math.abs(box.y + box.height / 2 - y) <= pixel);
  await page.keyboard.press('Control+z');
  assert.equal(await ui.drawing(), before);
  await page.keyboard.press('Control+Shift+z');
  assert.equal(await ui.drawing(), added);
});

test('maps are saved and opened again: the same drawing; colours are refused and change nothing', {
  skip,
}, async () => {
  const before = await ui.drawing();
  const done = await ui.steps();
  const [label, inst] = await ui.saveMaps(at('saved'));
  const saved = [label, inst].map(path => readFileSync(path!));
  const revision = await ui.shown();
  await ui.open([inst!, label!]);
  await ui.rendered(revision);
  assert.equal(await ui.steps(), done + 1);
  assert.equal(await ui.drawing(), before);
  const again = await ui.saveMaps(at('saved'));
  assert.deepEqual(
    again.map(path => readFileSync(path)),
    saved,
  );
  await ui.open([at('photo.png')]);
  await page.getByText('photo.png is a picture (RGB), not a map of classes').waitFor();
  assert.equal(await ui.drawing(), before);
  await page.getByText('Dismiss').click();
});

test('the server is killed: one goes on drawing; it comes back: all of it is rendered', { skip }, async () => {
  server.child.kill('SIGKILL');
  await page.getByText('The server does not answer').waitFor();
  await page.locator('.classes').getByText('class 1').click();
  await ui.tool('Rectangle');
  await ui.drag([0.1, 0.1], [0.3, 0.3]);
  const before = await ui.drawing();
  const revision = await ui.shown();
  // The result is of the drawing before, and that is said where it is shown and where it is given away.
  await page.getByText('older than the drawing', { exact: true }).waitFor();
  const [saved] = await Promise.all([page.waitForEvent('download'), ui.saveAs('Result as an image')]);
  assert.equal((await sharp(await saved.path()).metadata()).width, 64);
  await page.getByText('This result is older than the drawing').waitFor();
  assert.equal(await page.getByText('Saved.', { exact: true }).count(), 0);
  await page.getByText('Dismiss').click();
  // Only the drawings that begin with need the server.
  await page.getByText('Begin with …').click();
  await page.getByText('The drawings come from the server').waitFor();
  const usable = page.locator('.gallery li button:enabled');
  assert.deepEqual(await usable.allTextContents(), ['Blank page']);
  assert.ok(await page.locator('.gallery header').getByText('Open …').isEnabled());
  await page.keyboard.press('Escape');
  await serve('--port', server.address.port);
  await ui.rendered(revision);
  await page.getByText('The server does not answer').waitFor({ state: 'hidden' });
  await page.getByText('older than the drawing', { exact: true }).waitFor({ state: 'detached' });
  assert.equal(await ui.drawing(), before);
});

test('with the pane over the other, by keyboard alone, and without errors of the page', { skip }, async () => {
  await page.getByLabel('Layout').selectOption('over');
  await page.locator('.frame').focus();
  for (const key of ['v', 'Escape', '+', '-', '0', '?']) await page.keyboard.press(key);
  await page.locator('.help').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.help').waitFor({ state: 'detached' });
  // Objects one after the other, and back.
  await page.locator('.frame').first().focus();
  await page.keyboard.press('.');
  const first = await page.locator('.field select').inputValue();
  await page.keyboard.press('.');
  await page.keyboard.press(',');
  assert.equal(await page.locator('.field select').inputValue(), first);
  await page.getByLabel('Layout').selectOption('beside');
  assert.deepEqual(problems, []);
});
