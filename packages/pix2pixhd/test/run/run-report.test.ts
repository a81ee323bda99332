/** The page of a run in its folder: small while it is rewritten, self-contained at the end. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { toStoredConfig } from '../../src/config/stored.js';
import { LossHistory } from '../../src/report/loss-history.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { failed, inTraining, RunReport } from '../../src/run/run-report.js';
import { configOf } from '../support/in-process.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
/** Too noisy to be compressed: 120 kB. */
const png = await sharp({
  create: {
    width: 200,
    height: 200,
    channels: 3,
    background: '#888',
    noise: { type: 'gaussian', mean: 128, sigma: 60 },
  },
})
  .png()
  .toBuffer();

function newRun(sheets: number) {
  const config = configOf(mkdtempSync(join(root, 'runs-')), 'run', 'data');
  const folder = RunFolder.create(config);
  mkdirSync(folder.samples);
  for (let step = 10; step <= 10 * sheets; step += 10) writeFileSync(folder.sheet(step), png);
  const report = new RunReport(folder, toStoredConfig(config), new LossHistory());
  const page = () => {
    const html = readFileSync(folder.page, 'utf8');
    return { html, sources: [...html.matchAll(/<img [^>]*src="([^"]+)"/g)].map(([, source]) => source!) };
  };
  return { folder, report, page };
}

test('while training the page refers to at most 40 sheets, first and newest among them; each is there', () => {
  const { folder, report, page } = newRun(90);
  writeFileSync(folder.sheet(905), png);
  report.addSheet(905);
  report.addSheet(905);
  report.write(inTraining, 'health: good');
  const { html, sources } = page();
  assert.equal(sources.length, 40);
  assert.equal(new Set(sources).size, 40);
  assert.deepEqual([sources[0], sources.at(-1)], ['samples/step-00000010.png', 'samples/step-00000905.png']);
  for (const source of sources) assert.ok(existsSync(join(dirname(folder.page), source)), source);
  assert.ok(html.length < png.length / 2, `a page of ${html.length} bytes`);
});

test('at its end the page contains twelve of them, and refers to nothing', () => {
  const { report, page } = newRun(90);
  report.write(failed, 'health: good');
  const { html, sources } = page();
  assert.equal(sources.length, 12);
  for (const source of sources) assert.equal(source, `data:image/png;base64,${png.toString('base64')}`);
  assert.doesNotMatch(html, /samples\/step/);
});

test('sheets that were deleted are left out', () => {
  const { folder, report, page } = newRun(3);
  rmSync(folder.sheet(20));
  for (const standing of [inTraining, failed]) {
    report.write(standing, 'health: good');
    assert.equal(page().sources.length, 2);
  }
});
