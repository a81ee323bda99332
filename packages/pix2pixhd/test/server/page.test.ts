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
import { encode, train } from '../../src/index.js';
import { makeWorld } from '../api/world.js';
import { findBrowser, withoutBrowser } from '../support/browser.js';
import { type Started, start, until } from '../support/cli.js';
import { writeImagePairs } from '../support/runs.js';

const skip = withoutBrowser;
const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
const checkpointsDir = at('checkpoints');

let server: Started & { readonly address: string };
let address: string;
let browser: Browser;
let page: Page;
const problems: string[] = [];

/** Chooses an entry of the menu of what can be saved. */
async function saveAs(entry: string): Promise<void> {
  await page.getByText('Save …', { exact: true }).click();
  await page.getByText(entry, { exact: true }).click();
}

/** Serves a run. */
async function serveRun(name: string, port: string): Promise<Started & { readonly address: string }> {
  const started = start([
    ...['edit', '--checkpoints-dir', checkpointsDir, '--name', name, '--device', 'cpu', '--precision', 'fp32'],
    ...['--threads', '1', '--port', port],
  ]);
  let printed = '';
  started.child.stdout!.on('data', text => {
    printed += text;
  });
  await until(() => printed.includes('Ctrl-C'), started);
  return { ...started, address: /http:\S+/.exec(printed)![0] };
}

async function serve(port: string): Promise<void> {
  server = await serveRun('styled', port);
  address = server.address;
}

before(async () => {
  if (skip) return;
  const sizes = { loadSize: 64, ngf: 4, ndf: 4, nef: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, nDownsampleE: 2 };
  const options = { ...sizes, checkpointsDir, precision: 'fp32', device: 'cpu', workers: 1, maxSteps: 2 } as const;
  await train({ dataroot: at('data/city'), name: 'styled', labelNc: 5, instanceFeat: true, ...options });
  await encode({ name: 'styled', checkpointsDir, nClusters: 2 });
  for (const phase of ['train', 'test']) writeImagePairs(at('data/maps'), phase, 2, 32, 32);
  const maps = { ...options, loadSize: 32, labelNc: 0, noInstance: true };
  await train({ dataroot: at('data/maps'), name: 'maps', ...maps });
  await serve('0');
  browser = await chromium.launch({ executablePath: findBrowser()!, args: ['--no-sandbox'] });
  page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
  page.on('pageerror', error => problems.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error' && !/WebSocket|ERR_/.test(message.text())) problems.push(message.text());
  });
  await page.goto(address);
  await rendered(-1);
});
after(async () => {
  await browser?.close();
  server?.child.kill();
});

/** The revision that is shown, once it is a later one. */
async function rendered(than: number): Promise<number> {
  const handle = await page.waitForFunction(least => {
    const shown = Number(document.querySelector<HTMLCanvasElement>('canvas.result')?.dataset.revision ?? -1);
    return shown > least ? shown + 1 : false;
  }, than);
  return Number(await handle.jsonValue()) - 1;
}

const shown = () => page.$eval('canvas.result', canvas => Number((canvas as HTMLCanvasElement).dataset.revision));

/** The pixels of the drawing as text, once what was done is drawn. */
const drawing = async () => {
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return page.$eval('canvas.map', canvas => (canvas as HTMLCanvasElement).toDataURL());
};

/** The pixels of the drawing once they are others: a busy machine draws late. */
async function changed(from: string): Promise<string> {
  for (let i = 0; i < 50; i++) {
    const now = await drawing();
    if (now !== from) return now;
    await page.waitForTimeout(100);
  }
  return from;
}

async function place(x: number, y: number): Promise<[number, number]> {
  const box = (await page.locator('.stage').first().boundingBox())!;
  return [box.x + x * box.width, box.y + y * box.height];
}

async function drag(...points: [number, number][]): Promise<void> {
  await page.mouse.move(...(await place(...points[0]!)));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...(await place(...point)), { steps: 4 });
  await page.mouse.up();
}

const tool = (name: string) => page.getByRole('toolbar').getByText(name, { exact: true }).click();
const steps = () => page.locator('.steps li').count();

