/**
 * `@pix2pixhd/web` as npm would publish it, in a folder with nothing else of ours: in Node, on the README's page of a plain static
 * server, and bundled by Vite on an isolated page with threads. All make the image of the native package. Needs Chromium
 * (support/browser.ts) for the pages. And how large it is.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { encode, exportGenerator, loadGenerator, train } from '../../src/index.js';
import { makeWorld, root, runIn } from '../api/world.js';
import { browserLaunch, withoutBrowser as skip } from '../support/browser.js';

const npmCli = process.env.npm_execpath ?? join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
const withoutNpm = !existsSync(npmCli) && 'no npm beside this Node';
const world = makeWorld();
const at = (...path: string[]) => join(world, ...path);
/** The empty folder. */
const project = at('project');

let native: Uint8Array;
before(async () => {
  const sizes = { loadSize: 32, ngf: 4, ndf: 4, nef: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1, nDownsampleE: 2 };
  const common = { name: 'city', checkpointsDir: at('checkpoints'), precision: 'fp32' } as const;
  await train({
    dataroot: at('data/city'),
    labelNc: 5,
    instanceFeat: true,
    workers: 1,
    maxSteps: 2,
    ...sizes,
    ...common,
  });
  await encode({ ...common, nClusters: 3 });
  mkdirSync(project);
  exportGenerator({ ...common, format: 'onnx', out: project });
  for (const name of ['label.png', 'inst.png', 'photo.png']) copyFileSync(at(name), join(project, name));
  await using generator = await loadGenerator(at('checkpoints/city'), { precision: 'fp32' });
  const image = await generator.generate(at('label.png'), { instances: at('inst.png'), style: { seed: 1 } });
  native = image.data;
  if (!withoutNpm) install();
  if (!withoutNpm && !skip) await serve();
});

/** Unpacks the tarball as npm would, beside its dependencies and the runtime. */
function install(): void {
  const modules = join(project, 'node_modules');
  const args = [npmCli, 'pack', '--json', '--ignore-scripts', `--pack-destination=${project}`];
  const output = execFileSync(process.execPath, [...args, '--workspace=packages/web'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  mkdirSync(join(modules, '@pix2pixhd/web'), { recursive: true });
  const unpack = ['xzf', join(project, filename), '--strip-components=1', '-C', join(modules, '@pix2pixhd/web')];
  execFileSync('tar', unpack);
  for (const name of ['fast-png', 'fflate', 'iobuffer', 'onnxruntime-web'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
}
/** Results differ by rounding at most. */
function assertNear(found: ArrayLike<number>): void {
  assert.equal(found.length, native.length);
  const most = native.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!)), 0);
  assert.ok(most <= 2, `differs by ${most}`);
}

test('in Node', { skip: withoutNpm }, () => {
  writeFileSync(
    join(project, 'generate.js'),
    `import { loadGenerator } from '@pix2pixhd/web';
const generator = await loadGenerator('generator.onnx', { threads: 2 });
const image = await generator.generate({ label: 'label.png', instances: 'inst.png', style: { seed: 1 } });
await image.save('photo-by-web.png');
await generator.dispose();
console.log(JSON.stringify([...image.data]));`,
  );
  assertNear(JSON.parse(runIn(project, 'generate.js')));
  assert.ok(existsSync(join(project, 'photo-by-web.png')));
});

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

let server: Server;
let browser: Browser;
/** What was asked for, and what is said with every answer. */
let asked: string[] = [];
let headers: Readonly<Record<string, string>> = {};

async function serve(): Promise<void> {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    asked.push(`${request.method} ${pathname}`);
    const file = join(project, pathname);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const modified = statSync(file).mtime.toUTCString();
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'last-modified': modified, ...headers });
    response.end(request.method === 'HEAD' ? undefined : readFileSync(file));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch(browserLaunch());
}
after(async () => {
  await browser?.close();
  server?.close();
});

async function open(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', error => assert.fail(`on the page: ${error}`));
  asked = [];
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
  return page;
}

/** What the canvas of a page shows, without alpha. */
async function shown(page: Page): Promise<number[]> {
  const output = await page.waitForFunction(() => {
    const { value } = document.querySelector('output')!;
    return /^(wasm|webgpu|Error)/.test(value) && value;
  });
  assert.equal(await output.jsonValue(), 'wasm');
  const rgba = await page.evaluate(() => {
    const canvas = document.querySelector('canvas')!;
    return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
  });
  return rgba.filter((_, i) => i % 4 !== 3);
}

