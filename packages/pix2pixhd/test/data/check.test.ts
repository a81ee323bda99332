/** `check` names every fault that is planted, and none that is not. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { checkDataset } from '../../src/data/check/check.js';
import { type Finding, hasErrors, type Report } from '../../src/data/check/findings.js';
import { boundaryMap } from '../../src/data/labels/boundary.js';
import { noise, temporaryFolder, writePng, writeTriplet, writeWithSharp } from './images.js';
import { writeTiff } from './stored-files.js';

const SIZE = { width: 16, height: 8 };
const layout = { labelNc: 5, useInstance: true };

function dataset(t: TestContext, count = 6): string {
  const root = temporaryFolder(t);
  for (let i = 0; i < count; i++) writeTriplet(root, 'train', `s${i}`, SIZE, i);
  return root;
}

function about(report: Report, code: string, file: string): Finding {
  const found = report.findings.find(f => f.code === code && f.files.some(name => name.includes(file)));
  assert.ok(found, `no ${code} for ${file} in ${JSON.stringify(report.findings, null, 1)}`);
  return found;
}

/** What is said of the number of classes. */
function whole(report: Report): Finding {
  return report.findings.find(({ code }) => code === 'label-nc')!;
}

const label = (root: string, stem: string) => join(root, 'train_label', `${stem}_gtFine_labelIds.png`);
const instance = (root: string, stem: string) => join(root, 'train_inst', `${stem}_gtFine_instanceIds.png`);
const photo = (root: string, stem: string) => join(root, 'train_img', `${stem}_leftImg8bit.png`);

test('a data set without faults has no findings', async t => {
  const report = await checkDataset(dataset(t), { ...layout, full: true });
  assert.deepEqual(report.findings, []);
  assert.equal(hasErrors(report), false);
  assert.deepEqual(report.samples, { train: 6 });
  assert.equal(report.suggestedLabelNc, 5);
  assert.equal(report.labelMapsRead, 6);
});

test('a 255, an id too high, a truncated file, an orphan and a size mismatch are all named', async t => {
  const root = dataset(t);
  const ids = new Uint8Array(128);
  ids.fill(255, 0, 3);
  writePng(label(root, 's0'), 16, 1, ids);
  ids.fill(40, 0, 5);
  writePng(label(root, 's1'), 16, 1, ids);
  truncateSync(photo(root, 's2'), Math.floor(statSync(photo(root, 's2')).size * 0.7));
  rmSync(photo(root, 's3'));
  writePng(photo(root, 's4'), 20, 3, noise(20 * 8 * 3));
  const report = await checkDataset(root, { ...layout, full: true });

  const ignored = about(report, 'label-ignored', 's0');
  assert.equal(ignored.severity, 'warning');
  assert.match(ignored.message, /^3 pixel.*2\.34 %.*255/);
  const high = about(report, 'label-out-of-range', 's1');
  assert.match(high.message, /^5 pixel.* 40,/);
  assert.match(high.remedy ?? '', /--label-nc 41/);
  about(report, 'unreadable', 's2_leftImg8bit');
  assert.match(about(report, 'orphan', 's3').message, /train_img/);
  assert.match(about(report, 'size-mismatch', 's4').message, /20×8.*16×8/);
  assert.equal(report.suggestedLabelNc, 41);
  assert.equal(report.findings.filter(f => f.severity === 'error').length, 4);
  assert.ok(hasErrors(report));
  assert.equal(report.findings[0]!.severity, 'error', 'errors come first');
});

test('the quick check reads headers and the first label maps only', async t => {
  const root = dataset(t);
  truncateSync(photo(root, 's2'), 200); // the header is whole
  writePng(label(root, 's5'), 16, 1, new Uint8Array(128).fill(9));
  const quick = await checkDataset(root, { ...layout, full: false });
  assert.deepEqual(quick.findings, []);
  assert.equal(quick.labelMapsRead, 4);
  assert.ok(hasErrors(await checkDataset(root, { ...layout, full: true })));
  writePng(photo(root, 's1'), 17, 3, noise(17 * 8 * 3));
  about(await checkDataset(root, { ...layout, full: false }), 'size-mismatch', 's1');
});

