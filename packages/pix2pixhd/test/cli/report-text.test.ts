import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderReport } from '../../src/cli/report-text.js';
import type { Finding, Report } from '../../src/data/check/findings.js';

const orphan = (file: string): Finding => ({
  severity: 'error',
  code: 'orphan',
  phase: 'train',
  files: [file],
  message: 'no file of this name in train_img',
  remedy: 'add it',
});

const ignored: Finding = {
  severity: 'warning',
  code: 'label-ignored',
  phase: 'train',
  files: ['/data/train_label/c.png'],
  message: '9 pixels',
  remedy: 'nothing',
};

const report = (findings: Finding[]): Report => ({ findings, samples: { train: 3, test: 1 }, labelMapsRead: 4 });

test('findings stand under their severity and kind, with files relative to the dataset, a shared remedy once', () => {
  const text = renderReport(
    report([orphan('/data/train_label/a.png'), orphan('/elsewhere/b.png'), ignored]),
    '/data',
    20,
  );
  assert.equal(
    text,
    `/data: train 3 complete samples, test 1 complete sample; values of 4 label maps read

Errors
  Orphans: files without a partner
    train_label/a.png: no file of this name in train_img
    /elsewhere/b.png: no file of this name in train_img
      remedy: add it

Warnings
  Pixels without a class (value 255)
    train_label/c.png: 9 pixels
      remedy: nothing

Not ready: 2 errors, 1 warning.
`,
  );
});

test('beyond the limit the findings of a kind are counted, and the remedy still stands', () => {
  const many = Array.from({ length: 25 }, (_, i) => orphan(`/data/train_label/${i}.png`));
  const short = renderReport(report(many), '/data', 20);
  assert.match(short, /train_label\/19\.png.*\n {6}remedy: add it\n {4}and 5 more of this kind/);
  assert(!short.includes('train_label/20.png'));
  assert(short.includes('25 errors'));
  assert(renderReport(report(many), '/data', Number.POSITIVE_INFINITY).includes('train_label/24.png'));
});

test('a dataset without errors is ready', () => {
  assert.match(renderReport(report([]), '/data', 20), /\n\nReady to train\.\n$/);
  assert.match(renderReport(report([ignored]), '/data', 20), /Ready to train, with 1 warning\.\n$/);
});