test('a blank page, an ellipse, a stroke: each is a step, and each is rendered', { skip }, async () => {
  await page.getByText('Begin with …').click();
  await page.waitForFunction(() => document.querySelectorAll('.gallery canvas').length === 2);
  await page.keyboard.press('Escape');
  await page.locator('.gallery').waitFor({ state: 'detached' });
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  let revision = await rendered(0);
  await page.locator('.classes').getByText('class 4').click();
  await tool('Ellipse');
  await drag([0.2, 0.2], [0.8, 0.8]);
  revision = await rendered(revision);
  await page.locator('.classes').getByText('class 2').click();
  await tool('Brush');
  await drag([0.3, 0.5], [0.5, 0.6], [0.7, 0.5]);
  await rendered(revision);
  // What was opened before is a step too: nothing drawn is lost.
  assert.equal(await steps(), 4);
});

test('select, move, undo and redo', { skip }, async () => {
  await tool('Select');
  const before = await drawing();
  await page.mouse.click(...(await place(0.5, 0.3)));
  assert.equal(await page.locator('.field select').inputValue(), '4');
  await page.waitForFunction(() => document.querySelectorAll('.look img').length === 2);
  await drag([0.5, 0.3], [0.6, 0.3]);
  const moved = await changed(before);
  assert.notEqual(moved, before);
  await page.keyboard.press('Control+z');
  assert.equal(await changed(moved), before);
  await page.keyboard.press('Control+Shift+z');
  assert.equal(await drawing(), moved);
});

test('a look is given to the object and rendered', { skip }, async () => {
  const revision = await shown();
  await page.locator('.look').nth(1).click();
  await rendered(revision);
  assert.equal(await page.locator('.look').nth(1).getAttribute('aria-pressed'), 'true');
});

test('the numbers behind a look are turned, and the look is given to another object', { skip }, async () => {
  const before = await steps();
  const revision = await shown();
  await page.getByText('Fine-tune').click();
  await page.locator('.features input').first().fill('0.8');
  await rendered(revision);
  assert.equal(await steps(), before + 1);
  await page.getByText('Copy look').click();
  await page.mouse.click(...(await place(0.5, 0.6)));
  await page.getByText('Paste look').click();
  assert.equal(await page.locator('.features input').first().inputValue(), '0.8');
  assert.equal(await steps(), before + 2);
});

test('the selected object, and then every one, looks like a photo: a step each, and undone', { skip }, async () => {
  const looks = async () => {
    const [saved] = await Promise.all([page.waitForEvent('download'), saveAs('Drawing, to go on later')]);
    const { objects } = JSON.parse(readFileSync(await saved.path(), 'utf8'));
    return (objects as { style?: { features?: number[] } }[]).map(({ style }) => style?.features?.join(' '));
  };
  const choose = async (button: string) => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByText(button, { exact: true }).click(),
    ]);
    const before = await shown();
    await chooser.setFiles(at('data/city/test_img/1.png'));
    await rendered(before);
  };
  const [before, first] = [await steps(), await looks()];
  await choose('Like a photo …');
  const like = await looks();
  assert.equal(like.filter((look, i) => look !== first[i]).length, 1);
  assert.equal(await steps(), before + 1);
  await choose('Everything like a photo …');
  const all = await looks();
  assert.ok(all.every((look, i) => look !== undefined && look !== like[i]));
  assert.equal(new Set(all).size, all.length);
  assert.equal(await steps(), before + 2);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await looks(), like);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await looks(), first);
});

test('a drawing is recorded: an animation of drawing and result, with a frame for what was drawn', {
  skip,
}, async () => {
  await page.getByText('Record', { exact: true }).click();
  await tool('Brush');
  for (const [from, to] of [
    [0.2, 0.5],
    [0.6, 0.9],
  ] as const) {
    const revision = await shown();
    await drag([from, 0.2], [to, 0.2]);
    await rendered(revision);
    await page.waitForTimeout(700);
  }
  const last = await drawing();
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
  const before = await steps();
  await tool('Eraser');
  await drag([0.1, 0.9], [0.3, 0.9]);
  await page.locator('.classes').getByText('class 4').click();
  await tool('Ellipse');
  await drag([0.05, 0.05], [0.2, 0.3]);
  const revision = await shown();
  await page.getByText('Random look', { exact: true }).click();
  await rendered(revision);
  const [saved] = await Promise.all([page.waitForEvent('download'), saveAs('Result as an image')]);
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
  await tool('Select');
  await page.mouse.click(...(await place(0.125, 0.175)));
  await page.getByText('Delete, fill with').click();
  const [maps] = await Promise.all([page.waitForEvent('download'), saveAs('Label and instance maps')]);
  const labels = await sharp(await maps.path())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = Math.floor(0.175 * labels.info.height) * labels.info.width + Math.floor(0.125 * labels.info.width);
  assert.equal(labels.data[at * labels.info.channels], 1);
  assert.equal(await steps(), before + 4);
});