test('wrong instance maps, odd channels, duplicates and formats', async t => {
  const root = dataset(t);
  writePng(instance(root, 's0'), 16, 1, new Uint8Array(128));
  writePng(instance(root, 's1'), 16, 3, noise(128 * 3));
  writePng(photo(root, 's2'), 16, 4, noise(128 * 4));
  writePng(photo(root, 's3'), 16, 1, noise(128));
  await writeWithSharp(join(root, 'train_img', 's4.webp'), 16, 3, noise(128 * 3));
  writePng(join(root, 'train_img', 's5.bmp'), 16, 3, noise(128 * 3));
  writePng(join(root, 'train_img', 's5'), 16, 3, noise(128 * 3));
  const report = await checkDataset(root, { ...layout, full: true });
  assert.equal(about(report, 'instance-8bit', 's0').severity, 'warning');
  assert.match(about(report, 'not-an-id-map', 's1').message, /^3 channels.*colours, not ids/);
  assert.equal(about(report, 'image-alpha', 's2').severity, 'warning');
  assert.equal(about(report, 'image-channels', 's3').severity, 'info');
  assert.equal(about(report, 'duplicate-stem', 's4.webp').files.length, 2);
  assert.match(about(report, 'left-out', 's5.bmp').remedy ?? '', /rename it to s5\.bmp\.png/);
  assert.match(about(report, 'left-out', 'train_img/s5').remedy ?? '', /rename/);
  assert.equal(report.findings.length, 8, 'the coloured instance map is of 8 bits too');
});

test('findings are in the order of the samples, however long each file takes to read', async t => {
  const root = temporaryFolder(t);
  // The first image is damaged at its end and large, so that the others are through before it.
  for (const [i, width] of [1600, 400, 40, 20, 12, 8].entries()) {
    const stem = `s${i}`;
    writePng(join(root, 'train_A', `${stem}.png`), 8, 3, noise(8 * 4 * 3));
    const file = join(root, 'train_B', `${stem}.png`);
    writePng(file, width, 3, noise(width * (width / 2) * 3));
    truncateSync(file, statSync(file).size - 20);
  }
  const { findings } = await checkDataset(root, { labelNc: 0, useInstance: false, full: true });
  const unreadable = findings
    .filter(({ code }) => code === 'unreadable')
    .map(({ files }) => basename(files[0]!, '.png'));
  assert.deepEqual(unreadable, ['s0', 's1', 's2', 's3', 's4', 's5']);
  const sizes = findings.filter(({ code }) => code === 'size-mismatch').map(({ files }) => basename(files[0]!, '.png'));
  assert.deepEqual(sizes, ['s0', 's1', 's2', 's3', 's4']);
});

test('what label_nc should be', async t => {
  const root = dataset(t, 2);
  const smaller = await checkDataset(root, { ...layout, labelNc: 35, full: true });
  assert.match(smaller.findings[0]!.message, /--label-nc 5 is enough/);
  assert.equal(hasErrors(smaller), false);
});

test('broken links, left-out files and unused instance maps', async t => {
  const root = temporaryFolder(t);
  for (const folder of ['train_A', 'train_B', 'train_inst']) {
    writePng(join(root, folder, '1.png'), 16, 3, noise(128 * 3));
    symlinkSync('/nowhere/2.png', join(root, folder, '2.png'));
    symlinkSync('/nowhere/bonn', join(root, folder, 'bonn'));
  }
  for (let i = 0; i < 30; i++) writeFileSync(join(root, 'train_A', `photo${i}.heic`), '');
  const report = await checkDataset(root, { labelNc: 0, useInstance: false, full: true });
  assert.match(about(report, 'broken-link', 'train_A/2.png').message, /\/nowhere\/2\.png, which does not exist/);
  about(report, 'broken-link', 'train_B/bonn');
  assert.equal(about(report, 'left-out', 'photo29.heic').severity, 'warning');
  assert.equal(about(report, 'unused-folder', 'train_inst').severity, 'info');
  assert.equal(report.findings.length, 4 + 30 + 1, 'each once');
  assert.deepEqual(report.samples, { train: 2 });
});

