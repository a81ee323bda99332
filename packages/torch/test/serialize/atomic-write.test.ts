import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../src/serialize/index.js';
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