test('the browser is killed: the drawing is there when it is opened again', { skip }, async () => {
  const folder = at('browser');
  const launch = () =>
    chromium.launchPersistentContext(folder, { executablePath: findBrowser()!, args: ['--no-sandbox'] });
  const open = async () => {
    const context = await launch();
    const other = await context.newPage();
    await other.goto(address);
    await other.waitForFunction(() => document.querySelector<HTMLElement>('canvas.result')?.dataset.revision);
    const map = () => other.$eval('canvas.map', canvas => (canvas as HTMLCanvasElement).toDataURL());
    return { context, other, map };
  };
  const first = await open();
  const box = (await first.other.locator('.stage').first().boundingBox())!;
  await first.other.locator('.classes').getByText('class 3').click();
  const blank = await first.map();
  await first.other.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
  await first.other.mouse.down();
  await first.other.mouse.move(box.x + 0.7 * box.width, box.y + 0.6 * box.height, { steps: 5 });
  await first.other.mouse.up();
  const drawn = await first.map();
  assert.notEqual(drawn, blank);
  await first.other.waitForTimeout(1000);
  execFileSync('pkill', ['-9', '-f', folder]);
  const second = await open();
  await second.other.waitForFunction(() => document.querySelectorAll('.steps li').length === 1);
  assert.equal(await second.map(), drawn);
  await second.context.close();
});

test('what lies on an object goes with it; Shift adds others, Ctrl+A all; arrows move them', { skip }, async () => {
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  await page.locator('.classes').getByText('class 4').click();
  await tool('Ellipse');
  await drag([0.2, 0.2], [0.8, 0.8]);
  await drag([0.4, 0.4], [0.5, 0.6]);
  await tool('Select');
  await page.mouse.click(...(await place(0.7, 0.5)));
  await page.getByText('with the 1 on it').waitFor();
  const before = await drawing();
  await drag([0.7, 0.5], [0.74, 0.5]);
  const both = await changed(before);
  await page.keyboard.press('Control+z');
  assert.equal(await changed(both), before);
  await page.getByText('with the 1 on it').click();
  await drag([0.7, 0.5], [0.74, 0.5]);
  const alone = await changed(before);
  assert.notEqual(alone, both);
  await page.keyboard.press('Control+z');
  await changed(alone);
  await page.getByText('with the 1 on it').click();
  await page.keyboard.press('Control+a');
  await page.getByRole('heading', { name: '2 objects' }).waitFor();
  await page.locator('.frame').first().focus();
  await page.keyboard.press('ArrowRight');
  const moved = await changed(before);
  await page.keyboard.press('Control+z');
  assert.equal(await changed(moved), before);
  await page.keyboard.press('Escape');
  await drag([0.38, 0.35], [0.52, 0.65]);
  assert.equal(await page.getByRole('heading', { name: 'Object', exact: true }).count(), 1);
  await page.getByText('Duplicate').waitFor();
  // The ground is no object: a click on it selects nothing.
  await page.mouse.click(...(await place(0.02, 0.02)));
  await page.getByText('Nothing selected').waitFor();
  await page.mouse.click(...(await place(0.7, 0.5)));
});

test('after a reload the drawing is there', { skip }, async () => {
  const before = await drawing();
  await page.waitForTimeout(700);
  await page.reload();
  await rendered(-1);
  assert.equal(await drawing(), before);
});

