import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  isTemporaryName,
  replaceFile,
  temporaryName,
  type WriterFileSystem,
  writeFileAtomic,
} from '../../src/serialize/atomic-write.js';
import { temporaryFolder } from './support.js';

const folder = temporaryFolder();
const text = (value: string) => new TextEncoder().encode(value);

test('a file is the concatenation of its chunks and replaces the one before', () => {
  const path = join(folder, 'replaced');
  writeFileSync(path, 'something longer than the new content');
  writeFileAtomic(path, [text('one '), new Uint8Array(0), text('two')]);
  assert.equal(readFileSync(path, 'utf8'), 'one two');
});

test('text and bytes are written as they are, empty ones too', () => {
  const path = join(folder, 'whole');
  writeFileAtomic(path, 'Ätherisch\n');
  assert.equal(readFileSync(path, 'utf8'), 'Ätherisch\n');
  writeFileAtomic(path, Uint8Array.of(0, 255, 10));
  assert.deepEqual([...readFileSync(path)], [0, 255, 10]);
  writeFileAtomic(path, '');
  assert.equal(readFileSync(path).length, 0);
});

test('the subpath export writes files without loading the addon', () => {
  const path = join(folder, 'subpath');
  const program = `
    import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
    import { createRequire } from 'node:module';
    writeFileAtomic(${JSON.stringify(path)}, 'written');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter(file => file.endsWith('.node'));
    if (loaded.length > 0) throw new Error(loaded.join());`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(readFileSync(path, 'utf8'), 'written');
});

test('a failure half way leaves the old file and nothing beside it', () => {
  const path = join(folder, 'kept');
  writeFileSync(path, 'old');
  function* failing(): Iterable<Uint8Array> {
    yield text('half');
    throw new Error('disk full, say');
  }
  const before = readdirSync(folder);
  assert.throws(() => writeFileAtomic(path, failing()), /disk full, say/);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(folder), before);
});

test('the file under its name is the old one until the last chunk is written', () => {
  const path = join(folder, 'late');
  writeFileSync(path, 'old');
  const seen: string[] = [];
  function* chunks(): Iterable<Uint8Array> {
    for (const part of ['new ', 'content']) {
      yield text(part);
      seen.push(readFileSync(path, 'utf8'));
    }
  }
  writeFileAtomic(path, chunks());
  assert.deepEqual(seen, ['old', 'old']);
  assert.equal(readFileSync(path, 'utf8'), 'new content');
});

test('a missing folder is an error that names it', () => {
  assert.throws(() => writeFileAtomic(join(folder, 'missing', 'file'), []), /ENOENT.*missing/);
});

test('bytes that were written can be replaced before the file has its name', () => {
  const path = join(folder, 'overwritten');
  replaceFile(path, file => {
    file.append(text('???? tail'));
    file.overwrite(0, text('head'));
    file.append(text(', end'));
  });
  assert.equal(readFileSync(path, 'utf8'), 'head tail, end');
});

test('a name of the maximum length is written, even with leftover temporary files beside it', () => {
  for (const name of ['n'.repeat(255), 'ü'.repeat(127)]) {
    const path = join(folder, name);
    writeFileSync(join(folder, temporaryName(name)), 'left over');
    writeFileAtomic(path, 'written');
    assert.equal(readFileSync(path, 'utf8'), 'written');
  }
  const names = new Set(Array.from({ length: 100 }, () => temporaryName('a')));
  assert.equal(names.size, 100);
  assert.ok([...names].every(isTemporaryName));
  assert.ok(!isTemporaryName('.config.json') && !isTemporaryName('step-00000001.safetensors'));
});

test('neither a folder nor a device is replaced', () => {
  assert.throws(() => writeFileAtomic(folder, 'x'), { code: 'EISDIR', path: folder });
  // A link, so that a writer that fails this test does not replace the machine's own device.
  const device = join(folder, 'device');
  symlinkSync('/dev/null', device);
  assert.throws(() => writeFileAtomic(device, 'x'), { code: 'EEXIST', path: device });
  assert.ok(statSync(device).isCharacterDevice());
});

/** The real file system, whose `call` fails the `nth` time as the kernel does. */
function failingAt(call: Exclude<keyof WriterFileSystem, 'rmSync'>, nth: number, code: string): WriterFileSystem {
  let calls = 0;
  const failing = (...args: never[]) => {
    if (++calls !== nth) return (fs[call] as (...args: never[]) => unknown)(...args);
    // What Node does with the descriptor if closing fails.
    if (call === 'closeSync') fs.closeSync(...(args as unknown as [number]));
    throw Object.assign(new Error(`${code}: said the disk, ${call}`), { code, errno: -1, syscall: call });
  };
  return { ...fs, [call]: failing };
}

for (const code of ['ENOSPC', 'EIO', 'EDQUOT'])
  test(`${code} at any call: the old file is intact, no temporary file is left, and the error names the file`, () => {
    const path = join(folder, `faults-${code}`);
    writeFileSync(path, 'old');
    const before = readdirSync(folder);
    const descriptors = readdirSync('/proc/self/fd').length;
    for (const [call, nth] of [
      ['statSync', 1],
      ['openSync', 1],
      ['writeSync', 1],
      ['writeSync', 2],
      ['fsyncSync', 1],
      ['closeSync', 1],
      ['renameSync', 1],
    ] as const) {
      const system = failingAt(call, nth, code);
      assert.throws(() => writeFileAtomic(path, [text('one'), text('two')], system), {
        code,
        path,
        syscall: call,
        message: `${code}: said the disk, ${call} '${path}'`,
      });
      assert.equal(readFileSync(path, 'utf8'), 'old', call);
      assert.deepEqual(readdirSync(folder), before, call);
    }
    // The folder is flushed after the rename: the new file is complete then, but the caller still gets the error.
    assert.throws(() => writeFileAtomic(path, 'new', failingAt('fsyncSync', 2, code)), { code, path });
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(readdirSync('/proc/self/fd').length, descriptors, 'descriptors left open');
  });

test('a folder that cannot be flushed, as on some network disks, is not an error', () => {
  const path = join(folder, 'unflushed');
  writeFileAtomic(path, 'new', failingAt('fsyncSync', 2, 'EINVAL'));
  assert.equal(readFileSync(path, 'utf8'), 'new');
});

test('a partial write is continued', () => {
  const path = join(folder, 'short');
  const writeSync = ((file: number, bytes: Uint8Array, from: number, length: number, at: number | null) =>
    fs.writeSync(file, bytes, from, Math.min(3, length), at)) as typeof fs.writeSync;
  replaceFile(
    path,
    file => {
      file.append(text('0123456789'));
      file.overwrite(2, text('abcdefg'));
    },
    { ...fs, writeSync },
  );
  assert.equal(readFileSync(path, 'utf8'), '01abcdefg9');
});

test('on a full disk the old file stays, and the temporary one is removed', t => {
  const disk = join(folder, 'disk');
  fs.mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  if (mounted.status !== 0) return t.skip('mounting is not allowed here');
  try {
    const path = join(disk, 'file');
    writeFileAtomic(path, new Uint8Array(400_000).fill(1));
    const chunks = Array.from({ length: 10 }, () => new Uint8Array(100_000));
    assert.throws(() => writeFileAtomic(path, chunks), { code: 'ENOSPC', path });
    assert.deepEqual(readdirSync(disk), ['file']);
    assert.ok(readFileSync(path).every(byte => byte === 1));
    writeFileAtomic(path, chunks.slice(0, 5));
    assert.equal(statSync(path).size, 500_000);
  } finally {
    spawnSync('umount', [disk]);
  }
});
