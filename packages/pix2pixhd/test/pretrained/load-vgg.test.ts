/**
 * VGG19 out of files: both formats give the same network, and what is no such file is said.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ops, scope, type TensorData, writePth, writeSafetensors } from '@pix2pixhd/torch';
import { loadVgg } from '../../src/pretrained/load-vgg.js';
import { vggState } from '../support/vgg.js';

const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-load-vgg-'));
after(() => rmSync(folder, { recursive: true }));

const state = scope(
  () => new Map([...vggState()].map(([name, value]): [string, TensorData] => [name, value.toData()])),
);

for (const [format, write] of [
  ['pth', writePth],
  ['safetensors', writeSafetensors],
] as const)
  test(`a .${format} file of torchvision's state dict`, () => {
    const path = join(folder, `vgg19.${format}`);
    write(path, state);
    scope(() => {
      const vgg = loadVgg(path);
      const expected = vggState();
      for (const [key, value] of vgg.stateDict())
        assert.ok(ops.equal(value, expected.get(key.replace(/^slice\d/, 'features'))!), key);
      assert.ok(vgg.parameters().every(parameter => !parameter.trainable));
      vgg.dispose();
    });
    rmSync(path);
  });

test('a missing file, one of another kind, and another network are errors that name the file', () => {
  const other = join(folder, 'other.pth');
  writePth(other, new Map([['features.0.weight', state.get('features.0.weight')!]]));
  const page = join(folder, 'page.safetensors');
  writeFileSync(page, '<html>please log in</html>');
  const script = join(folder, 'script.pth');
  writeFileSync(script, 'cposix\nsystem\n.');
  const cases: [string, RegExp][] = [
    [join(folder, 'none.pth'), /it cannot be opened \(ENOENT\)/],
    [page, /it is not a safetensors file/],
    [script, /it is not a PyTorch checkpoint/],
    [other, /not torchvision's VGG19: missing features\.0\.bias \[64\]; missing features\.2\.weight/],
  ];
  for (const [path, found] of cases)
    assert.throws(
      () => loadVgg(path),
      (error: unknown) => {
        assert.ok(error instanceof Error && error.name === 'UserError', String(error));
        assert.ok(error.message.startsWith(`Error while reading the weights of VGG19: ${path}\n`), error.message);
        assert.match(error.message, found);
        assert.match(error.message, /remedy: .*--vgg-weights FILE/);
        return true;
      },
    );
});
