/**
 * The editor's server with networks of 16-bit images: what it tells and offers, that what is rendered is what `generate` makes of the
 * same files, bit for bit and in 16 bits, and that no message of odd values stops it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeValues, encodeFrame, encodeValues, fromServerSchema, protocolVersion } from '@pix2pixhd/editor/protocol';
import { decode } from 'fast-png';
import { decodeStored } from '../../src/data/decode/decode.js';
import { decodeImage, type GeneratedImage, type LoadedGenerator, loadGenerator } from '../../src/index.js';
import { plainCompute, type Serving, type ServingHere, serveEditor, serveEditorHere } from '../support/editor.js';
import { counts, trainOnCounts } from '../support/value-runs.js';
import { workFolder } from '../support/work-folder.js';
import { Talk } from './talk.js';

const world = workFolder();
const checkpointsDir = join(world, 'checkpoints');
const side = 32;
const alike = { precision: 'fp32', device: 'cpu' } as const;
/** That of `range` is a process, since it is to be seen that it goes on. */
let range: Serving;
const servers = new Map<string, Pick<ServingHere, 'address'>>();
const generators = new Map<string, Promise<LoadedGenerator>>();
const kinds = [
  ['range', 1, '27000,32000'],
  ['full', 1, 'full'],
  ['own', 1, 'per-frame'],
  ['colour', 3, '27000,32000'],
] as const;

before(async () => {
  for (const [name, channels, inputRange] of kinds)
    await trainOnCounts({ dataroot: join(world, name), checkpointsDir, name }, { side, channels, inputRange });
  const float = { side, channels: 1, inputRange: 'auto', outputDepth: 'float' } as const;
  await trainOnCounts({ dataroot: join(world, 'float'), checkpointsDir, name: 'float' }, float);
});
after(async () => {
  range?.child.kill();
  for (const generator of generators.values()) await (await generator).dispose();
  process.emit('SIGHUP');
});

async function serve(name: string): Promise<Pick<ServingHere, 'address'>> {
  const options = ['--checkpoints-dir', checkpointsDir, '--name', name, ...plainCompute];
  if (name !== 'range') return serveEditorHere(...options);
  range = await serveEditor(...options);
  return range;
}

async function greeted(name: string): Promise<Talk> {
  if (!servers.has(name)) servers.set(name, await serve(name));
  const talk = new Talk(servers.get(name)!.address);
  await once(talk.socket, 'open');
  talk.send({ type: 'hello', protocol: protocolVersion });
  const { header } = await talk.next('ready');
  assert.ok(fromServerSchema.safeParse(header).success);
  return talk;
}

/** The drawing of the gallery, opened and sent back. */
async function drawn(talk: Talk): Promise<Uint8Array> {
  talk.send({ type: 'gallery', item: 0 });
  const { header, bytes } = await talk.next('canvas');
  assert.deepEqual([header.width, header.height], [side, side]);
  talk.send({ type: 'open', width: side, height: side });
  talk.send({ type: 'change', x: 0, y: 0, width: side, height: side }, bytes);
  return bytes;
}

async function rendered(talk: Talk, revision: number): Promise<Uint16Array> {
  const before = talk.received.length;
  talk.send({ type: 'render', revision, format: 'png', reduce: 1 });
  const { header, bytes } = await talk.next('image', before);
  assert.deepEqual([header.revision, header.format], [revision, 'png']);
  const { data, depth, channels } = decode(bytes);
  assert.equal(depth, 16);
  assert.equal(channels, data.length / side ** 2);
  return data as Uint16Array;
}

/** What the generator makes of a file, or of counts. */
async function generated(name: string, input: string | Uint16Array): Promise<GeneratedImage['values']> {
  const load = () => loadGenerator(join(checkpointsDir, name), { ...alike, worker: true, threads: 1 });
  if (!generators.has(name)) generators.set(name, load());
  const image = await (await generators.get(name)!).generate(
    typeof input === 'string' ? input : { width: side, height: side, channels: 1, data: input },
  );
  return image.values;
}

for (const [name, channels] of kinds.filter(([, channels]) => channels === 1))
  test(`${name}: the gallery has the file's own values, and its image is that of the file`, async () => {
    const talk = await greeted(name);
    const { model } = (await talk.next('ready')).header;
    assert.equal(model.inputChannels, channels);
    if (name === 'own') assert.ok(model.values!.low >= 27000 && model.values!.high < 32000);
    else assert.deepEqual(model.values, name === 'full' ? { low: 0, high: 65535 } : { low: 27000, high: 32000 });
    const file = join(world, name, 'test_A', '0.png');
    assert.deepEqual(decodeValues(await drawn(talk), side * side), Float32Array.from(counts(2, side)));
    assert.deepEqual(await rendered(talk, 1), await generated(name, file));
    // A few pixels of one count more or less: 8 bits would not tell.
    const changed = counts(2, side);
    const patch = changed.subarray(5 * side, 5 * side + 8).map((value, i) => value + i - 3);
    changed.set(patch, 5 * side);
    talk.send({ type: 'change', x: 0, y: 5, width: 8, height: 1 }, encodeValues(Float32Array.from(patch)));
    const after = await rendered(talk, 2);
    assert.deepEqual(after, await generated(name, changed));
    talk.socket.close();
  });

