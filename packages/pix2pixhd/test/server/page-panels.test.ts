/**
 * What a person sees and does around the drawing, in a real browser against the real server: dragging inside a frame, paints, steps,
 * help, and that panels keep their places. Needs Chromium (support/browser.ts).
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { makeWorld } from '../api/world.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';
import { plainCompute, type ServingHere, serveEditorHere, trainStyled } from '../support/editor.js';
import { type EditorPage, openEditor } from './editor-page.js';

const world = makeWorld();
const checkpointsDir = join(world, 'checkpoints');
let server: ServingHere;
let browser: Browser;
let page: Page;
let ui: EditorPage;

before(async () => {
  if (skip) return;
  await trainStyled(join(world, 'data/city'), checkpointsDir);
  server = await serveEditorHere('--checkpoints-dir', checkpointsDir, '--name', 'styled', ...plainCompute);
  // With scrollbars, which take room from what is in a panel.
  browser = await chromium.launch({ ...browserLaunch(), ignoreDefaultArgs: ['--hide-scrollbars'] });
  ({ page, ui } = await openEditor(browser, server.address));
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const lastStep = () => page.locator('.steps li').last().textContent();
const paint = () => page.locator('.field select').locator('option:checked').textContent();
const tool = () => page.getByRole('toolbar').locator('[aria-pressed=true]').textContent();
const list = (name: string) => page.locator('.classes li').getByText(name, { exact: true });

/** Which part of the drawing's width the frame takes. */
async function frame(): Promise<number> {
  const [left, right] = [await ui.place(0, 0), await ui.place(1, 0)];
  const { width } = (await page.locator('.selection').first().boundingBox())!;
  return Math.round((10 * width) / (right[0] - left[0])) / 10;
}

/** A ring with an ellipse in its hollow, both of class 4, which can be counted, and apart. */
async function ring(): Promise<void> {
  await page.getByText('Begin with …').click();
  await page.locator('.gallery').getByText('Blank page').click();
  await list('class 4').click();
  await ui.tool('Ellipse');
  await ui.drag([0.2, 0.1], [0.8, 0.9]);
  await list('class 0').click();
  await ui.drag([0.3, 0.25], [0.7, 0.75]);
  await list('class 4').click();
  await ui.drag([0.4, 0.4], [0.5, 0.6]);
  await ui.tool('Select');
}

test('a drag in the hollow of what is selected moves it; a click there selects what is under the pointer', {
  skip,
}, async () => {
  await ring();
  await page.mouse.click(...(await ui.place(0.25, 0.5)));
  assert.equal(await frame(), 0.6);
  const before = await ui.drawing();
  // From the ellipse in the hollow, and from the hollow itself.
  for (const from of [
    [0.45, 0.5],
    [0.6, 0.5],
  ] as const) {
    await ui.drag([...from], [from[0] + 0.1, from[1]]);
    const moved = await ui.changed(before);
    assert.notEqual(moved, before);
    assert.equal(await frame(), 0.6);
    assert.equal(await lastStep(), 'Move');
    await page.keyboard.press('Control+z');
    assert.equal(await ui.changed(moved), before);
  }
  await page.mouse.click(...(await ui.place(0.45, 0.5)));
  assert.equal(await frame(), 0.1);
  assert.equal(await ui.drawing(), before);
});

test('Shift draws a rectangle wherever it begins, also on an object; a click with it adds', { skip }, async () => {
  await ring();
  const before = await ui.drawing();
  await page.mouse.click(...(await ui.place(0.25, 0.5)));
  await page.keyboard.down('Shift');
  await ui.drag([0.79, 0.55], [0.38, 0.38]);
  await page.keyboard.up('Shift');
  // It goes around nothing as a whole: the ring stays selected alone.
  assert.equal(await frame(), 0.6);
  await page.keyboard.down('Shift');
  await ui.drag([0.33, 0.3], [0.6, 0.7]);
  await page.keyboard.up('Shift');
  await page.getByRole('heading', { name: '2 objects' }).waitFor();
  await page.getByRole('heading', { name: '2 objects' }).waitFor();
  assert.equal(await paint(), 'class 4');
  assert.equal(await ui.drawing(), before);
  await page.keyboard.down('Shift');
  await page.mouse.click(...(await ui.place(0.45, 0.5)));
  await page.keyboard.up('Shift');
  await page.getByRole('heading', { name: 'Object', exact: true }).waitFor();
  assert.equal(await frame(), 0.6);
  assert.match((await page.locator('.tools + .hint').textContent())!, /Shift: drag around several/);
});

test('a paint is given to what is selected, and Select stays; with nothing selected it is painted with', {
  skip,
}, async () => {
  await ring();
  await page.mouse.click(...(await ui.place(0.45, 0.5)));
  const count = await ui.steps();
  await list('class 2').click();
  assert.deepEqual([await tool(), await paint(), await lastStep()], ['Select', 'class 2', 'Change paint']);
  assert.equal(await ui.steps(), count + 1);
  assert.equal(await page.locator('.chosen').textContent(), 'class 2');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Escape');
  await page.mouse.click(...(await ui.place(0.45, 0.5)));
  await list('class 2').click();
  await page.keyboard.down('Shift');
  await page.mouse.click(...(await ui.place(0.25, 0.5)));
  await page.keyboard.up('Shift');
  assert.equal(await paint(), 'several');
  await page.keyboard.press('Escape');
  await list('class 4').click();
  assert.equal(await tool(), 'Brush');
  assert.equal(await page.locator('.chosen').textContent(), 'class 4');
});

