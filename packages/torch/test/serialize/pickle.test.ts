import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileFormatError, readPth, readStateDict } from '../../src/serialize/index.js';
import { elementsOf, fixture, pickle, pickledText, temporaryFolder, tensorOf, writePickleZip } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.pth');

function read(text: string, others: Record<string, Uint8Array> = {}) {
  return readPth(writePickleZip(path, pickle(text), others));
}

function refuses(text: string, problem: RegExp, others: Record<string, Uint8Array> = {}): void {
  assert.throws(
    () => read(text, others),
    (error: unknown) => {
      assert.ok(error instanceof FileFormatError, String(error));
      assert.equal(error.path, path);
      assert.match(error.problem, problem);
      return true;
    },
  );
}

const command = pickledText('touch /nowhere/exploited');

test('a call of os.system is refused by name, however the pickle spells it', () => {
  const name = /global "posix\.system"; refused/;
  refuses(`\x80\x02cposix\nsystem\n(${command}tR.`, name); // GLOBAL, REDUCE
  refuses(`\x80\x04\x8c\x05posix\x8c\x06system\x93${command}\x85R.`, name); // STACK_GLOBAL
  refuses(`\x80\x02(iposix\nsystem\n.`, /opcode INST/);
  refuses(`\x80\x02(cposix\nsystem\n${command}o.`, name); // OBJ
  refuses(`\x80\x02(${command}o.`, /opcode OBJ/);
  refuses(`\x80\x02cposix\nsystem\n)\x81}b.`, name); // NEWOBJ, BUILD
  refuses(`\x80\x02\x82\x01.`, /opcode EXT1/);
  refuses('cposix\nsystem\n.', /does not hold a pickle of protocol 2/);
});

test('a parameter from before PyTorch 0.4 takes a tensor and flags, nothing else', () => {
  const parameter = 'ctorch.nn.parameter\nParameter\n';
  refuses(`\x80\x02${parameter}.`, /holds a function torch\.nn\.parameter\.Parameter/);
  refuses(`\x80\x02${parameter})\x81.`, /holds a parameter; expected a plain value/); // without a tensor
  refuses(`\x80\x02${parameter}K\x01\x85\x81.`, /Parameter with arguments that Python never writes/);
  refuses(`\x80\x02${parameter})\x81}b.`, /sets attributes of a parameter; refused/);
  refuses(`\x80\x02${parameter})\x81\x88\x89N\x87b.`, /sets attributes of a parameter; refused/); // flags alone
  refuses(`\x80\x02${parameter})\x81(K\x01NN\x88\x89tb.`, /sets attributes of a parameter; refused/);
});

test('harmless-looking globals that lead to others are refused too', () => {
  for (const global of [
    'builtins eval',
    '__builtin__ getattr',
    'torch load',
    'torch.hub load',
    'torch.serialization load',
    'torch.nn.modules.container Sequential',
    'torch._utils __builtins__',
    'torch._utils _rebuild_tensor_v2.__globals__',
    'torch._utils._rebuild_tensor_v2 __class__',
    'torch _utils._rebuild_tensor_v2',
    'collections OrderedDict.fromkeys',
    'numpy.core.multiarray scalar',
    '_codecs encode',
    '__proto__ constructor',
    'torch constructor',
  ]) {
    const [module, name] = global.split(' ') as [string, string];
    refuses(`\x80\x02c${module}\n${name}\n.`, new RegExp(`global "${module}.${name}"; refused`.replaceAll('.', '\\.')));
    refuses(
      `\x80\x04\x8c${String.fromCharCode(module.length)}${module}\x8c${String.fromCharCode(name.length)}${name}\x93.`,
      /global/,
    );
  }
});

test('allowed names are called only as torch.save calls them', () => {
  refuses('\x80\x02ctorch\nFloatStorage\nK\x01\x85R.', /calls a storage class; refused/);
  refuses(`\x80\x02${command}\x85\x85R.`, /empty stack/);
  refuses(`\x80\x02${command})R.`, /calls a str; refused/);
  refuses('\x80\x02ccollections\nOrderedDict\nK\x01\x85R.', /OrderedDict with arguments that Python never writes/);
  refuses('\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.', /_rebuild_tensor_v2 with arguments/);
  refuses('\x80\x02ccollections\nOrderedDict\n}b.', /sets attributes of a function collections\.OrderedDict; refused/);
  refuses('\x80\x02}K\x01b.', /sets attributes of a dict; refused/);
  refuses('\x80\x02ctorch\nFloatStorage\n.', /holds a storage class; expected a plain value/);
  refuses(`\x80\x02(${pickledText('module')}K\x01tQ.`, /refers to "module", which is not the storage/);
  refuses('\x80\x02]K\x01K\x02s.', /sets items of a list/);
  refuses('\x80\x02}K\x01a.', /appends to a dict/);
});

test('a pickled model is refused: the error names its class and says what to save instead', () => {
  assert.throws(
    () => readPth(fixture('model.pth')),
    /global "torch\.nn\.modules\.linear\.Linear"; refused\. Save plain/,
  );
});

test('lengths beyond the file are refused before memory is allocated', () => {
  refuses('\x80\x02X\xff\xff\xff\x7fabc.', /claims 2147483647 bytes, but 4 are left/);
  refuses('\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.', /claims 9223372036854775807 bytes/);
  refuses('\x80\x02\x8b\xff\xff\xff\x7f.', /integer of 2147483647 bytes/);
  refuses('\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.', /claims 18446744073709551615 bytes/);
  refuses(`\x80\x02c${'a'.repeat(1000)}\nb\n.`, /name longer than/);
});