test('a shape of the library is put into the middle, selected, to be dragged; one undo takes it away', {
  skip,
}, async () => {
  const before = await drawing();
  const count = await steps();
  await tool('Brush');
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
  const name = (await shape.textContent())!;
  await shape.click();
  await page.locator('.shapes').waitFor({ state: 'detached' });
  const added = await drawing();
  assert.notEqual(added, before);
  assert.equal(await steps(), count + 1);
  assert.equal(await page.locator('.steps li').last().textContent(), 'Add shape');
  assert.equal(await page.locator('.field select').locator('option:checked').textContent(), name);
  assert.equal(await page.getByRole('toolbar').locator('[aria-pressed=true]').textContent(), 'Select');
  const box = (await page.locator('.selection').first().boundingBox())!;
  const [x, y] = await place(0.5, 0.5);
  // To one pixel of the drawing.
  const pixel = (await place(1 / 64, 0))[0] - (await place(0, 0))[0];
  assert.ok(Math.abs(box.x + box.width / 2 - x) <= pixel && Math.abs(box.y + box.height / 2 - y) <= pixel);
  await page.keyboard.press('Control+z');
  assert.equal(await drawing(), before);
  await page.keyboard.press('Control+Shift+z');
  assert.equal(await drawing(), added);
});

/** Saves the maps. @returns the files of label map and instance map. */
async function saveMaps(): Promise<string[]> {
  const names = ['label.png', 'inst.png'];
  const downloads = names.map(name =>
    page.waitForEvent('download', { predicate: file => file.suggestedFilename() === name }),
  );
  await saveAs('Label and instance maps');
  const files = await Promise.all(downloads);
  await Promise.all(files.map((file, i) => file.saveAs(at('saved', names[i]!))));
  return names.map(name => at('saved', name));
}

async function open(files: string[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByText('Open …').click();
  await (await chooser).setFiles(files);
}

test('maps are saved and opened again: the same drawing; colours are refused and change nothing', {
  skip,
}, async () => {
  const before = await drawing();
  const done = await steps();
  const [label, inst] = await saveMaps();
  const saved = [label, inst].map(path => readFileSync(path!));
  const revision = await shown();
  await open([inst!, label!]);
  await rendered(revision);
  assert.equal(await steps(), done + 1);
  assert.equal(await drawing(), before);
  const again = await saveMaps();
  assert.deepEqual(
    again.map(path => readFileSync(path)),
    saved,
  );
  await open([at('photo.png')]);
  await page.getByText('photo.png has colours (RGB), not classes').waitFor();
  assert.equal(await drawing(), before);
  await page.getByText('Dismiss').click();
});

test('the server is killed: one goes on drawing; it comes back: all of it is rendered', { skip }, async () => {
  server.child.kill('SIGKILL');
  await page.getByText('The server does not answer').waitFor();
  await page.locator('.classes').getByText('class 1').click();
  await tool('Rectangle');
  await drag([0.1, 0.1], [0.3, 0.3]);
  const before = await drawing();
  const revision = await shown();
  await serve(new URL(address).port);
  await rendered(revision);
  await page.getByText('The server does not answer').waitFor({ state: 'hidden' });
  assert.equal(await drawing(), before);
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

test('a network of images: colours are painted, a picture is drawn on, its colour picked', { skip }, async () => {
  const own = await serveRun('maps', '0');
  try {
    const other = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await other.goto(own.address);
    await other.waitForFunction(() => document.querySelector<HTMLElement>('canvas.result')?.dataset.revision);
    const pixel = () =>
      other.$eval('canvas.map', canvas => [
        ...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(16, 16, 1, 1).data,
      ]);
    const before = await pixel();
    const box = (await other.locator('.stage').first().boundingBox())!;
    const middle = [box.x + box.width / 2 + 2, box.y + box.height / 2 + 2] as const;
    await other.getByRole('toolbar').getByText('Pick', { exact: true }).click();
    await other.mouse.click(...middle);
    const picked = await other.locator('input[type=color]').inputValue();
    assert.equal(
      picked,
      `#${before
        .slice(0, 3)
        .map(value => value.toString(16).padStart(2, '0'))
        .join('')}`,
    );
    await other.getByLabel('#2fa84f').click();
    await other.mouse.move(...middle);
    await other.mouse.down();
    await other.mouse.up();
    assert.deepEqual(await pixel(), [0x2f, 0xa8, 0x4f, 255]);
    await other.keyboard.press('Control+z');
    assert.deepEqual(await pixel(), before);
    await other.close();
  } finally {
    own.child.kill();
  }
});

test('axe finds nothing serious', { skip }, async () => {
  const { default: axe } = await import('axe-core');
  // Not as a script of the page: its policy forbids that.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  assert.deepEqual(found, []);
});
