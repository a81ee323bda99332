/** Refusals of the machine become a user's error with a remedy; programming errors stay what they are. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ops } from '@pix2pixhd/torch';
import { advised } from '../../src/cli/advice.js';
import { describeError } from '../../src/cli/describe-error.js';
import { explained } from '../../src/cli/explain.js';
import { commandTable } from '../../src/cli/table.js';
import { optionsOf } from '../../src/config/option.js';
import { UserError } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
after(() => rmSync(folder, { recursive: true }));

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('more memory than there is: how much was asked for, for what, how much is free, and which options ask for less', () => {
  const error = explained(thrownBy(() => ops.empty([1024, 2 ** 36], { dtype: 'float32' })));
  assert.ok(error instanceof UserError);
  assert.match(
    error.parts.found,
    /^not enough memory for a tensor of 256\.00 TiB: \d+\.\d+ [MG]iB are free \(aten::empty of \[1024, 68719476736\]\)$/,
  );
  assert.match(error.parts.remedy, /--load-size.*--batch-size.*--checkpointing/);
});

test('whoever says that memory ran out is understood', () => {
  for (const [text, found] of [
    ['std::bad_alloc', 'not enough memory'],
    ['Array buffer allocation failed', 'not enough memory'],
    [
      "[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes. Error code 12 (Cannot allocate memory)",
      'not enough memory for a tensor of 4.00 GiB',
    ],
    [
      'CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 15.78 GiB total capacity; 14.00 GiB already allocated; 1.20 GiB free; 14.10 GiB reserved in total by PyTorch)',
      'not enough memory on the GPU for a tensor of 2.00 GiB: 1.20 GiB are free',
    ],
    [
      'CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.11 GiB of which 12.31 MiB is free.',
      'not enough memory on the GPU for a tensor of 20.00 MiB: 12.31 MiB are free',
    ],
    ['CUDA error: out of memory', 'not enough memory'],
  ] as const)
    assert.equal((explained(new Error(text)) as UserError).parts.found, found);
});

test('every option that is said to take less memory is one of the command', () => {
  for (const { spec } of commandTable) {
    const { remedy } = (advised(explained(new Error('std::bad_alloc')), spec.name) as UserError).parts;
    const known = optionsOf(spec.schema).map(({ flag }) => `--${flag}`);
    for (const [option] of remedy.matchAll(/--[a-z-]+/g)) assert.ok(known.includes(option), `${spec.name}: ${option}`);
  }
});

test('a file system that refuses: which file, why, and what to do', () => {
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'folder'));
  for (const [work, path, found, remedy] of [
    [readFileSync, 'absent', /ENOENT/, /check the path/],
    [readFileSync, 'folder', /EISDIR/, /it is a folder/],
    [(p: string) => writeFileSync(p, ''), join('file', 'below'), /ENOTDIR/, /a part of it is a file/],
    [(p: string) => writeFileSync(p, ''), 'x'.repeat(300), /ENAMETOOLONG/, /a shorter name/],
  ] as const) {
    const error = explained(thrownBy(() => work(join(folder, path))));
    assert.ok(error instanceof UserError, path);
    assert.match(error.parts.found, found);
    assert.match(error.parts.remedy, remedy);
  }
});

test('other errors are passed on, among them those of a user and those with a code of their own', () => {
  const own = new UserError({ code: 'FILE_UNREADABLE', doing: 'painting', found: 'std::bad_alloc', remedy: 'none' });
  const coded = Object.assign(new Error('no such module'), { code: 'ENOENT' });
  for (const error of [own, coded, new RangeError('index'), 'text', undefined]) assert.equal(explained(error), error);
});

test("libtorch's own frames are shown with the stack of its errors, and only there", () => {
  const error = thrownBy(() => ops.cat([ops.zeros([1, 2]), ops.zeros([1, 3])], 0));
  assert.match(describeError(error, true), /\n\s+at [\s\S]*frame #/);
  assert.doesNotMatch(describeError(error, false), /frame #/);
});
