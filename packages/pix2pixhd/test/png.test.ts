/** The one reader of PNG's header and chunks, on files of an independent encoder and on damaged ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from 'fast-png';
import sharp from 'sharp';
import { ColourType, PNG_HEADER_BYTES, pngChunk, pngChunks, pngHeader, pngOf, withColourType } from '../src/png.js';
import { noise } from './data/images.js';

const file = Buffer.from(encode({ width: 7, height: 5, channels: 3, depth: 8, data: noise(7 * 5 * 3) }));

test('the header says depth and colour type, and nothing else passes for one', () => {
  assert.deepEqual(pngHeader(file), { bits: 8, colourType: ColourType.rgb });
  const deep = Buffer.from(encode({ width: 2, height: 1, channels: 1, depth: 16, data: Uint16Array.of(1, 2) }));
  assert.deepEqual(pngHeader(deep.subarray(0, PNG_HEADER_BYTES)), { bits: 16, colourType: ColourType.grey });
  assert.equal(pngHeader(file.subarray(0, PNG_HEADER_BYTES - 1)), undefined);
  assert.equal(pngHeader(Buffer.concat([Buffer.from('GIF89a'), file])), undefined);
});

test('chunks put together again are the file, and chunks of ours are accepted by decoders', async () => {
  const chunks = [...pngChunks(file)];
  assert.deepEqual([chunks[0]?.type, chunks.at(-1)?.type], ['IHDR', 'IEND']);
  assert.ok(chunks.every(({ complete }) => complete));
  assert.deepEqual(pngOf(chunks.map(({ bytes }) => bytes)), file);
  const [header, ...rest] = chunks.map(({ bytes }) => bytes);
  const noted = pngOf([header!, pngChunk('tEXt', Buffer.from('Comment\0hello', 'latin1')), ...rest]);
  // fast-png checks every checksum.
  const decoded = decode(noted, { checkCrc: true });
  assert.deepEqual(decoded.text, { Comment: 'hello' });
  assert.deepEqual(Buffer.from(decoded.data.buffer), await sharp(noted).raw().toBuffer());
});

test('a file that ends within a chunk gives what there is of it, whatever the length claims', () => {
  const cut = file.subarray(0, file.length - 20);
  const last = [...pngChunks(cut)].at(-1)!;
  assert.deepEqual([last.type, last.complete], ['IDAT', false]);
  const endless = pngOf([pngChunk('IDAT', Buffer.alloc(4))]);
  endless.writeUInt32BE(0xffffffff, 8);
  assert.deepEqual(
    [...pngChunks(endless)].map(({ bytes, complete }) => [bytes.length, complete]),
    [[16, false]],
  );
});

test('the colour type is changed in an intact header only', () => {
  const [header] = [...pngChunks(file)].map(({ bytes }) => bytes);
  const grey = pngOf([withColourType(header!, ColourType.grey)]);
  assert.deepEqual(pngHeader(grey), { bits: 8, colourType: ColourType.grey });
  const damaged = Buffer.from(header!);
  damaged[9]! ^= 1;
  assert.equal(withColourType(damaged, ColourType.grey), damaged);
});