test('masks of 0 and 255 are called so, with the options that make two classes of them', async t => {
  const root = dataset(t, 2);
  const mask = Uint8Array.from({ length: 128 }, (_, i) => (i % 3 === 0 ? 255 : 0));
  for (const stem of ['s0', 's1']) writePng(label(root, stem), 16, 1, mask);
  for (const labelNc of [2, 256]) {
    const report = await checkDataset(root, { ...layout, labelNc, full: true });
    assert.deepEqual(
      report.findings.map(({ code, severity }) => [code, severity]),
      [['label-mask', 'warning']],
    );
    assert.match(report.findings[0]!.message, /two values, 0 and 255/);
    assert.match(report.findings[0]!.remedy!, /--label-nc 2 --label-map 255:1/);
  }
  const mapped = await checkDataset(root, { ...layout, labelNc: 2, labelMap: '255:1', full: true });
  assert.deepEqual(mapped.findings, [], 'the remedy works');
  assert.equal(mapped.suggestedLabelNc, 2);
});

test('grey levels in the place of classes get the mapping, and 255 is not counted as one', async t => {
  const root = dataset(t, 1);
  writePng(
    label(root, 's0'),
    16,
    1,
    Uint8Array.from({ length: 128 }, (_, i) => [0, 85, 170, 255][i % 4]!),
  );
  const report = await checkDataset(root, { ...layout, labelNc: 4, full: true });
  assert.match(whole(report).remedy!, /--label-nc 4 --label-map 85:1,170:2,255:3$/);
  const mapped = await checkDataset(root, { ...layout, labelNc: 4, labelMap: '85:1,170:2,255:3', full: true });
  assert.deepEqual(mapped.findings, []);
  writePng(
    label(root, 's0'),
    16,
    1,
    Uint8Array.from({ length: 128 }, (_, i) => [0, 1, 2, 255][i % 4]!),
  );
  const ignored = await checkDataset(root, { ...layout, labelNc: 5, full: true });
  assert.match(whole(ignored).message, /ids up to 2 \(apart from 255, which means "ignore"\), so --label-nc 3/);
  // With more than 255 classes 255 is one, and the largest value of 16 bits is none.
  writePng(
    label(root, 's0'),
    16,
    1,
    Uint16Array.from({ length: 128 }, (_, i) => [0, 255, 300, 65535][i % 4]!),
  );
  const many = await checkDataset(root, { ...layout, labelNc: 301, full: true });
  assert.equal(hasErrors(many), false);
  assert.match(about(many, 'label-ignored', 's0').message, /^32 pixel.*25\.00 %.*65535/);
  assert.equal(many.suggestedLabelNc, 301);
  const few = await checkDataset(root, { ...layout, labelNc: 5, full: true });
  assert.match(whole(few).message, /ids up to 300 \(apart from 65535, which means "ignore"\), so --label-nc 301/);
  assert.match(about(few, 'label-out-of-range', 's0').remedy!, /--label-nc 301/);
});

test('channels are checked as training will: by input-nc and output-nc', async t => {
  const root = temporaryFolder(t);
  const a = join(root, 'train_A', 's.png');
  const b = join(root, 'train_B', 's.png');
  writePng(a, 16, 4, noise(128 * 4));
  writePng(b, 16, 3, noise(128 * 3));
  const pairs = { labelNc: 0, useInstance: false, full: true };
  assert.match(about(await checkDataset(root, pairs), 'image-alpha', 's.png').remedy!, /--input-nc 4/);
  assert.deepEqual((await checkDataset(root, { ...pairs, inputNc: 4 })).findings, []);
  const five = about(await checkDataset(root, { ...pairs, inputNc: 5, outputNc: 4 }), 'image-channels', 'train_A');
  assert.equal(five.severity, 'error');
  const wrong = about(await checkDataset(root, { ...pairs, inputNc: 4, outputNc: 4 }), 'image-channels', 'train_B');
  assert.match(wrong.message, /3 channels; expected 4, or one \(grey\)$/);
});

