/** Batches come in order, are the same whatever the workers, and are prepared while the main thread is blocked. */
import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { findSamples } from '../../src/data/find/pairs.js';
import type { Batch } from '../../src/data/load/batch.js';
import { BufferPool } from '../../src/data/load/buffer-pool.js';
import { Loader, type LoaderOptions } from '../../src/data/load/loader.js';
import { loadSample } from '../../src/data/load/sample.js';
import { sampleRandom, shuffledOrder } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { temporaryFolder, writeTriplet } from './images.js';

const COUNT = 7;

function options(t: TestContext, change: Partial<LoaderOptions> = {}): LoaderOptions {
  const root = temporaryFolder(t);
  for (let i = 0; i < COUNT; i++) writeTriplet(root, 'train', `s${i}`, { width: 48, height: 32 }, i);
  return {
    samples: findSamples(root, 'train', { labelNc: 5, useInstance: true }),
    spec: {
      transform: { mode: 'scale_width_and_crop', loadSize: 40, fineSize: 16, multiple: 8, flip: true },
      labelNc: 5,
      sourceChannels: 3,
      imageChannels: 3,
      alpha: 'drop',
    },
    batchSize: 1,
    seed: 11,
    ...change,
  };
}

function open(t: TestContext, chosen: LoaderOptions): Loader {
  const loader = new Loader(chosen);
  t.after(() => loader.close());
  return loader;
}

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const list: Batch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

test('an epoch holds every sample once, in the shuffled order, each exactly as loaded alone', async t => {
  const chosen = options(t);
  const loader = open(t, chosen);
  for (const epoch of [0, 1, 4]) {
    const batches = await all(loader.epoch(epoch));
    const order = [...shuffledOrder(COUNT, 11, epoch)];
    assert.deepEqual(
      batches.map(b => b.stems[0]),
      order.map(i => chosen.samples[i]!.stem),
    );
    for (const [k, index] of order.entries()) {
      const { notices: _, ...alone } = await loadSample(
        chosen.samples[index]!,
        chosen.spec,
        sampleRandom(11, epoch, index),
      );
      const { stems, sourceChannels, imageChannels, ...arrays } = batches[k]!;
      assert.deepEqual(arrays, alone);
    }
  }
});

test('workers, prefetch and cache change nothing', async t => {
  const base = options(t, { batchSize: 2 });
  const variants: Partial<LoaderOptions>[] = [
    { workers: 1, prefetch: 1, cacheBytes: 0 },
    { workers: 3, prefetch: 9 },
    { workers: 2, cacheBytes: 30_000 },
  ];
  const results: Batch[][] = [];
  for (const variant of variants) {
    const loader = open(t, { ...base, ...variant });
    results.push([...(await all(loader.epoch(0))), ...(await all(loader.epoch(1))), ...(await all(loader.epoch(2)))]);
  }
  assert.equal(results[0]!.length, 12);
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
});

test('starting in the middle of an epoch gives the rest of it', async t => {
  const loader = open(t, options(t, { batchSize: 2 }));
  const whole = await all(loader.epoch(3));
  assert.deepEqual(await all(loader.epoch(3, 2)), whole.slice(2));
  // Leaving a loop early does not disturb the next.
  for await (const _ of loader.epoch(3)) break;
  assert.deepEqual(await all(loader.epoch(3)), whole);
});

test('the last batch is smaller, or left out on request', async t => {
  const chosen = options(t, { batchSize: 3, shuffle: false });
  const sizes = async (loader: Loader) => (await all(loader.epoch(0))).map(b => b.stems.length);
  assert.deepEqual(await sizes(open(t, chosen)), [3, 3, 1]);
  const dropping = open(t, { ...chosen, dropLast: true });
  assert.equal(dropping.batchesPerEpoch, 2);
  assert.deepEqual(await sizes(dropping), [3, 3]);
});

test('a damaged file fails its own batch, by name, and no other', async t => {
  const chosen = options(t, { shuffle: false });
  truncateSync(chosen.samples[2]!.image!, 300);
  const loader = open(t, chosen);
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const batch of loader.epoch(0)) seen.push(batch.stems[0]!);
    },
    (e: unknown) => e instanceof UserError && e.message.includes(chosen.samples[2]!.image!) && e.exitCode === 1,
  );
  assert.deepEqual(seen, ['s0', 's1']);
  assert.equal((await all(loader.epoch(0, 3))).length, COUNT - 3);
});

test('workers go on while the main thread is blocked', async t => {
  const chosen = options(t, { shuffle: false, prefetch: COUNT, epochs: 1 });
  const loader = open(t, chosen);
  const batches = loader.epoch(0);
  await batches.next();
  // A blocking wait, as native compute is one: no event of the main loop is served in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  // Had they not been prepared meanwhile, they could not be now.
  for (const sample of chosen.samples) rmSync(sample.image!);
  assert.equal((await all(batches)).length, COUNT - 1);
});

test('a cached sample is not read again', async t => {
  const chosen = options(t, { epochs: 1 });
  const loader = open(t, chosen);
  const first = await all(loader.epoch(0));
  for (const sample of chosen.samples) rmSync(sample.image!);
  assert.deepEqual(await all(loader.epoch(0)), first);
});

test('memory that is given back is used again and changes nothing', async t => {
  // Crops of one size and images of another in turn, so that some memory fits and some does not.
  const root = temporaryFolder(t);
  for (let i = 0; i < COUNT; i++) writeTriplet(root, 'train', `s${i}`, { width: 40 + 8 * (i % 2), height: 32 }, i);
  const base = options(t, { samples: findSamples(root, 'train', { labelNc: 5, useInstance: true }) });
  const spec = { ...base.spec, transform: { ...base.spec.transform, mode: 'none' } as const };
  for (const batchSize of [1, 2]) {
    const chosen = { ...base, batchSize, workers: 1, ...(batchSize === 1 && { spec }) };
    const kept = await all(open(t, chosen).epoch(0));
    const loader = open(t, chosen);
    for (const epoch of [0, 0, 0]) {
      const seen: Batch[] = [];
      for await (const batch of loader.epoch(epoch)) {
        seen.push(structuredClone(batch));
        loader.release(batch);
        loader.release(batch);
        assert.equal(batch.image!.length, batch.stems.length === 1 ? 0 : seen.at(-1)!.image!.length);
      }
      assert.deepEqual(seen, kept);
    }
  }
});

test('a pool gives back what fits, newest sizes kept', () => {
  const pool = new BufferPool();
  const [small, large] = [new ArrayBuffer(8), new ArrayBuffer(16)];
  pool.give([small, large]);
  assert.equal(pool.take(16), large);
  assert.notEqual(pool.take(16), large);
  pool.give(Array.from({ length: 100 }, () => new ArrayBuffer(4)));
  assert.notEqual(pool.take(8), small, 'sizes that are not asked for again must be dropped');
});

test('a notice is given once', async t => {
  const notices: string[] = [];
  const base = options(t);
  const transform = { ...base.spec.transform, fineSize: 17 };
  const loader = open(t, { ...base, spec: { ...base.spec, transform }, onNotice: notice => notices.push(notice) });
  await all(loader.epoch(0));
  assert.equal(notices.length, 1);
  assert.match(notices[0]!, /17.*16/);
});

test('close ends a waiting reader, and can be called twice', async t => {
  const loader = new Loader(options(t));
  const batches = loader.epoch(0);
  const waiting = batches.next();
  const closed = loader.close();
  await assert.rejects(waiting, /closed/);
  await closed;
  await loader.close();
  await assert.rejects(loader.epoch(0).next(), /closed/);
});
