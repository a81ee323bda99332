/**
 * Errors: their class and codes, what the error of a disposed tensor tells, and where it was made and disposed of in debug mode.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  fromData,
  nn,
  ops,
  optim,
  readNpy,
  scope,
  setDebug,
  type Tensor,
  TorchError,
  type TorchErrorCode,
  tensor,
} from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'torch-errors-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function thrown(body: () => unknown): TorchError {
  try {
    scope(body);
  } catch (error) {
    assert.ok(error instanceof TorchError, `${error} is a TorchError`);
    assert.equal(error.name === 'TorchError' || error.name === 'FileFormatError', true);
    return error;
  }
  assert.fail('nothing was thrown');
}

const noNpy = join(folder, 'no.npy');
writeFileSync(noNpy, 'text');
const cases: [TorchErrorCode, string, () => unknown][] = [
  ['INVALID_ARGUMENT', 'a string for a tensor', () => ops.relu('x' as unknown as Tensor)],
  ['INVALID_ARGUMENT', 'an unknown dtype', () => tensor([1], { dtype: 'float8' as 'float32' })],
  ['INVALID_ARGUMENT', 'the item of two', () => tensor([1, 2]).item()],
  ['INVALID_ARGUMENT', 'a symbol for a number', () => ops.add(tensor([1]), Symbol('x') as unknown as number)],
  ['SHAPE_MISMATCH', 'a sum of other sizes', () => tensor([1, 2, 3]).add(tensor([1, 2]))],
  ['SHAPE_MISMATCH', 'a product', () => ops.ones([2, 3]).matmul(ops.ones([2, 3]))],
  ['SHAPE_MISMATCH', 'rows of two lengths', () => tensor([[1, 2], [3]])],
  ['SHAPE_MISMATCH', 'too few values', () => tensor([1, 2, 3], [2, 2])],
  ['SHAPE_MISMATCH', 'a reshape', () => tensor([1, 2, 3]).reshape([2, 2])],
  ['SHAPE_MISMATCH', 'joined along another axis', () => ops.cat([ops.ones([2, 3]), ops.ones([3, 2])])],
  ['SHAPE_MISMATCH', 'channels', () => new nn.Conv2d(3, 1, 1).forward(ops.ones([1, 2, 4, 4]))],
  ['SHAPE_MISMATCH', 'a linear layer', () => new nn.Linear(3, 1).forward(ops.ones([2, 4]))],
  ['UNKNOWN_OPERATOR', 'no operator', () => ops.operator('aten::no_such')([])],
  ['OPERATOR_FAILED', 'no gradient of integers', () => void (tensor([1], { dtype: 'int64' }).requiresGrad = true)],
  ['OPERATOR_FAILED', 'an axis there is not', () => tensor([1]).sum(3)],
  ['SCOPE_IS_ASYNC', 'a promise', () => scope(async () => 1)],
  ['STATE_MISMATCH', 'a state dict', () => new nn.Linear(1, 1).loadStateDict(new Map())],
  [
    'STATE_MISMATCH',
    "an optimiser's state",
    () => new optim.SGD(new Map()).loadState(new Map([['x', { step: 1, momentum_buffer: tensor([1]) }]])),
  ],
  ['FILE_FORMAT', 'a file of another format', () => readNpy(noNpy)],
  ['TENSOR_DISPOSED', 'a disposed tensor', () => disposed().add(1)],
];

for (const [code, what, body] of cases)
  test(`${code}: ${what}`, () => {
    assert.equal(thrown(body).code, code);
  });

test("OUT_OF_MEMORY, with libtorch's frames beside the message", { skip: process.platform !== 'linux' }, () => {
  const error = thrown(() => ops.empty([2 ** 40], { dtype: 'uint8' }));
  assert.equal(error.code, 'OUT_OF_MEMORY');
  assert.ok(error.backtrace!.length > error.message.length);
});

/** float32, 2 × 3, made by an addition. */
function disposed(): Tensor {
  return scope(() => {
    const inside = ops.add(ops.ones([2, 3]), 1);
    return () => inside;
  })();
}

test("a disposed tensor's error tells its type, its shape and the operator that made it", () => {
  assert.equal(
    thrown(() => disposed().mul(2)).message,
    "argument 'self': the tensor (float32 [2, 3], made by aten::add) was disposed; keep() or return it from its scope",
  );
  const data = { dtype: 'bool', shape: [1, 1], bytes: Uint8Array.of(1) } as const;
  const gone = fromData(data);
  gone.dispose();
  assert.match(thrown(() => gone.data()).message, /the tensor \(bool \[1, 1\], made by tensor\(\)\) was disposed/);
});

test('in debug mode it tells where as well; otherwise it does not', () => {
  setDebug(true);
  try {
    const lines = thrown(() => disposed().mul(2)).message.split('\n');
    const [made, gone] = [lines.indexOf('made'), lines.indexOf('disposed')];
    assert.ok(made > 0 && gone > made, lines.join('\n'));
    const madeAt = lines.slice(made + 1, gone).join('\n');
    assert.match(madeAt, /errors\.test\.js/);
    assert.match(lines.slice(gone + 1).join('\n'), /scope\.js[\s\S]*errors\.test\.js/);
  } finally {
    setDebug(false);
  }
  assert.equal(thrown(() => disposed().mul(2)).message.split('\n').length, 1);
});

const index = new URL('../src/index.js', import.meta.url).href;
const program = `import { ops, tensor } from ${JSON.stringify(index)};
const x = tensor([1]);
x.dispose();
try { x.neg(); } catch (error) { console.log(error.code, error.message); }
`;
const run = (env: Record<string, string>) =>
  spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

test('PIX2PIXHD_TORCH_DEBUG=1 is debug mode from the start', () => {
  assert.match(
    run({ PIX2PIXHD_TORCH_DEBUG: '1' }).stdout,
    /^TENSOR_DISPOSED .*made by tensor[\s\S]*\nmade\n[\s\S]*eval1/,
  );
});

test('LIBTORCH_NOT_FOUND: without an addon, and with one that does not load', () => {
  const broken = join(folder, 'broken.node');
  writeFileSync(broken, 'no library');
  for (const [addon, message] of [
    [join(folder, 'missing.node'), 'the native addon is not built yet'],
    [broken, 'the native addon does not load'],
  ] as const) {
    const { stderr, status } = run({ PIX2PIXHD_TORCH_ADDON: addon });
    assert.equal(status, 1);
    assert.ok(stderr.includes(message), stderr);
    assert.ok(stderr.includes("code: 'LIBTORCH_NOT_FOUND'"), stderr);
  }
});

test('the README lists every code', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const codes = [...read('src/errors.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(match => match[1]!);
  assert.ok(codes.length > 8);
  const readme = read('README.md');
  assert.deepEqual(
    codes.filter(code => !readme.includes(`\`${code}\``)),
    [],
  );
});
