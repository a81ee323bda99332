/**
 * The page with a network of 16-bit counts, in a real browser against the real server: what is painted, sent, picked and saved is the
 * value itself. Needs Chromium (support/browser.ts).
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeFrame, decodeValues, type FromPage } from '@pix2pixhd/editor/protocol';
import { decode, encode } from 'fast-png';
import { type Browser, chromium, type Page } from 'playwright-core';
import { loadGenerator } from '../../src/index.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { plainCompute, type ServingHere, serveEditorHere } from '../support/editor.js';
import { counts, trainOnCounts } from '../support/value-runs.js';
import { workFolder } from '../support/work-folder.js';
import { type EditorPage, openEditor } from './editor-page.js';

const world = workFolder();
const at = (...path: string[]) => join(world, ...path);
const side = 32;
let server: ServingHere;
let browser: Browser;
let page: Page;
let ui: EditorPage;
let problems: readonly string[];

/** The canvas as the server has it after all that the page has sent. */
const received = new Float32Array(side * side);

function receive(frame: Uint8Array): void {
  const { header, bytes } = decodeFrame(frame)!;
  const message = header as FromPage;
  if (message.type !== 'change') return;
  const { x, y, width, height } = message;
  const values = decodeValues(bytes, width * height);
  assert.ok(typeof values !== 'string', String(values));
  for (let row = 0; row < height; row++)
    received.set(values.subarray(row * width, (row + 1) * width), (y + row) * side + x);
}

