/** `pix2pixhd demo` from data set to page, on a few emoji and a few steps; and the files it must not replace. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type DemoConfig, demoCommand, openTerminal } from 'pix2pixhd/internal';
import sharp from 'sharp';
import { runDemo } from '../src/command.js';
import { demoVariants } from '../src/variants.js';

const root = mkdtempSync(join(tmpdir(), 'pix2pixhd-demo-'));
after(() => rmSync(root, { recursive: true }));

const size = 32;
const optionsOf = (out: string, kind: DemoConfig['kind']): DemoConfig => ({
  ...demoCommand.schema.parse({ out, kind, size, minutes: 1, maxSteps: 2, threads: 1 }),
});

/** Runs the demo. @returns what it printed. */
async function demo(options: DemoConfig): Promise<string> {
  let printed = '';
  const stream = {
    write(text: string) {
      printed += text;
    },
  };
  const terminal = openTerminal({ out: stream, error: stream }, 'demo', { json: false, quiet: false, debug: false });
  assert.equal(await runDemo(options, terminal), 0, printed);
  return printed;
}

/** Makes a data set of some emoji, and marks it as the full one. */
async function makeSmallDataset(out: string, kind: DemoConfig['kind']): Promise<void> {
  const { name, makeDataset } = demoVariants[kind];
  const folder = join(out, `${name}-${size}`);
  await makeDataset(folder, { size, limit: 60 });
  const manifest = join(folder, 'dataset.json');
  const content = readFileSync(manifest, 'utf8');
  assert.match(content, /"limit": 60/);
  writeFileSync(manifest, content.replace('"limit": 60', '"limit": null'));
}

test('images: trains, shows held-out emoji, numbers its runs, and continues the last one', async () => {
  const out = join(root, 'images');
  await makeSmallDataset(out, 'images');
  const options = optionsOf(out, 'images');
  const first = await demo(options);
  assert.match(first, /held-out emoji, against the real 3D drawings:\n.*PSNR ↑.*\n {2}generated +\d/);
  assert.match(first, /npx pix2pixhd demo .*--resume .*--out \S+images\n/);
  assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /<div class="trio"><div><img width="32"/);
  assert.equal((await sharp(join(out, 'sheet.png')).metadata()).format, 'png');

  await demo({ ...options, maxSteps: 1 });
  const runs = () => readdirSync(join(out, 'checkpoints')).sort();
  assert.deepEqual(runs(), ['emoji-001', 'emoji-002']);
  await demo({ ...options, resume: true });
  assert.deepEqual(runs(), ['emoji-001', 'emoji-002']);
  const checkpoints = (run: string) => readdirSync(join(out, 'checkpoints', run, 'checkpoints'));
  assert.ok(
    checkpoints('emoji-002').some(file => /\b0*2\b/.test(file)),
    `resumed: ${checkpoints('emoji-002')}`,
  );
});

test('labels: the data set alone first, then training on it', async () => {
  const out = join(root, 'labels');
  await makeSmallDataset(out, 'labels');
  const options = optionsOf(out, 'labels');
  assert.match(await demo({ ...options, dataOnly: true }), /npx pix2pixhd train --dataroot \S+ .*--label-nc 33/);
  assert.ok(!existsSync(join(out, 'checkpoints')), 'only the data set was asked for');
  await demo(options);
  assert.match(readFileSync(join(out, 'labels.html'), 'utf8'), /<div class="trio"><div><img width="32"/);
});

test('a sheet or a page that the demo did not make is not replaced', async () => {
  for (const [kind, { sheet, page }] of Object.entries(demoVariants))
    for (const file of [sheet, page]) {
      const out = join(root, 'shop', file);
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, file), 'of the shop');
      await assert.rejects(demo(optionsOf(out, kind as DemoConfig['kind'])), {
        name: 'UserError',
        message: /no demo beside it[\s\S]*--out/,
      });
      assert.deepEqual(readdirSync(out), [file]);
    }
});
