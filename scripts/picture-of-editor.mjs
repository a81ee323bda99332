/**
 * Draws a face, a mug and a hut in the editor, step by step, and keeps what the page shows as docs/images/editor.webp, an animated
 * picture, and docs/images/editor.png. To be run after the page or the emoji model have changed: node scripts/picture-of-editor.mjs
 * Depends on the built program, playwright-core, sharp and Chromium.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from '../packages/pix2pixhd/dist/test/support/browser.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, 'packages/pix2pixhd/package.json'));
const { chromium } = require('playwright-core');
const sharp = require('sharp');
const images = join(root, 'docs/images');
const size = { width: 1120, height: 630 };

/** A drawing: strokes of a colour, in shares of the canvas. */
const face = [
  ['amber 2', 'Ellipse', [0.1, 0.1], [0.9, 0.9]],
  ['white', 'Ellipse', [0.27, 0.3], [0.44, 0.52]],
  ['white', 'Ellipse', [0.56, 0.3], [0.73, 0.52]],
  ['dark brown', 'Ellipse', [0.32, 0.36], [0.41, 0.5]],
  ['dark brown', 'Ellipse', [0.6, 0.36], [0.69, 0.5]],
  ['dark brown', 'Brush', [0.3, 0.64], [0.36, 0.71], [0.45, 0.755], [0.55, 0.755], [0.64, 0.71], [0.7, 0.64]],
];
const mug = [
  ['light grey', 'Ellipse', [0.06, 0.78], [0.84, 0.95]],
  ['sky blue 2', 'Polygon', [0.16, 0.36], [0.74, 0.36], [0.7, 0.76], [0.6, 0.86], [0.3, 0.86], [0.2, 0.76]],
  ['sky blue 2', 'Brush', [0.74, 0.45], [0.86, 0.47], [0.87, 0.58], [0.8, 0.66], [0.7, 0.7]],
  ['brown', 'Ellipse', [0.19, 0.3], [0.71, 0.42]],
  ['pale blue', 'Brush', [0.35, 0.22], [0.4, 0.15], [0.35, 0.08]],
  ['pale blue', 'Brush', [0.53, 0.22], [0.58, 0.15], [0.53, 0.08]],
];
const hut = [
  ['light brown 2', 'Rectangle', [0.2, 0.46], [0.8, 0.92]],
  ['red', 'Polygon', [0.5, 0.08], [0.93, 0.5], [0.07, 0.5]],
  ['dark brown', 'Rectangle', [0.42, 0.6], [0.58, 0.92]],
  ['sky blue', 'Ellipse', [0.62, 0.58], [0.74, 0.72]],
  ['sky blue', 'Ellipse', [0.26, 0.58], [0.38, 0.72]],
];

const args = [join(root, 'packages/pix2pixhd/dist/src/cli/main.js'), 'edit', '--port', '0', ...process.argv.slice(2)];
const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const [printed] = await once(server.stdout, 'data');
const browser = await chromium.launch({
  executablePath: findBrowser(),
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: size, locale: 'en-GB' });
await page.goto(/http:\S+/.exec(String(printed))[0]);
await page.waitForSelector('canvas.result[data-revision]');

const frames = [];
const pauses = [];
/** Keeps what the page shows for some milliseconds. */
async function keep(pause) {
  frames.push(await sharp(await page.screenshot()).toBuffer());
  pauses.push(pause);
}

/** Once the result is that of the drawing. */
async function rendered() {
  await page.waitForTimeout(60);
  await page.waitForSelector('.working:not(.on)', { state: 'attached' });
  await page.waitForTimeout(40);
}

async function draw(strokes) {
  await page.getByText('Begin with').click();
  await page.locator('.gallery').getByText('Blank page').click();
  await page.keyboard.press('0');
  for (const [colour, tool, ...points] of strokes) {
    const box = await page.locator('.stage').first().boundingBox();
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    await page.getByRole('button', { name: colour, exact: true }).click();
    await page.locator(`.tools button:has-text("${tool}")`).click();
    await page.mouse.move(...at(points[0]));
    if (tool === 'Polygon') {
      for (const point of [...points, points[0]]) {
        await page.mouse.click(...at(point));
        await page.waitForTimeout(350);
        await rendered();
        await keep(120);
      }
    } else {
      await page.mouse.down();
      for (const [i, point] of points.slice(1).entries()) {
        const before = points[i];
        for (let part = 1; part <= (points.length > 2 ? 1 : 3); part++) {
          const share = part / (points.length > 2 ? 1 : 3);
          await page.mouse.move(...at([0, 1].map(c => before[c] + share * (point[c] - before[c]))));
          await rendered();
          await keep(110);
        }
      }
      await page.mouse.up();
    }
    await rendered();
    await keep(260);
  }
  await keep(1600);
}

await draw(mug);
await draw(hut);
await draw(face);
await page.locator('.tools button:has-text("Select")').click();
const box = await page.locator('.stage').first().boundingBox();
await page.mouse.click(box.x + 0.5 * box.width, box.y + 0.2 * box.height);
await page.waitForFunction(
  () => {
    const looks = [...document.querySelectorAll('.look')];
    return looks.length > 0 && looks.every(look => look.querySelector('img'));
  },
  undefined,
  { timeout: 60_000 },
);
await page.waitForTimeout(300);
await keep(1200);
await sharp(frames.at(-1)).png({ palette: true, quality: 95 }).toFile(join(images, 'editor.png'));
for (const look of [4, 7, 1]) {
  await page.locator('.look').nth(look).click();
  await rendered();
  await keep(900);
}
await browser.close();
server.kill();
await sharp(frames, { join: { animated: true } })
  .webp({ quality: 84, effort: 4, delay: pauses, loop: 0, minSize: true })
  .toFile(join(images, 'editor.webp'));
process.stdout.write(`${frames.length} frames\n`);