before(async () => {
  if (skip) return;
  const checkpointsDir = at('checkpoints');
  const run = { dataroot: at('counts'), checkpointsDir, name: 'counts' };
  await trainOnCounts(run, { side, channels: 1, inputRange: '27000,32000' });
  server = await serveEditorHere('--checkpoints-dir', checkpointsDir, '--name', 'counts', ...plainCompute);
  browser = await chromium.launch(browserLaunch());
  const prepare = (opened: Page) =>
    void opened.on('websocket', socket => socket.on('framesent', ({ payload }) => receive(payload as Buffer)));
  ({ page, ui, problems } = await openEditor(browser, server.address, { prepare }));
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const place = 13 * side + 10;
/** The middle of the pixel at {@link place}. */
const there: [number, number] = [10.5 / side, 13.5 / side];
const file = Float32Array.from(counts(2, side));
const other = () => page.getByLabel('Another value');

/** The grey that is shown at {@link place}. */
const grey = () =>
  page.$eval(
    'canvas.map',
    canvas => (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(10, 13, 1, 1).data[0]!,
  );

async function click(...where: [number, number]): Promise<void> {
  await page.mouse.click(...(await ui.place(...where)));
}

async function saved(entry: string): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), ui.saveAs(entry)]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test('a drawing of the gallery is sent back in its own values', { skip }, () => {
  assert.deepEqual(received, file);
});

test('the paints are values at equal distances, named by number', { skip }, async () => {
  const names = await page.locator('.values button').allTextContents();
  assert.deepEqual(
    names.map(Number),
    Array.from({ length: 21 }, (_, i) => 27000 + 250 * i),
  );
});

test('a value is painted: the server has it exactly, everything else is as it was, undone too', { skip }, async () => {
  await other().fill('28123.25');
  await other().press('Enter');
  await page.getByLabel('Brush size').fill('1');
  await ui.tool('Brush');
  const revision = await ui.shown();
  await click(...there);
  await ui.rendered(revision);
  const expected = file.slice();
  expected[place] = 28123.25;
  assert.deepEqual(received, expected);
  assert.equal(await grey(), Math.round((255 * 1123.25) / 5000));
  await page.keyboard.press('Control+z');
  await ui.rendered(revision + 1);
  assert.deepEqual(received, file);
  await page.keyboard.press('Control+Shift+z');
  await ui.rendered(revision + 2);
  assert.deepEqual(received, expected);
});

test('the value under the pointer is read off, and picked', { skip }, async () => {
  await page.mouse.move(...(await ui.place(...there)));
  assert.equal(await page.locator('.readout').textContent(), 'x 10, y 1328123.3');
  await page.getByRole('button', { name: '27000', exact: true }).click();
  await ui.tool('Pick');
  await click(...there);
  assert.equal(await other().inputValue(), '28123.3');
  await click(0.5 / side, 0.5 / side);
  assert.equal(await other().inputValue(), String(file[0]));
});

test('a closer look changes what is shown, not what is drawn', { skip }, async () => {
  const [before, sent] = [await grey(), received.slice()];
  await page.getByRole('spinbutton', { name: 'Black is' }).fill('28000');
  await page.keyboard.press('Tab');
  await page.getByRole('spinbutton', { name: 'White is' }).fill('28200');
  await page.keyboard.press('Tab');
  await ui.drawing();
  assert.equal(await grey(), Math.round((255 * 123.25) / 200));
  assert.deepEqual(received, sent);
  await page.getByText('Whole range').click();
  await ui.drawing();
  assert.equal(await grey(), before);
});

test('fill takes the area of one value', { skip }, async () => {
  const revision = await ui.shown();
  await page.getByRole('button', { name: '31000', exact: true }).click();
  await ui.tool('Fill');
  await click(...there);
  await ui.rendered(revision);
  const expected = file.slice();
  expected[place] = 31000;
  assert.deepEqual(received, expected);
});

test('whole numbers are saved as PNG of 16 bits, the result too, and it is that of the generator', {
  skip,
}, async () => {
  const drawing = await saved('Drawing as an image');
  assert.equal(drawing.name, 'drawing.png');
  const { data, depth, channels } = decode(drawing.bytes);
  assert.deepEqual([depth, channels], [16, 1]);
  assert.deepEqual(data, Uint16Array.from(received));
  const result = await saved('Result as an image');
  assert.equal(result.name, 'result.png');
  await using generator = await loadGenerator(at('checkpoints', 'counts'), {
    ...{ precision: 'fp32', device: 'cpu', worker: true, threads: 1 },
  });
  const image = await generator.generate(new Uint8Array(drawing.bytes));
  assert.deepEqual(decode(result.bytes).data, image.values);
});

test('other values are saved as an array of floating point, which opens again', { skip }, async () => {
  let revision = await ui.shown();
  await page.keyboard.press('Control+z');
  revision = await ui.rendered(revision);
  const before = received.slice();
  assert.equal(before[place], 28123.25);
  const { name, bytes } = await saved('Drawing as an image');
  assert.equal(name, 'drawing.npy');
  writeFileSync(at(name), bytes);
  await page.keyboard.press('Control+z');
  revision = await ui.rendered(revision);
  assert.deepEqual(received, file);
  await ui.open([at(name)]);
  await ui.rendered(revision);
  assert.deepEqual(received, before);
});

test('grey PNG of 16 and of 8 bits opens in its own values; colours are refused', { skip }, async () => {
  for (const depth of [16, 8] as const) {
    const values = Array.from({ length: side * side }, (_, i) => (depth === 16 ? 26000 + 7 * i : i % 256));
    const data = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
    writeFileSync(at('grey.png'), encode({ width: side, height: side, data, depth, channels: 1 }));
    const revision = await ui.shown();
    await ui.open([at('grey.png')]);
    await ui.rendered(revision);
    assert.deepEqual(received, Float32Array.from(values));
  }
  const data = new Uint8Array(3 * side * side);
  writeFileSync(at('colours.png'), encode({ width: side, height: side, data, channels: 3 }));
  await ui.open([at('colours.png')]);
  await page.getByText('colours.png has colours (RGB), not values').waitFor();
});

test('a drawing that was saved opens again, and is kept over a reload', { skip }, async () => {
  const before = received.slice();
  const project = await saved('Drawing, to go on later');
  writeFileSync(at(project.name), project.bytes);
  await page.waitForTimeout(600);
  received.fill(0);
  await page.reload();
  await ui.rendered(-1);
  assert.deepEqual(received, before);
  const shown = await ui.shown();
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  const revision = await ui.rendered(shown);
  assert.ok(received.every(value => value === 32000));
  await ui.open([at(project.name)]);
  await ui.rendered(revision);
  assert.deepEqual(received, before);
  assert.deepEqual(problems, []);
});
