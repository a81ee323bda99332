/**
 * Damaged checkpoints: every flipped byte is found, the error names an older checkpoint that was checked, and files from
 * before there were checksums still load.
 */
import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { findOlder } from '../../src/checkpoint/older.js';
import { readBest, useLatest } from '../../src/checkpoint/resume.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { Random } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { readStyles, writeStyles } from '../../src/styles/files/style-book-file.js';
import { TrainingSession } from '../../src/training/session.js';
import { temporaryFolder } from '../data/images.js';
import { prepareCompute } from '../support/compute.js';

/**
 * Two steps of a run with everything a checkpoint can hold (encoder, EMA, image pool) and its styles, written by commit
 * ebcb85f, before there were checksums.
 */
const fixture = fileURLToPath(
  new URL('../../../test/fixtures/checkpoint-without-digests.safetensors', import.meta.url),
);

/** The byte ranges of a safetensors file's tensors, read independently of our reader. */
function rangesIn(file: Buffer): Map<string, [number, number]> {
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: _, ...entries } = JSON.parse(file.toString('utf8', 8, start));
  return new Map(
    Object.entries<{ data_offsets: [number, number] }>(entries).map(
      ([
        name,
        {
          data_offsets: [begin, end],
        },
      ]) => [name, [start + begin, start + end]],
    ),
  );
}

/** A session with the state of a checkpoint, on the CPU as its run was. */
function restored(checkpoint: Checkpoint): TrainingSession {
  const { config } = checkpoint.state;
  const session = new TrainingSession(config, prepareCompute({ ...config, device: 'cpu' }));
  session.restore(checkpoint);
  return session;
}

/** Writes checkpoints of the given steps; the first is also the best. */
function storeWith(folder: string, ...steps: readonly number[]): CheckpointStore {
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const session = restored(Checkpoint.read(fixture));
  for (const step of steps) {
    session.position.step = step;
    session.save(store.pathOf(step), 0.5);
  }
  store.markBest(steps[0]!);
  session.dispose();
  return store;
}

/** Flips a bit in the middle of a tensor, or of the header. */
function damage(path: string, where: string): void {
  const file = readFileSync(path);
  const [begin, end] = where === 'header' ? [8, 8 + Number(file.readBigUInt64LE())] : rangesIn(file).get(where)!;
  file[(begin + end) >> 1]! ^= 0x08;
  writeFileSync(path, file);
}

/** The UserError that a call throws. */
function refusal(call: () => unknown): UserError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  return assert.fail('it did not throw');
}

test('a checkpoint from before there were checksums: every tensor, state and style as written', t => {
  const bytes = readFileSync(fixture);
  const checkpoint = Checkpoint.read(fixture);
  const ranges = rangesIn(bytes);
  const expected = (name: string) => new Uint8Array(bytes.subarray(...ranges.get(name)!));
  for (const network of ['G', 'D', 'E', 'EMA'] as const) {
    const found = checkpoint.stateData(network);
    assert.ok(found.size > 0);
    for (const [key, { bytes }] of found) assert.deepEqual(bytes, expected(`${network}.${key}`), key);
  }
  assert.deepEqual([checkpoint.state.step, checkpoint.state.epoch, checkpoint.state.batch], [2, 1, 2]);
  assert.deepEqual([...readStyles(fixture)!.classes.keys()], [0, 1, 2, 3, 4]);
  // Restored and saved again it is the same run, moments, random state and pool included; now with checksums.
  const path = join(temporaryFolder(t), 'step-00000002.safetensors');
  const session = restored(checkpoint);
  session.save(path, checkpoint.state.score);
  session.dispose();
  const again = readSafetensors(path);
  assert.ok(again.checksums);
  assert.deepEqual(
    [...again.tensors.keys()].sort(),
    [...ranges.keys()].filter(name => !name.startsWith('styles.')).sort(),
  );
  for (const [name, { bytes }] of again.tensors) assert.deepEqual(bytes, expected(name), name);
  assert.deepEqual(Checkpoint.read(path).state, checkpoint.state);
});

