/** What the cache gives is, bit for bit, what decoding gives; anything else than the very same state of the files is no hit. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { findSamples, type Sample } from '../../src/data/find/pairs.js';
import type { Batch } from '../../src/data/load/batch.js';
import { Loader, type LoaderOptions } from '../../src/data/load/loader.js';
import { type Images, loadImages, type SampleSpec } from '../../src/data/load/sample.js';
import { openCacheFolder, SampleCache } from '../../src/data/load/sample-cache.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng, writeTriplet } from './images.js';

const spec: SampleSpec = {
  transform: { mode: 'scale_width', loadSize: 21, fineSize: 16, multiple: 1, flip: true },
  labelNc: 5,
  sourceChannels: 3,
  imageChannels: 3,
  alpha: 'drop',
};

const COUNT = 6;

/** Triplets, and the (empty) folder of a cache beside them. */
function dataset(t: TestContext): { samples: readonly Sample[]; folder: string } {
  const root = temporaryFolder(t);
  for (let i = 0; i < COUNT; i++) writeTriplet(root, 'train', `s${i}`, { width: 38, height: 26 }, i);
  const folder = join(root, 'cache');
  openCacheFolder(folder);
  return { samples: findSamples(root, 'train', { labelNc: 5, useInstance: true }), folder };
}

/** A sample through the cache, and whether it had to be decoded. */
async function fetch(folder: string, sample: Sample, wanted = spec): Promise<{ images: Images; decoded: boolean }> {
  let decoded = false;
  const images = await new SampleCache(folder, wanted).images(sample, () => {
    decoded = true;
    return loadImages(sample, wanted);
  });
  return { images, decoded };
}

const onlyEntry = (folder: string): string => {
  const names = readdirSync(folder);
  assert.equal(names.length, 1, names.join(' '));
  return join(folder, names[0]!);
};

test('a hit equals a miss bit for bit, whatever the images are made of', async t => {
  const root = temporaryFolder(t);
  const at = (name: string) => join(root, name);
  const [width, height] = [19, 13];
  const pixels = width * height;
  const wide = Uint16Array.from({ length: pixels * 3 }, (_, i) => (i * 4093) & 0xffff);
  writePng(
    at('label.png'),
    width,
    1,
    noise(pixels).map(v => v % 5),
  );
  writePng(at('instance.png'), width, 1, wide.slice(0, pixels));
  writePng(at('wide.png'), width, 3, wide);
  writePng(at('rgba.png'), width, 4, noise(pixels * 4));
  const samples: Sample[] = [
    { stem: 'ids of 8 and 16 bits', label: at('label.png'), instance: at('instance.png'), image: at('wide.png') },
    { stem: 'alpha, with its notice', source: at('rgba.png'), image: at('wide.png') },
    { stem: 'nothing but ids', label: at('label.png') },
  ];
  for (const sample of samples) {
    openCacheFolder(at('cache'));
    assert.equal((await fetch(at('cache'), sample)).decoded, true, sample.stem);
    const hit = await fetch(at('cache'), sample);
    assert.equal(hit.decoded, false, sample.stem);
    // deepEqual of typed arrays compares their types and every element.
    assert.deepEqual(hit.images, await loadImages(sample, spec), sample.stem);
    rmSync(at('cache'), { recursive: true });
  }
});

test('a file that changed in time or size is decoded again, and its entry replaced', async t => {
  const { samples, folder } = dataset(t);
  const sample = samples[0]!;
  await fetch(folder, sample);
  assert.equal((await fetch(folder, sample)).decoded, false);
  utimesSync(sample.instance!, 1000, 1000);
  assert.equal((await fetch(folder, sample)).decoded, true);
  writePng(sample.image!, 38, 3, noise(38 * 26 * 3, 99));
  const after = await fetch(folder, sample);
  assert.equal(after.decoded, true);
  onlyEntry(folder);
  const hit = await fetch(folder, sample);
  assert.equal(hit.decoded, false);
  assert.deepEqual(hit.images, after.images);
});

test('an entry belongs to one spec, apart from zoom, shift and mirroring, which are done later', async t => {
  const { samples, folder } = dataset(t);
  const sample = samples[0]!;
  await fetch(folder, sample);
  const smaller = { ...spec, transform: { ...spec.transform, loadSize: 9 } };
  assert.equal((await fetch(folder, sample, smaller)).images.image!.width, 9);
  assert.equal((await fetch(folder, sample, { ...spec, labelNc: 6 })).decoded, true);
  const unmirrored = { ...spec, transform: { ...spec.transform, flip: false } };
  assert.equal((await fetch(folder, sample, unmirrored)).decoded, false);
  const moved = { ...spec, transform: { ...spec.transform, zoom: 1.5, shift: 0.1 } };
  assert.equal((await fetch(folder, sample, moved)).decoded, false);
});

test('a damaged entry is ignored and written again', async t => {
  const { samples, folder } = dataset(t);
  const sample = samples[0]!;
  const { images } = await fetch(folder, sample);
  const path = onlyEntry(folder);
  const whole = readFileSync(path);
  const changed = (at: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 4;
    return bytes;
  };
  const zeroed = Buffer.from(whole).fill(0, whole.length >> 1);
  const damaged: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'cut in the header': whole.subarray(0, 40),
    'cut in the pixels': whole.subarray(0, whole.length - 8),
    'another version': changed(7),
    'another checksum': changed(9),
    'another length of the header': changed(12),
    'a bit of the header': changed(20),
    'a bit of the last pixels': changed(whole.length - 9),
    'blocks that a power cut left empty': zeroed,
    'something else': noise(5000) as Buffer,
  };
  for (const [what, bytes] of Object.entries(damaged)) {
    writeFileSync(path, bytes);
    const again = await fetch(folder, sample);
    assert.equal(again.decoded, true, what);
    assert.deepEqual(again.images, images, what);
    assert.deepEqual(readFileSync(path), whole, `${what}: not written again`);
  }
});

