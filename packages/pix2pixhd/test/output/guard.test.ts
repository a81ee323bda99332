/** What a command must not overwrite: its inputs, under whatever name, and files that this program did not make. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { decode } from 'fast-png';
import sharp from 'sharp';
import { UserError } from '../../src/errors.js';
import { encodeImage, outputFormat } from '../../src/inference/encode-image.js';
import { liesIn, OutputGuard } from '../../src/output/guard.js';
import { makeFolder } from '../../src/output/make-folder.js';
import { isMarked, markedPng } from '../../src/output/own-files.js';
import { pngChunk } from '../../src/png.js';

const folder = mkdtempSync(join(tmpdir(), 'guard-'));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  rmSync(at('in'), { recursive: true, force: true });
  rmSync(at('out'), { recursive: true, force: true });
  mkdirSync(at('in'));
  mkdirSync(at('out'));
  writeFileSync(at('in', 'a.png'), 'an input');
});

const guard = (more: { inputFolders?: string[]; force?: boolean } = {}) =>
  new OutputGuard({ doing: 'writing', elsewhere: 'write elsewhere', inputs: [at('in', 'a.png')], ...more });

function refusal(work: () => void): UserError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

test('an input is known by another path, a link to its folder, a link to it, and a second name on the disk', () => {
  symlinkSync(at('in'), at('linked'));
  symlinkSync(at('in', 'a.png'), at('out', 'soft.png'));
  linkSync(at('in', 'a.png'), at('out', 'hard.png'));
  const names = [
    at('in', 'a.png'),
    relative(process.cwd(), at('in', 'a.png')),
    `${at('out')}/../in/a.png`,
    at('linked', 'a.png'),
    at('out', 'soft.png'),
    at('out', 'hard.png'),
  ];
  for (const name of names)
    for (const force of [false, true]) {
      assert.match(refusal(() => guard({ force }).checkAll([name])).parts.found, /input/, name);
      assert.match(refusal(() => guard({ force }).write(name, 'new')).parts.found, /input/, name);
    }
  assert.equal(readFileSync(at('in', 'a.png'), 'utf8'), 'an input');
});

test('nothing is written into a folder of inputs, under whatever name', () => {
  symlinkSync(at('in'), at('out', 'link'));
  const own = guard({ inputFolders: [at('in')] });
  for (const place of [at('in', 'new.png'), at('out', 'link', 'new.png'), `${at('out')}/../in/new.png`])
    assert.match(refusal(() => own.checkAll([place])).parts.found, /folder of the inputs/);
  own.checkAll([at('in', 'below', 'new.png'), at('out', 'new.png')]);
});

test('a PNG of ours is replaced, one of others only with force, and one that another program saved is the user’s own', async () => {
  const plain = await sharp({ create: { width: 3, height: 2, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
  const file = at('out', 'a.png');
  guard().write(file, markedPng(plain));
  assert.ok(isMarked(file));
  guard().checkAll([file]);
  guard().write(file, markedPng(plain));
  await sharp(file).png().toFile(at('out', 'edited.png'));
  for (const [name, bytes] of [
    ['edited.png', readFileSync(at('out', 'edited.png'))],
    ['theirs.png', plain],
    ['short.png', plain.subarray(0, 20)],
  ] as const) {
    writeFileSync(at('out', name), bytes);
    const { found, remedy } = refusal(() => guard({ force: false }).checkAll([file, at('out', name)])).parts;
    assert.match(found, /1 existing file\(s\) that pix2pixhd did not make/);
    assert.match(remedy, /--force/);
    refusal(() => guard().write(at('out', name), 'x'));
    assert.deepEqual(readFileSync(at('out', name)), bytes);
    guard({ force: true }).checkAll([at('out', name)]);
  }
  symlinkSync(file, at('out', 'link.png'));
  refusal(() => guard().checkAll([at('out', 'link.png')]));
});

test('the mark is a chunk as the PNG specification wants it, and no pixel changes', async () => {
  const pixels = Buffer.from([1, 2, 3, 4, 5, 6]);
  const png = await sharp(pixels, { raw: { width: 2, height: 1, channels: 3 } })
    .png()
    .toBuffer();
  const { text, data } = decode(markedPng(png), { checkCrc: true });
  assert.deepEqual(Object.keys(text!), ['Software']);
  assert.match(text!.Software!, /^pix2pixhd [0-9a-f]{16}$/);
  assert.deepEqual(Buffer.from(data), pixels);
  assert.deepEqual(await sharp(markedPng(png)).raw().toBuffer(), pixels);
});

test('a file that was edited is the user’s own, also where the program that did it kept the mark', async () => {
  const image = { width: 24, height: 16, channels: 3, data: new Uint8Array(24 * 16 * 3).map((_, i) => i * 7) };
  for (const name of ['png', 'tiff', 'jpeg', 'webp'] as const) {
    const file = at('out', `kept.${name}`);
    const format = outputFormat(name, 3, '8', 90);
    guard().write(file, await encodeImage({ ...image, black: 0, white: 255 }, format));
    assert.ok(isMarked(file), name);
    const bytes = readFileSync(file);
    // Other pixels, all tags.
    const edited = await sharp(bytes).negate().keepMetadata().toFormat(name).toBuffer();
    if (name === 'jpeg' || name === 'webp') assert.ok(edited.includes('pix2pixhd'), name);
    const damaged = Buffer.from(bytes);
    damaged[Math.floor(bytes.length * 0.7)]! ^= 1;
    for (const other of [edited, damaged]) {
      writeFileSync(file, other);
      assert.equal(isMarked(file), false, name);
      refusal(() => guard().write(file, 'x'));
    }
  }
  // Files of earlier versions have a mark without a digest.
  const png = await sharp({ create: { width: 3, height: 2, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
  const chunk = pngChunk('tEXt', Buffer.from('Software\0pix2pixhd', 'latin1'));
  writeFileSync(at('out', 'old.png'), Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]));
  const old = { IFD0: { Software: 'pix2pixhd' } };
  for (const name of ['jpeg', 'webp'] as const)
    await sharp(png)
      .withExif(old)
      .toFormat(name)
      .toFile(at('out', `old.${name}`));
  for (const name of ['png', 'jpeg', 'webp']) assert.ok(isMarked(at('out', `old.${name}`)), name);
});

test('two results with one name are refused, and so are two names of one file', () => {
  assert.match(
    refusal(() => guard().checkAll([at('out', 'b.png'), at('out', '.', 'b.png')])).parts.found,
    /two inputs/,
  );
  const own = guard({ force: true });
  own.write(at('out', 'b.png'), 'first');
  // As a disk that does not tell capitals apart has it.
  linkSync(at('out', 'b.png'), at('out', 'B.png'));
  assert.match(refusal(() => own.write(at('out', 'B.png'), 'second')).parts.found, /just written as b\.png/);
  assert.equal(readFileSync(at('out', 'b.png'), 'utf8'), 'first');
});

test('a path lies in a folder when links and dots are resolved, also where its end does not exist yet', () => {
  symlinkSync(at('in'), at('out', 'door'));
  assert.ok(liesIn(at('out', 'door', 'x', 'y'), at('in')));
  assert.ok(liesIn(at('in'), at('in')));
  assert.ok(liesIn(`${at('out')}/../in/new`, at('in')));
  assert.ok(!liesIn(at('out', 'new'), at('in')));
  assert.ok(!liesIn(at('in-other'), at('in')));
});

test('a folder is made with those above it, and where none can be made there is an error', () => {
  makeFolder(at('out', 'x', 'y', 'z'));
  makeFolder(at('out', 'x', 'y'));
  writeFileSync(at('out', 'x', 'y', 'z', 'file'), '');
  assert.throws(() => makeFolder(at('in', 'a.png', 'below')), /ENOTDIR|ENOENT|EEXIST/);
  assert.throws(() => makeFolder(at('in', 'a.png')), /EEXIST/);
  // Node's own recursive mkdir never returns here.
  if (process.platform === 'linux') assert.throws(() => makeFolder('/proc/nowhere/at/all'), /ENOENT/);
});