test('paints are found by colour, in either language', { skip }, async () => {
  const swatches = () =>
    page.locator('.classes li i').evaluateAll(all => all.map(one => getComputedStyle(one).backgroundColor));
  const all = await swatches();
  assert.equal(all.length, 5);
  const found = new Set<string>();
  for (const words of [
    'red 빨강',
    'orange 주황',
    'yellow 노랑',
    'green 초록',
    'blue 파랑',
    'purple 보라',
    'pink 분홍',
    'brown 갈색',
    'skin 살색',
    'white 하양',
    'grey 회색',
    'black 검정',
  ]) {
    const [english, korean] = words.split(' ') as [string, string];
    await page.getByRole('searchbox').fill(english);
    const some = await swatches();
    await page.getByRole('searchbox').fill(korean);
    assert.deepEqual(await swatches(), some);
    for (const one of some) found.add(one);
    assert.ok(some.length < all.length, english);
  }
  assert.equal(found.size, all.length);
  await page.getByRole('searchbox').fill('');
});

test('looks have room beside the scrollbar, and the object is in the middle of each; the usual look comes back', {
  skip,
}, async () => {
  await ring();
  await page.mouse.click(...(await ui.place(0.45, 0.5)));
  await page.waitForFunction(() => document.querySelectorAll('.look img').length === 2);
  const { room, places } = await page.evaluate(() => {
    const panel = document.querySelector('.right')!;
    const places = [...document.querySelectorAll('.look')].map(look => {
      const [outer, inner] = [look.getBoundingClientRect(), look.querySelector('img')!.getBoundingClientRect()];
      const middle = { x: inner.left + 0.45 * inner.width, y: inner.top + 0.5 * inner.height };
      return {
        right: outer.right - panel.getBoundingClientRect().left,
        x: middle.x - outer.left - outer.width / 2,
        y: middle.y - outer.top - outer.height / 2,
      };
    });
    return { room: panel.clientWidth, places };
  });
  for (const { right, x, y } of places) {
    assert.ok(right <= room - 12 + 0.5, `${right} of ${room}`);
    // The ellipse is drawn in whole pixels, of which the look shows about ten.
    assert.ok(Math.abs(x) < 4 && Math.abs(y) < 4, `${x}, ${y}`);
  }
  const usual = page.getByText('Usual look', { exact: true });
  assert.ok(await usual.isDisabled());
  await page.locator('.look').nth(1).click();
  await page.getByText('Objects that keep a look you chose: 1').waitFor();
  await usual.click();
  assert.equal(await page.locator('.look[aria-pressed=true]').count(), 0);
  await page.getByText('Objects that keep a look you chose').waitFor({ state: 'detached' });
});

test('the list of steps shows the current one, and so does the list of paints', { skip }, async () => {
  await ui.tool('Brush');
  for (let i = 0; i < 20; i++) await ui.drag([0.1, 0.04 * i + 0.1], [0.15, 0.04 * i + 0.1]);
  const isSeen = (listed: string, entry: string) =>
    page.waitForFunction(
      ([outer, inner]) => {
        const [a, b] = [outer, inner].map(name => document.querySelector(name!)!.getBoundingClientRect());
        return b!.top >= a!.top - 1 && b!.bottom <= a!.bottom + 1;
      },
      [listed, `${listed} ${entry}`] as const,
    );
  await isSeen('.steps ol', '[aria-current]');
  for (let i = 0; i < 20; i++) await page.keyboard.press('Control+z');
  await isSeen('.steps ol', '[aria-current]');
  await isSeen('.classes ul', '[aria-pressed=true]');
});

test('what was opened has its name in the steps', { skip }, async () => {
  await page.getByText('Begin with …').click();
  const item = page.locator('.gallery li button').nth(1);
  await page.locator('.gallery canvas').first().waitFor();
  const name = await item.textContent();
  await item.click();
  await page.waitForFunction(
    text => document.querySelector('.steps li:last-child')?.textContent === text,
    `Opened ${name}`,
  );
});

for (const locale of ['en-US', 'ko-KR'])
  test(`nothing jumps: one line of buttons in either layout, one height of hints (${locale})`, { skip }, async () => {
    const { page: other } = await openEditor(browser, server.address, { locale });
    const height = (selector: string) => other.locator(selector).evaluate(one => one.getBoundingClientRect().height);
    const bar = await height('.bar');
    await other.locator('.bar select').selectOption('over');
    assert.equal(await other.locator('.bar .range').count(), 2);
    assert.equal(await height('.bar'), bar);
    const heights = new Set<number>();
    for (const button of await other.getByRole('toolbar').locator('button').all()) {
      await button.click();
      heights.add(await height('.tools + .hint'));
    }
    assert.equal(heights.size, 1, [...heights].join(', '));
    await other.keyboard.press('?');
    await other.locator('.help').waitFor();
    // Beside the sentences on what to do first, each key has a cap of its own.
    assert.equal(await other.locator('.help p').count(), 2);
    const caps = await other.locator('.help kbd').allTextContents();
    for (const cap of [',', '.', '[', ']', '↑']) assert.ok(caps.includes(cap), cap);
    const lines = await other.locator('.help kbd').evaluateAll(all => all.map(cap => cap.getClientRects().length));
    assert.ok(lines.every(count => count === 1));
    await other.context().close();
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