test('a damaged pickle is an error, never another exception', () => {
  // Every prefix and every single changed byte of a real pickle.
  const whole = readFileSync(fixture('values.legacy.pth'));
  const survives = (bytes: Uint8Array) => {
    try {
      readPth(writePickleZip(path, bytes));
    } catch (error) {
      assert.ok(error instanceof FileFormatError, String(error));
    }
  };
  const system = whole.indexOf(Buffer.from('\x80\x02', 'latin1'), whole.indexOf('type_sizes'));
  const body = whole.subarray(system, system + 600);
  for (let i = 0; i < body.length; i++) {
    survives(body.subarray(0, i));
    const changed = Uint8Array.from(body);
    changed[i] = (changed[i]! * 31 + 17) & 0xff;
    survives(changed);
  }
});

test('values nested in themselves and towers of references are refused or read in time', () => {
  refuses('\x80\x02]q\x00h\x00a.', /nested more than/);
  refuses(`\x80\x02${']'.repeat(500)}${'a'.repeat(499)}.`, /nested more than/);
  // 64 lists, each twice in the next: 2^64 leaves if they were copied.
  const tower = `\x80\x02]${Array.from({ length: 64 }, (_, i) => `q${String.fromCharCode(i)}0](h${String.fromCharCode(i)}h${String.fromCharCode(i)}e`).join('')}.`;
  assert.ok(Array.isArray(read(tower)));
});

test('one list of pairs cannot be turned into many dicts', () => {
  const pairs = `](${Array.from({ length: 100 }, (_, i) => `K${String.fromCharCode(i)}N\x86`).join('')}e\x85q\x00`;
  const calls = '0ccollections\nOrderedDict\nq\x01h\x00R';
  assert.equal((read(`\x80\x02${pairs}${calls}.`) as Map<number, null>).size, 100);
  refuses(`\x80\x02${pairs}${calls}${'0h\x01h\x00R'.repeat(1000)}.`, /repeatedly on the same items/);
});

/** `_rebuild_tensor_v2` of a float storage `0` with `count` elements. */
function rebuiltTensor(count: string, offset: string, shape: string, strides: string): string {
  const storage = `(${pickledText('storage')}ctorch\nFloatStorage\n${pickledText('0')}${pickledText('cpu')}${count}tQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${offset}${shape}${strides}\x89NtR`;
}

test('tensors that reach beyond their storage are refused', () => {
  const data = { 'archive/data/0': tensorOf('float32', [4], [1, 2, 3, 4]).bytes };
  const inside = `\x80\x02${rebuiltTensor('K\x04', 'K\x01', 'K\x03\x85', 'K\x01\x85')}.`;
  assert.deepEqual(read(inside, data), tensorOf('float32', [3], [2, 3, 4]));
  const arguments_ = /_rebuild_tensor_v2 with arguments/;
  refuses(`\x80\x02${rebuiltTensor('K\x04', 'K\x02', 'K\x03\x85', 'K\x01\x85')}.`, arguments_, data);
  refuses(`\x80\x02${rebuiltTensor('K\x04', 'K\x00', 'K\x03\x85', 'K\x02\x85')}.`, arguments_, data);
  refuses(`\x80\x02${rebuiltTensor('K\x04', 'J\xff\xff\xff\xff', 'K\x01\x85', 'K\x01\x85')}.`, arguments_, data);
  refuses(`\x80\x02${rebuiltTensor('K\x04', 'K\x03', 'K\x02\x85', 'J\xff\xff\xff\xff\x85')}.`, arguments_, data);
  refuses(`\x80\x02${rebuiltTensor('K\x05', 'K\x00', 'K\x05\x85', 'K\x01\x85')}.`, /has 16 bytes, expected 20/, data);
  refuses(inside, /storage "archive\/data\/0", which the archive does not have/);
});

test('a small storage cannot claim to be a huge tensor', () => {
  const data = { 'archive/data/0': tensorOf('float32', [1], [1]).bytes };
  const huge = rebuiltTensor('K\x01', 'K\x00', '\x8a\x06\0\0\0\0\0\x01\x85', 'K\x00\x85');
  refuses(`\x80\x02${huge}.`, /far more memory than the file has bytes/, data);
  const many = rebuiltTensor('K\x01', 'K\x00', 'J\0\0\x00\x02\x85', 'K\x00\x85'); // 128 MiB each
  refuses(`\x80\x02](${many.repeat(3)}e.`, /far more memory than the file has bytes/, data);
});

test('names written by Python 2 are text, and its OrderedDict of pairs a dict', () => {
  const data = { 'archive/data/0': tensorOf('float32', [2], [5, 6]).bytes };
  const tensor = rebuiltTensor('K\x02', 'K\x00', 'K\x02\x85', 'K\x01\x85');
  const items = `](](U\x06weight${tensor}e](T\x04\0\0\0bias${tensor}ee\x85`;
  const state = readStateDict(
    writePickleZip(path, pickle(`\x80\x02ccollections\nOrderedDict\n${items}R}U\x09_metadata}sb.`), data),
  );
  assert.deepEqual([...state.keys()], ['weight', 'bias']);
  assert.deepEqual(elementsOf(state.get('bias')!), [5, 6]);
});