test('a file with several pages is reported', async t => {
  const root = dataset(t, 1);
  const frames = { raw: { width: 16, height: 16, channels: 3, pageHeight: 8 } } as const;
  rmSync(photo(root, 's0'));
  await sharp(noise(16 * 16 * 3), frames)
    .webp({ lossless: true })
    .toFile(photo(root, 's0').replace('.png', '.webp'));
  const { severity, message } = about(await checkDataset(root, { ...layout, full: true }), 'pages', 's0');
  assert.equal(severity, 'warning');
  assert.match(message, /^2 pages/);
});

test('a map that viewers show reversed is pointed out', async t => {
  const root = dataset(t, 1);
  rmSync(label(root, 's0'));
  const ids = Uint8Array.from({ length: 128 }, (_, i) => i % 5);
  writeTiff(label(root, 's0').replace('.png', '.tif'), { width: 16, bits: 8, photometric: 0 }, ids);
  const report = await checkDataset(root, { ...layout, full: true });
  assert.deepEqual(
    report.findings.map(({ code, severity }) => [code, severity]),
    [['map-reversed', 'warning']],
  );
});

test('the quick check looks into the first images of floating point', async t => {
  const root = temporaryFolder(t);
  writeTiff(join(root, 'train_A', 's.tif'), { width: 16, bits: 32, format: 'float' }, Array(128).fill(1400));
  writePng(join(root, 'train_B', 's.png'), 16, 3, noise(128 * 3));
  const quick = { labelNc: 0, useInstance: false, full: false };
  const report = await checkDataset(root, { ...quick, inputRange: 'full' });
  const { severity, message } = about(report, 'image-values', 's.tif');
  assert.equal(severity, 'error');
  assert.match(message, /from 1400 to 1400/);
  // By itself the range follows from the data.
  assert.deepEqual(
    (await checkDataset(root, quick)).findings.map(({ code }) => code),
    ['image-channels'],
  );
  writeTiff(join(root, 'train_A', 's.tif'), { width: 16, bits: 32, format: 'float' }, Array(128).fill(Number.NaN));
  assert.match(about(await checkDataset(root, quick), 'image-values', 's.tif').message, /NaN/);
});

test('a missing folder is a finding, and so is half a test phase', async t => {
  const root = dataset(t, 1);
  rmSync(join(root, 'train_inst'), { recursive: true });
  const report = await checkDataset(root, { ...layout, full: false });
  assert.match(about(report, 'missing-folder', '').remedy ?? '', /--no-instance/);
  writePng(join(root, 'test_label', 's.png'), 16, 1, new Uint8Array(128));
  const both = await checkDataset(root, { ...layout, full: false });
  assert.equal(both.findings.filter(f => f.code === 'missing-folder' && f.phase === 'test').length, 1);
});

test('the boundary map marks both sides of every border, and comes with the report', async t => {
  const map = { width: 4, height: 3, data: Int32Array.of(1, 1, 2, 2, 1, 1, 2, 2, 3, 1, 1, 1) };
  const edges = [0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1];
  assert.deepEqual([...boundaryMap(map.data, map.width, map.height)], edges);
  // By the definition: a pixel is on the boundary when any of its four neighbours has another id.
  const data = Int32Array.from(noise(20 * 15), v => v >> 6);
  const got = boundaryMap(data, 20, 15);
  for (let y = 0; y < 15; y++) {
    for (let x = 0; x < 20; x++) {
      const around = [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]]; // biome-ignore format: a table
      const differs = around.some(
        ([u, v]) => u! >= 0 && u! < 20 && v! >= 0 && v! < 15 && data[v! * 20 + u!] !== data[y * 20 + x],
      );
      assert.equal(got[y * 20 + x], differs ? 1 : 0, `${x}, ${y}`);
    }
  }
  const { boundary } = await checkDataset(dataset(t, 1), { ...layout, full: false });
  assert.deepEqual([boundary?.width, boundary?.height, boundary?.data.length], [16, 8, 128]);
  assert.ok(readFileSync(boundary!.file).length > 0);
});
