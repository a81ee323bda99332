/**
 * `npm run bench -- editor`: what drawing costs: frames while a brush moves over 2048×1024 pixels, milliseconds from an edit to its
 * pixels, memory after 1000 strokes, images a second for 8 pages. In Chromium against the server. Depends on
 * playwright-core, ws and the editor's protocol; prints.
 *
 * Options: --name RUN (the emoji that come with the program), --checkpoints-dir FOLDER (checkpoints), --json.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { decodeFrame, encodeFrame, encodeRuns, type FromPage, protocolVersion } from '@pix2pixhd/editor/protocol';
import { chromium, type Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { browserLaunch, withoutBrowser } from '../test/support/browser.js';
import { serveEditor } from '../test/support/editor.js';
import { median } from './row.js';

const large = { width: 2048, height: 1024 };

/** Measures and prints. @param args the options. */
export async function benchEditor(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      'checkpoints-dir': { type: 'string', default: 'checkpoints' },
      json: { type: 'boolean', default: false },
    },
  });
  if (withoutBrowser !== false) throw new Error(withoutBrowser);
  const { name, 'checkpoints-dir': folder } = values;
  const run = name === undefined ? [] : ['--name', name, '--checkpoints-dir', folder];
  const { child: server, address: url } = await serveEditor(...run, '--max-side', String(large.width));
  const address = url.href;
  const browser = await chromium.launch(browserLaunch());
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    await page.goto(address);
    await page.waitForFunction(() => document.querySelector<HTMLElement>('canvas.result')?.dataset.revision);
    const edits = await editsToPixels(page, 30);
    const pages = await imagesPerSecond(address, 8, 10);
    await openLarge(page);
    const frames = await strokeFrames(page);
    const heap = await heapAfterStrokes(page, 1000);
    const result = {
      editToPixels: { median: median(edits), p95: percentile(edits, 0.95) },
      strokeFrames: { median: median(frames), p95: percentile(frames, 0.95) },
      heapAfter1000StrokesMb: heap / 1e6,
      imagesPerSecondOf8Pages: pages,
    };
    if (values.json) console.log(JSON.stringify(result));
    else {
      const ms = ({ median, p95 }: { median: number; p95: number }) =>
        `${median.toFixed(0)} ms, 95 % ${p95.toFixed(0)} ms`;
      console.log(`edit to pixels                 ${ms(result.editToPixels)}`);
      console.log(`frames of a stroke, 2048×1024  ${ms(result.strokeFrames)}`);
      console.log(`heap after 1000 strokes        ${result.heapAfter1000StrokesMb.toFixed(0)} MB`);
      console.log(`images a second, 8 pages       ${pages.toFixed(1)}`);
    }
  } finally {
    await browser.close();
    server.kill();
  }
}

/** A short stroke at a time, until its image is shown. */
async function editsToPixels(page: Page, count: number): Promise<number[]> {
  const box = (await page.locator('.stage').first().boundingBox())!;
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [box.x + box.width * (0.2 + 0.02 * i), box.y + box.height * (0.3 + 0.01 * i)];
    await page.mouse.move(x, y);
    // Installed before the pointer is pressed, and asked afterwards.
    const shown = await page.evaluateHandle(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('canvas.result')!;
      const before = Number(canvas.dataset.revision);
      const took = new Promise<number>(resolve => {
        let begun = 0;
        const note = () => {
          begun = performance.now();
        };
        addEventListener('pointerdown', note, { once: true, capture: true });
        // Not by asking in every frame: a browser that draws all the time takes the cores from the generator.
        new MutationObserver((_, observer) => {
          if (begun === 0 || Number(canvas.dataset.revision) <= before) return;
          observer.disconnect();
          resolve(performance.now() - begun);
        }).observe(canvas, { attributes: true, attributeFilter: ['data-revision'] });
      });
      return { took };
    });
    await page.mouse.down();
    await page.mouse.up();
    times.push(await shown.evaluate(({ took }) => took));
    await page.waitForTimeout(400);
  }
  return times;
}