test('the page of the README, on a plain static server; the model is downloaded once', {
  skip: skip || withoutNpm,
}, async () => {
  const readme = readFileSync(join(root, 'packages/web/README.md'), 'utf8');
  writeFileSync(join(project, 'index.html'), /```html\n([\s\S]*?)```/.exec(readme)![1]!);
  const page = await open('index.html');
  assertNear(await shown(page));
  assert.ok(asked.includes('GET /generator.onnx') && asked.some(request => request.endsWith('/page/worker.js')));
  asked = [];
  const seen = await page.evaluate(async entry => {
    const { loadGenerator } = (await import(entry)) as typeof import('@pix2pixhd/web');
    const pixelsOf = async (file: string) => {
      const bitmap = await createImageBitmap(await (await fetch(file)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      return canvas;
    };
    const generator = await loadGenerator('generator.onnx', { encoder: 'encoder.onnx' });
    const style = { seed: 1 };
    const canvas = await pixelsOf('label.png');
    const data = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const images = [];
    for (const label of [canvas, data, await (await fetch('label.png')).blob()])
      images.push([...(await generator.generate({ label, instances: 'inst.png', style })).data]);
    const photos = [await createImageBitmap(await pixelsOf('photo.png')), 'photo.png'];
    const styled = [];
    for (const image of photos)
      styled.push(
        [...(await generator.generate('label.png', { instances: 'inst.png', style: { image } })).data].join(),
      );
    // Of half a second and more of computing, the page feels nothing. The best of three: with other work on all cores it
    // may wait for one once; computing in the page it would stand still every time.
    const large = { width: 512, height: 512, data: new Uint8Array(512 * 512) };
    const made: { toBlob(type: string, quality: number): Promise<Blob> }[] = [];
    let stillness = 1;
    for (let i = 0; i < 3; i++) {
      let [longest, last] = [0, performance.now()];
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      const start = performance.now();
      made.push(await generator.generate({ label: large, instances: large, style: 'mean' }));
      stillness = Math.min(stillness, longest / (performance.now() - start));
      clearInterval(timer);
    }
    const blob = await made[0]!.toBlob('image/webp', 0.8);
    const refusals = [];
    for (const wrong of [
      () => loadGenerator('missing.onnx'),
      () => loadGenerator('generator.onnx', { device: 'webgpu' }),
      () => loadGenerator('generator.onnx', { runtime: '/nowhere/' }),
      async () => generator.generate({ label: await createImageBitmap(canvas), instances: 'inst.png' }),
    ])
      refusals.push(await wrong().then(String, error => error.code));
    await generator.dispose();
    const inThread = await loadGenerator('generator.onnx', { worker: false });
    images.push([...(await inThread.generate({ label: 'label.png', instances: 'inst.png', style })).data]);
    return { images, styled, stillness, blob: [blob.type, blob.size > 100], refusals };
  }, '/node_modules/@pix2pixhd/web/dist/page/index.js');
  assert.deepEqual(asked.filter(request => request.includes('/generator.onnx')).slice(0, 1), ['HEAD /generator.onnx']);
  assert.ok(!asked.includes('GET /generator.onnx'));
  for (const image of seen.images) assertNear(image);
  assert.equal(seen.styled[0], seen.styled[1]);
  assert.ok(seen.stillness < 0.5, `the page stood still for ${seen.stillness} of the time`);
  assert.deepEqual(seen.blob, ['image/webp', true]);
  assert.deepEqual(seen.refusals, ['FILE_NOT_FOUND', 'DEVICE_UNAVAILABLE', 'NOT_INSTALLED', 'NOT_AN_ID_MAP']);
  await page.close();
});

test('bundled by Vite, on an isolated page with threads', { skip: skip || withoutNpm }, async () => {
  writeFileSync(
    join(project, 'vite.html'),
    '<!doctype html><canvas></canvas><output></output><script type="module" src="/main.js"></script>',
  );
  writeFileSync(
    join(project, 'main.js'),
    `import { loadGenerator } from '@pix2pixhd/web';
const generator = await loadGenerator('/generator.onnx', { threads: 2 });
const image = await generator.generate({ label: '/label.png', instances: '/inst.png', style: { seed: 1 } });
image.draw(document.querySelector('canvas'));
document.title = generator.info.threads;
document.querySelector('output').value = generator.info.device;`,
  );
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const config = "export default { base: '/dist/', build: { rolldownOptions: { input: 'vite.html' } } };";
  writeFileSync(join(project, 'vite.config.js'), config);
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: project, stdio: 'pipe' });
  headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  const page = await open('dist/vite.html');
  assertNear(await shown(page));
  assert.equal(await page.title(), '2');
  await page.close();
});

test('ours are less than 30 kB, compressed', () => {
  const folder = join(root, 'packages/web/dist/page');
  const sizes = readdirSync(folder).map(file => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
  const sum = sizes.reduce((total, size) => total + size, 0);
  assert.ok(sum > 10_000 && sum < 30_000, `${sum} bytes`);
});
