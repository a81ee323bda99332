/**
 * TensorBoard event files: their bytes against the format's definition and, if Python has TensorBoard, what its own reader
 * reads from them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { EventWriter } from '../../src/report/tensorboard/event-writer.js';
import { bytesOf, crc32c, field, readFields, readRecords } from './event-file.js';

const root = mkdtempSync(join(tmpdir(), 'events-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `run-${folders++}`, 'logs');

const wallTime = 1_700_000_000.5;
const png = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 5, height: 2, channels, background: '#f80' } })
    .png()
    .toBuffer();

const events = (path: string) => readRecords(readFileSync(path));
/** Tag, value (float32 as stored) and step of all numbers in a file. */
const scalarsOf = (path: string) =>
  events(path).flatMap(event => {
    const summary = field(event, 5);
    if (!Buffer.isBuffer(summary)) return [];
    return readFields(summary).flatMap(({ value }) => {
      const number = field(value as Buffer, 2);
      return Buffer.isBuffer(number)
        ? [{ tag: bytesOf(value as Buffer, 1).toString(), value: number.readFloatLE(), step: field(event, 2) }]
        : [];
    });
  });

test("this test's checksum is CRC-32C: it gives the published check value", () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

test('a record of one number, byte by byte', () => {
  const writer = EventWriter.open(newFolder(), wallTime, 0);
  writer.scalars(300, 1.5, { a: 0.5 });
  writer.scalars(301, 1.5, { a: 0 });
  writer.close();
  const [, , first, second] = events(writer.path);
  const expected = [
    '09 000000000000f83f', // 1: wall_time, double 1.5
    '10 ac02', // 2: step, varint 300
    '2a 17', // 5: summary, 23 bytes
    '0a 15', // 1: value, 21 bytes
    '0a 01 61', // 1: tag "a"
    '15 0000003f', // 2: simple_value, float 0.5
    '4a 0b 0a 09 0a 07 7363616c617273', // 9: metadata, 1: plugin_data, 1: plugin_name "scalars"
  ].join('');
  assert.equal(first!.toString('hex'), expected.replaceAll(' ', ''));
  // A zero is written explicitly, and the dashboard is not repeated.
  assert.equal(second!.toString('hex'), '09000000000000f83f10ad022a0a0a080a01611500000000');
});

test('a file starts with its version and tells readers to discard the steps that are repeated', () => {
  const writer = EventWriter.open(newFolder(), wallTime, 1000);
  writer.close();
  const [version, start, ...more] = events(writer.path);
  assert.deepEqual(more, []);
  assert.equal(bytesOf(version!, 1).readDoubleLE(), wallTime);
  assert.equal(bytesOf(version!, 3).toString(), 'brain.Event:2');
  assert.equal(field(start!, 2), 1001);
  assert.equal(bytesOf(start!, 7).toString('hex'), '0801'); // session_log, status START
});

test('numbers survive a round trip, extreme ones too', () => {
  const writer = EventWriter.open(newFolder(), wallTime, 0);
  const losses = { G_GAN: 1.25, G_GAN_Feat: 5.5, D_real: 1e-20, D_fake: -0.75 };
  writer.scalars(1, wallTime, losses);
  writer.scalars(2 ** 40, wallTime, { D_real: Number.NaN, D_fake: Number.POSITIVE_INFINITY });
  writer.close();
  assert.deepEqual(scalarsOf(writer.path), [
    ...Object.entries(losses).map(([tag, value]) => ({ tag, value: Math.fround(value), step: 1 })),
    { tag: 'D_real', value: Number.NaN, step: 2 ** 40 },
    { tag: 'D_fake', value: Number.POSITIVE_INFINITY, step: 2 ** 40 },
  ]);
});

test('an image is stored as its PNG file, with the size from its header', async () => {
  const writer = EventWriter.open(newFolder(), wallTime, 0);
  const [rgb, rgba] = [await png(), await png(4)];
  writer.image(7, wallTime, 'samples', rgb);
  writer.image(8, wallTime, 'samples', rgba);
  assert.throws(() => writer.image(9, wallTime, 'samples', Buffer.from('GIF89a')), /not a PNG: 6 bytes/);
  assert.throws(() => writer.image(9, wallTime, 'samples', Buffer.alloc(40)), RangeError);
  writer.close();
  const values = events(writer.path)
    .slice(2)
    .map(event => bytesOf(bytesOf(event, 5), 1));
  assert.deepEqual(
    values.map(value => [1, 2, 3].map(id => field(bytesOf(value, 4), id))),
    [
      [2, 5, 3],
      [2, 5, 4],
    ],
  );
  assert.deepEqual(
    values.map(value => bytesOf(bytesOf(value, 4), 4)),
    [rgb, rgba],
  );
  assert.equal(bytesOf(bytesOf(bytesOf(values[0]!, 9), 1), 1).toString(), 'images');
});

test('records reach the file every few seconds of the run, every megabyte, and at the end', () => {
  const writer = EventWriter.open(newFolder(), wallTime, 0);
  const written = () => scalarsOf(writer.path).length;
  writer.scalars(1, wallTime + 1, { a: 1 });
  assert.equal(written(), 0);
  writer.scalars(2, wallTime + 5, { a: 1 });
  assert.equal(written(), 2);
  writer.scalars(3, wallTime + 6, { a: 1 });
  assert.equal(written(), 2);
  writer.scalars(4, wallTime - 3600, { a: 1 }); // the clock was set back
  assert.equal(written(), 4);
  writer.scalars(5, wallTime - 3600, { [`a${'b'.repeat(2 ** 20)}`]: 1 });
  assert.equal(written(), 5);
  writer.scalars(6, wallTime - 3600, { a: 1 });
  writer.flush();
  assert.equal(written(), 6);
  writer.scalars(7, wallTime - 3600, { a: 1 });
  writer.close();
  writer.close();
  assert.equal(written(), 7);
  assert.throws(() => writer.scalars(8, wallTime, { a: 1 }), /closed/);
});

test('a file cut off at any byte by a crash still has all earlier records', () => {
  const writer = EventWriter.open(newFolder(), wallTime, 0);
  writer.scalars(1, wallTime, { a: 1 });
  writer.close();
  const whole = readFileSync(writer.path).length;
  const bytes = readFileSync(writer.path);
  const again = EventWriter.open(newFolder(), wallTime, 0);
  again.scalars(1, wallTime, { a: 1 });
  again.scalars(2, wallTime, { a: 2 });
  again.close();
  const longer = readFileSync(again.path);
  assert.deepEqual(longer.subarray(0, whole), bytes);
  for (let size = whole; size < longer.length; size++) assert.equal(readRecords(longer.subarray(0, size)).length, 3);
  assert.equal(readRecords(longer).length, 4);
});

test('a later invocation has its own file, sorted after the others by name whatever the clock says', () => {
  const folder = newFolder();
  const names = [wallTime, wallTime, wallTime - 3600, wallTime + 3600].map(time => {
    const writer = EventWriter.open(folder, time, 0);
    writer.close();
    return basename(writer.path);
  });
  assert.deepEqual(readdirSync(folder).sort(), names);
  for (const name of names) assert.match(name, /^events\.out\.tfevents\.\d{10}\.[\w-]+\.\d+\.\d+$/);
  assert.match(names[0]!, /\.1700000000\..*\.0$/);
});

/** Reads a folder with TensorBoard's accumulator, which reads all files of a run like the dashboards. */
const readerScript = `
import json, sys
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
folder = sys.argv[1]
legacy = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0, "images": 0}).Reload()
current = plugin_event_accumulator.EventAccumulator(folder, tensor_size_guidance={"scalars": 0, "images": 0}).Reload()
print(json.dumps({
  "scalars": {tag: [[e.step, e.value, e.wall_time] for e in legacy.Scalars(tag)] for tag in legacy.Tags()["scalars"]},
  "images": {tag: [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in legacy.Images(tag)] for tag in legacy.Tags()["images"]},
  "plugins": {tag: current.SummaryMetadata(tag).plugin_data.plugin_name for tag in current.Tags()["tensors"]},
  "steps": {tag: [e.step for e in current.Tensors(tag)] for tag in current.Tags()["tensors"]},
}))
`;
const hasTensorBoard = spawnSync('python3', ['-c', 'import tensorboard.backend.event_processing']).status === 0;

test("TensorBoard's own reader: numbers and images of two invocations, a crash between them", {
  skip: hasTensorBoard ? false : 'python3 has no tensorboard',
}, async () => {
  const folder = newFolder();
  const sheet = await png();
  const first = EventWriter.open(folder, wallTime, 0);
  for (const step of [1, 2, 3, 4]) first.scalars(step, wallTime + step, { G_GAN: step / 2, D_real: 0.25 });
  first.image(2, wallTime, 'samples', sheet);
  first.image(4, wallTime, 'samples', sheet);
  first.close();
  truncateSync(first.path, readFileSync(first.path).length - 3); // the image of step 4
  const second = EventWriter.open(folder, wallTime + 60, 2);
  for (const step of [3, 4, 5]) second.scalars(step, wallTime + 60 + step, { G_GAN: step * 10, D_real: 0.5 });
  second.close();

  const script = join(root, 'read.py');
  writeFileSync(script, readerScript);
  const { status, stdout, stderr } = spawnSync('python3', [script, folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    scalars: {
      G_GAN: [
        [1, 0.5, wallTime + 1],
        [2, 1, wallTime + 2],
        [3, 30, wallTime + 63],
        [4, 40, wallTime + 64],
        [5, 50, wallTime + 65],
      ],
      D_real: [
        [1, 0.25, wallTime + 1],
        [2, 0.25, wallTime + 2],
        [3, 0.5, wallTime + 63],
        [4, 0.5, wallTime + 64],
        [5, 0.5, wallTime + 65],
      ],
    },
    images: { samples: [[2, 5, 2, sheet.length]] },
    plugins: { G_GAN: 'scalars', D_real: 'scalars', samples: 'images' },
    steps: { G_GAN: [1, 2, 3, 4, 5], D_real: [1, 2, 3, 4, 5], samples: [2] },
  });
});
