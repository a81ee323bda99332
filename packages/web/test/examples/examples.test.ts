/** The example services, each run as its own head says, on a model whose results show what went in. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decode, encode } from 'fast-png';
import { tinyGenerator } from '../support/tiny-models.js';

const folder = mkdtempSync(join(tmpdir(), 'examples-'));
const at = (...path: string[]) => join(folder, ...path);
const example = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
const model = at('generator.onnx');
writeFileSync(model, tinyGenerator());
after(() => rmSync(folder, { recursive: true }));

/** A label map of one class. */
const map = (id: number) => encode({ width: 4, height: 4, channels: 1, depth: 8, data: new Uint8Array(16).fill(id) });

function start(...args: string[]): { child: ChildProcess; printed: () => string } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', text => (printed += text));
  return { child, printed: () => printed };
}

test('service.mjs: a label map is answered by its image in the style of the seed, a bad one by a sentence', async () => {
  const { child, printed } = start(example('service.mjs'), model, '0');
  try {
    while (!printed().includes('listening on')) await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    const address = `http://127.0.0.1:${/listening on (\d+)/.exec(printed())![1]}`;
    const ask = (path: string, body: Uint8Array) =>
      fetch(`${address}${path}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> });
    const blues = new Set<number>();
    for (const seed of [0, 1, 2]) {
      const response = await ask(`/generate?seed=${seed}`, map(1));
      assert.equal(response.headers.get('content-type'), 'image/png');
      const [red, green, blue] = decode(new Uint8Array(await response.arrayBuffer())).data as Uint8Array;
      assert.deepEqual([red, green], [1, 1]);
      blues.add(blue!);
    }
    assert.deepEqual(blues, new Set([10, 20, 30]));
    const refused = await ask('/generate', map(200));
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /200/);
    assert.equal((await ask('/other', map(1))).status, 404);
  } finally {
    child.kill();
  }
});

test('batch.mjs: what is missing is rendered, what is there is left, and one that fails stops no other', async () => {
  for (const name of ['labels', 'instances', 'out']) mkdirSync(at(name));
  for (const [i, id] of [1, 200, 4].entries()) writeFileSync(at('labels', `${i}.png`), map(id));
  for (const i of [0, 1, 2]) writeFileSync(at('instances', `${i}.png`), map(i + 7));
  writeFileSync(at('out', '0.png'), 'here before');
  const { child, printed } = start(example('batch.mjs'), model, at('labels'), at('out'), at('instances'));
  const [code] = await once(child, 'close');
  assert.equal(code, 1, printed());
  assert.match(printed(), /3 label maps, 1 done before/);
  assert.match(printed(), /1\.png: .*200/s);
  assert.deepEqual(readdirSync(at('out')).sort(), ['0.png', '2.png']);
  assert.equal(readFileSync(at('out', '0.png'), 'utf8'), 'here before');
  const [red, green] = decode(readFileSync(at('out', '2.png'))).data as Uint8Array;
  assert.deepEqual([red, green], [4, 9]);
});