test('a byte flipped in 50 random places of a checkpoint with styles: refused every time', t => {
  const store = storeWith(temporaryFolder(t), 4);
  const path = store.pathOf(4);
  writeStyles(path, readStyles(fixture)!);
  const whole = readFileSync(path);
  assert.equal(Checkpoint.read(path).state.step, 4);
  const random = new Random(20261125);
  const header = 8 + Number(whole.readBigUInt64LE());
  const places = Array.from({ length: 50 }, (_, i) =>
    // Every tenth in the header, which is only a small part of a real file.
    Math.floor(random.uniform() * (i % 10 === 0 ? header : whole.length)),
  );
  for (const place of places) {
    const flipped = Buffer.from(whole);
    flipped[place]! ^= 1 + Math.floor(random.uniform() * 255);
    writeFileSync(path, flipped);
    const { message } = refusal(() => Checkpoint.read(path));
    assert.ok(message.includes(path), message);
    const [tensor] = [...rangesIn(whole)].find(([, [begin, end]]) => begin <= place && place < end) ?? [];
    if (tensor !== undefined) assert.match(message, new RegExp(`tensor "${tensor}" is damaged`));
  }
  for (const length of [0, 8, header, whole.length - 1, whole.length + 1]) {
    writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]).subarray(0, length));
    refusal(() => Checkpoint.read(path));
  }
  writeFileSync(path, whole);
  assert.equal(Checkpoint.read(path).state.step, 4);
});

test('the error names the newest older checkpoint that is intact, not one that only looks it', t => {
  const store = storeWith(temporaryFolder(t), 2, 4, 6, 8);
  damage(store.pathOf(4), 'G.model.1.weight');
  damage(store.pathOf(6), 'optimD.exp_avg.scale0_layer0.0.weight');
  const { message } = refusal(() => Checkpoint.read(store.pathOf(6)));
  assert.match(message, /tensor "optimD\.exp_avg\.scale0_layer0\.0\.weight" is damaged/);
  assert.match(message, /remedy: +use \S+step-00000002\.safetensors instead \(step 2, every byte checked\)/);
  // Its generator is intact.
  assert.equal(Checkpoint.read(store.pathOf(6), 'networks').state.step, 6);
  // Damage found while networks are restored is reported the same way.
  damage(store.pathOf(8), 'header');
  assert.equal(findOlder(store.pathOf(8))?.step, 2);
  const lazily = refusal(() => Checkpoint.using(store.pathOf(4), found => found.weights()));
  assert.match(lazily.message, /tensor "G\.model\.1\.weight" is damaged.*step-00000002/s);
});

test('a run whose latest checkpoint is damaged resumes from an older one after the command in the error', t => {
  const folder = join(temporaryFolder(t), "it's a folder");
  const store = storeWith(folder, 2, 4);
  const follow = (error: UserError, step: number) => {
    const [, command] = /away: (mv .*?) ; then the same command continues/.exec(error.message) ?? [];
    assert.ok(command, error.message);
    execSync(command, { shell: '/bin/sh' });
    assert.equal(
      useLatest(store, ({ state }) => state.step),
      step,
    );
  };
  damage(store.pathOf(4), 'rng.cpu');
  follow(
    refusal(() => useLatest(store, () => {})),
    2,
  );
  // The best one is the same file under another name; now no intact one is left.
  damage(store.best, 'header');
  assert.match(refusal(() => useLatest(store, () => {})).message, /no older checkpoint beside it is intact/);
});

test('only the best checkpoint is intact, or only the best one is damaged', t => {
  const [onlyBest, allButBest] = ['only', 'but'].map(name => storeWith(join(temporaryFolder(t), name), 2, 4)) as [
    CheckpointStore,
    CheckpointStore,
  ];
  rmSync(onlyBest.pathOf(2));
  damage(onlyBest.pathOf(4), 'rng.cpu');
  const error = refusal(() => useLatest(onlyBest, () => {}));
  assert.match(error.message, /best\.safetensors: step 2, every byte checked/);
  execSync(/mv .*(?= ; then)/.exec(error.message)![0], { shell: '/bin/sh' });
  assert.equal(
    useLatest(onlyBest, ({ state }) => state.step),
    2,
  );

  damage(allButBest.best, 'header');
  assert.match(refusal(() => readBest(allButBest)).message, /mv \S+best\.safetensors \S+best\.safetensors\.damaged/);
  assert.equal(
    useLatest(allButBest, ({ state }) => state.step),
    4,
  );
});

test('encode neither stores styles in a damaged checkpoint nor reads damaged ones; damaged styles can be replaced', t => {
  const store = storeWith(temporaryFolder(t), 2, 4);
  const styles = readStyles(fixture)!;
  writeStyles(store.pathOf(4), styles);
  damage(store.pathOf(4), 'styles.mean');
  assert.match(refusal(() => readStyles(store.pathOf(4))).message, /tensor "styles\.mean" is damaged.*encode/s);
  writeStyles(store.pathOf(4), styles);
  assert.deepEqual(readStyles(store.pathOf(4)), styles);
  damage(store.pathOf(4), 'D.scale0_layer0.0.weight');
  const before = readFileSync(store.pathOf(4));
  assert.match(refusal(() => writeStyles(store.pathOf(4), styles)).message, /tensor "D\..*step-00000002/s);
  assert.deepEqual(readFileSync(store.pathOf(4)), before);
});