test('colours of a range are rendered nearly as their file is: 8 bits of the range are what is drawn', async () => {
  const talk = await greeted('colour');
  assert.equal((await talk.next('ready')).header.model.values, null);
  const bytes = await drawn(talk);
  const stored = counts(2, side, 3);
  assert.equal(bytes.length, stored.length);
  bytes.forEach((value, i) => {
    assert.ok(Math.abs(27000 + (value / 255) * 5000 - stored[i]!) < 10);
  });
  const [drawing, file] = [
    await rendered(talk, 1),
    await generated('colour', join(world, 'colour', 'test_A', '0.png')),
  ];
  const [least, most] = [Math.min(...file), Math.max(...file)];
  const far = drawing.reduce((sum, value, i) => sum + Math.abs(value - file[i]!), 0) / drawing.length;
  assert.ok(far < 0.02 * (most - least), `${far} of ${most - least}`);
  talk.socket.close();
});

test('a result of floating point is a TIFF of the same values; a range taken from the data is the one that is told', async () => {
  const talk = await greeted('float');
  const { low, high } = (await talk.next('ready')).header.model.values!;
  assert.ok(low >= 27000 && low < 27200 && high > 31000 && high < 32000, `${low} ${high}`);
  await drawn(talk);
  talk.send({ type: 'render', revision: 1, format: 'png', reduce: 1 });
  const { header, bytes } = await talk.next('image');
  assert.equal(header.format, 'tiff');
  const { data } = await decodeImage(join(world, 'float', 'test_A', '0.png'));
  const image = await generated('float', data as Uint16Array);
  const { data: found } = await decodeStored({ name: 'result.tif', bytes: Buffer.from(bytes) });
  assert.deepEqual(found, image);
  talk.socket.close();
});

test('messages of odd values are refused, and the page beside is served', async () => {
  const healthy = await greeted('range');
  await drawn(healthy);
  const expected = await rendered(healthy, 0);
  const one = { type: 'change', x: 0, y: 0, width: 1, height: 1 };
  const bad: Uint8Array[] = [
    encodeFrame(one, encodeValues(Float32Array.of(Number.NaN))),
    encodeFrame(one, encodeValues(Float32Array.of(Number.POSITIVE_INFINITY))),
    encodeFrame(one, encodeValues(Float32Array.of(Number.NEGATIVE_INFINITY))),
    encodeFrame(one, Uint8Array.of(0)),
    encodeFrame(one, new Uint8Array(3)),
    encodeFrame(one, new Uint8Array(5)),
    encodeFrame(one),
    encodeFrame({ ...one, width: 16384, height: 16384 }, new Uint8Array(64)),
    encodeFrame({ ...one, x: side }, new Uint8Array(4)),
    encodeFrame({ ...one, values: [1] }, new Uint8Array(4)),
    encodeFrame({ ...one, width: 0 }),
  ];
  const stranger = await greeted('range');
  await drawn(stranger);
  for (const [i, frame] of bad.entries()) {
    const from = stranger.received.length;
    stranger.socket.send(frame);
    const { header } = await stranger.next('failed', from);
    assert.ok(['change', 'message'].includes(header.of), String(i));
  }
  // Nothing of it was drawn. What is finite is taken, however far beyond the range, and renders as black and white do.
  assert.deepEqual(await rendered(stranger, 1), expected);
  const two = { type: 'change', x: 0, y: 0, width: 2, height: 1 } as const;
  stranger.send(two, encodeValues(Float32Array.of(3e38, -3e38)));
  const beyond = await rendered(stranger, 2);
  stranger.send(two, encodeValues(Float32Array.of(32000, 27000)));
  assert.deepEqual(await rendered(stranger, 3), beyond);
  assert.deepEqual(await rendered(healthy, 4), expected);
  const old = new Talk(servers.get('range')!.address);
  await once(old.socket, 'open');
  old.send({ type: 'hello', protocol: protocolVersion - 1 });
  assert.equal((await old.end()).code, 1002);
  assert.equal(range.child.exitCode, null);
  for (const talk of [healthy, stranger]) talk.socket.close();
});