test('processes that write and read one entry at once never see half of it', async t => {
  const { samples, folder } = dataset(t);
  const sample = samples[0]!;
  // Each removes the entry now and then, so that all of them keep writing it.
  const script = `
    import assert from 'node:assert/strict';
    import { rmSync, readdirSync } from 'node:fs';
    import { loadImages } from ${JSON.stringify(new URL('../../src/data/load/sample.js', import.meta.url))};
    import { SampleCache } from ${JSON.stringify(new URL('../../src/data/load/sample-cache.js', import.meta.url))};
    const [sample, spec, folder] = ${JSON.stringify([sample, spec, folder])};
    const expected = await loadImages(sample, spec);
    const cache = new SampleCache(folder, spec);
    let decoded = 0;
    for (let i = 0; i < 150; i++) {
      assert.deepEqual(await cache.images(sample, async () => (decoded++, expected)), expected);
      if (i % 3 === 0) for (const name of readdirSync(folder))
        if (name.endsWith('.sample')) rmSync(folder + '/' + name, { force: true });
    }
    assert.ok(decoded >= 10 && decoded < 150, 'of 150, decoded ' + decoded);`;
  const run = promisify(execFile);
  const processes = Array.from({ length: 3 }, () => run(process.execPath, ['--input-type=module', '--eval', script]));
  await Promise.all(processes);
  assert.deepEqual(
    readdirSync(folder).filter(name => !name.endsWith('.sample')),
    [],
  );
});

function options(samples: readonly Sample[], change: Partial<LoaderOptions>): LoaderOptions {
  return { samples, spec, batchSize: 2, seed: 3, workers: 3, cacheBytes: 0, epochs: 2, ...change };
}

/** Two epochs. */
async function batchesOf(chosen: LoaderOptions): Promise<Batch[]> {
  const loader = new Loader(chosen);
  try {
    const batches: Batch[] = [];
    for (const epoch of [0, 1]) for await (const batch of loader.epoch(epoch)) batches.push(batch);
    return batches;
  } finally {
    await loader.close();
  }
}

test('loaders that share a folder give what a loader without one gives, and do not decode what lies there', async t => {
  const { samples, folder } = dataset(t);
  for (const { image } of samples) utimesSync(image!, 1000, 1000);
  const expected = await batchesOf(options(samples, {}));
  const cached = options(samples, { cacheFolder: join(folder, 'made', 'by', 'the loader') });
  for (const batches of await Promise.all([batchesOf(cached), batchesOf(cached)])) assert.deepEqual(batches, expected);
  assert.equal(readdirSync(cached.cacheFolder!).length, COUNT);
  // Noise of the same size and time: who read it would fail.
  for (const { image } of samples) {
    writeFileSync(image!, noise(statSync(image!).size));
    utimesSync(image!, 1000, 1000);
  }
  assert.deepEqual(await batchesOf(cached), expected);
  await assert.rejects(batchesOf(options(samples, {})), UserError);
});

test('a cache that cannot be written is reported once, and batches go on', async t => {
  const { samples, folder } = dataset(t);
  const notices: string[] = [];
  const loader = new Loader(options(samples, { cacheFolder: folder, onNotice: notice => notices.push(notice) }));
  t.after(() => loader.close());
  rmSync(folder, { recursive: true });
  const batches: Batch[] = [];
  for (const epoch of [0, 1]) for await (const batch of loader.epoch(epoch)) batches.push(batch);
  assert.deepEqual(batches, await batchesOf(options(samples, {})));
  assert.equal(notices.length, 1, notices.join('\n'));
  assert.match(notices[0]!, /cannot be written \(ENOENT: no such file or directory\)/);
});

test('a cache where no folder can be is an error that names it; leftovers are removed once they are old', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(
    () => openCacheFolder(join(file, 'cache')),
    (error: unknown) => error instanceof UserError && error.message.includes('ENOTDIR') && error.message.includes(file),
  );
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  for (const name of ['a.sample', 'b.sample.12ab.tmp', 'c.sample.34cd.tmp']) writeFileSync(join(cache, name), '');
  utimesSync(join(cache, 'a.sample'), 1000, 1000);
  utimesSync(join(cache, 'b.sample.12ab.tmp'), 1000, 1000);
  openCacheFolder(cache);
  assert.deepEqual(readdirSync(cache), ['a.sample', 'c.sample.34cd.tmp']);
});

test('a sample whose file is gone or damaged fails as without a cache', async t => {
  const { samples, folder } = dataset(t);
  const [first, second] = samples;
  rmSync(first!.image!);
  await assert.rejects(fetch(folder, first!), (e: unknown) => e instanceof UserError && e.message.includes('ENOENT'));
  truncateSync(second!.image!, 300);
  await assert.rejects(
    fetch(folder, second!),
    (e: unknown) => e instanceof UserError && e.message.includes('truncated'),
  );
  assert.deepEqual(readdirSync(folder), []);
});