/** Opens a drawing of the large size as a file. */
async function openLarge(page: Page): Promise<void> {
  const runs = Array.from({ length: large.height }, (_, y) => [y, 0, large.width]).flat();
  const project = { format: 'pix2pixhd-drawing', version: 1, ...large, seed: 0, objects: [{ id: 0, label: 0, runs }] };
  const chooser = page.waitForEvent('filechooser');
  await page.getByText('Open …').click();
  await (await chooser).setFiles({
    name: 'large.pix2pixhd',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(project)),
  });
  await page.waitForFunction(
    width => document.querySelector<HTMLCanvasElement>('canvas.map')?.width === width,
    large.width,
  );
}

/** Milliseconds between frames while the pointer draws. */
async function strokeFrames(page: Page): Promise<number[]> {
  const box = (await page.locator('.stage').first().boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 20);
  const recorded = await page.evaluateHandle(() => {
    const deltas = new Promise<number[]>(resolve => {
      const found: number[] = [];
      let last = performance.now();
      const frame = (now: number) => {
        found.push(now - last);
        last = now;
        if (found.length < 240) requestAnimationFrame(frame);
        else resolve(found.slice(10));
      };
      requestAnimationFrame(frame);
    });
    return { deltas };
  });
  await page.mouse.down();
  for (let i = 0; i < 240; i++) {
    const angle = i / 12;
    const radius = 0.15 + (0.3 * i) / 240;
    await page.mouse.move(
      box.x + box.width * (0.5 + radius * Math.cos(angle)),
      box.y + box.height * (0.5 + radius * Math.sin(angle)),
    );
  }
  await page.mouse.up();
  return recorded.evaluate(({ deltas }) => deltas);
}

/** Bytes of the page's heap once garbage is collected, after strokes all over the drawing. */
async function heapAfterStrokes(page: Page, count: number): Promise<number> {
  const box = (await page.locator('.stage').first().boundingBox())!;
  for (let i = 0; i < count; i++) {
    const at = (n: number) => ((i * n) % 97) / 97;
    await page.mouse.move(box.x + box.width * (0.05 + 0.85 * at(31)), box.y + box.height * (0.05 + 0.85 * at(57)));
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * (0.05 + 0.85 * at(43)), box.y + box.height * (0.05 + 0.85 * at(71)));
    await page.mouse.up();
  }
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return usedSize + (backingStorageSize ?? 0);
}

/** Pages that each ask for the next image when the one before has come. */
async function imagesPerSecond(address: string, pages: number, seconds: number): Promise<number> {
  let images = 0;
  const sockets = await Promise.all(
    Array.from({ length: pages }, async () => {
      const socket = new WebSocket(`${address.replace('http', 'ws')}socket`);
      const send = (message: FromPage, bytes?: Uint8Array) => socket.send(encodeFrame(message, bytes));
      const render = () =>
        send({
          type: 'render',
          revision: images,
          format: 'webp',
          reduce: 1,
          styles: { seed: 0, default: 'random', instances: [] },
        });
      await once(socket, 'open');
      socket.on('message', data => {
        const { type, model } = decodeFrame(new Uint8Array(data as Buffer))!.header as {
          type: string;
          model?: { width: number; height: number };
        };
        if (type === 'ready') {
          const { width, height } = model!;
          const maps = {
            width,
            height,
            labels: new Uint16Array(width * height),
            instances: new Int32Array(width * height),
          };
          send({ type: 'open', width, height });
          send({ type: 'change', x: 0, y: 0, width, height }, encodeRuns(maps, { x: 0, y: 0, width, height }));
          render();
        } else if (type === 'image') {
          images++;
          render();
        }
      });
      send({ type: 'hello', protocol: protocolVersion });
      return socket;
    }),
  );
  await new Promise(resolve => setTimeout(resolve, 2000));
  const before = images;
  await new Promise(resolve => setTimeout(resolve, seconds * 1000));
  const rate = (images - before) / seconds;
  for (const socket of sockets) socket.terminate();
  return rate;
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;
}
