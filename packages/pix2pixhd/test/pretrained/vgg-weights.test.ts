/**
 * Finding and downloading the weights of VGG19: the places and their order, and what a user reads. The servers are on this
 * machine; nothing else is reached. How a download can end is tested in torch.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError } from '../../src/errors.js';
import { downloadVggWeights, findVggWeights, vggCachePath } from '../../src/pretrained/vgg-weights.js';

const fileName = 'vgg19-dcbb9e9d.pth';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pix2pixhd-vgg-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function touch(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return path;
}

/** Serves one body at every address. */
async function serve(t: TestContext, body: Uint8Array): Promise<string> {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${fileName}`;
}

/** An address where nothing listens any more. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${port}/${fileName}`;
}

test('the named file comes first, then the own cache, then that of PyTorch', t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder, TORCH_HOME: '' };
  assert.equal(findVggWeights(null, environment), undefined);
  const hub = touch(join(folder, 'torch/hub/checkpoints', fileName));
  assert.equal(findVggWeights(null, environment), hub);
  const own = touch(join(folder, 'pix2pixhd', fileName));
  assert.equal(findVggWeights(null, environment), own);
  const named = touch(join(folder, 'mine.pth'));
  assert.equal(findVggWeights(named, environment), named);
});

test('TORCH_HOME and XDG_CACHE_HOME are followed; unset or empty, ~/.cache counts', t => {
  const folder = temporaryFolder(t);
  const hub = touch(join(folder, 'elsewhere/hub/checkpoints', fileName));
  const environment = { XDG_CACHE_HOME: join(folder, 'none'), TORCH_HOME: join(folder, 'elsewhere') };
  assert.equal(findVggWeights(null, environment), hub);
  for (const unset of [{}, { XDG_CACHE_HOME: '' }])
    assert.equal(vggCachePath(unset), join(homedir(), '.cache/pix2pixhd', fileName));
});

test('a named file that is not there is an error, even where a cache has one; a folder is none', t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder };
  mkdirSync(join(folder, 'torch/hub/checkpoints', fileName), { recursive: true });
  assert.equal(findVggWeights(null, environment), undefined);
  touch(join(folder, 'pix2pixhd', fileName));
  const missing = join(folder, 'missing.pth');
  for (const path of [missing, folder])
    assert.throws(() => findVggWeights(path, environment), {
      name: 'UserError',
      message: new RegExp(
        `looking for the weights of VGG19: ${path}\n  found: +no such file\n  remedy: +correct --vgg-weights`,
      ),
    });
});

test('the user is told what happened and the other ways to the file', async t => {
  const folder = temporaryFolder(t);
  const environment = { XDG_CACHE_HOME: folder };
  const destination = join(folder, 'pix2pixhd', fileName);
  const cases: [string, RegExp][] = [
    [await closedPort(), /no connection \(ECONNREFUSED\)/],
    // Any other file than the real one has another hash.
    [await serve(t, new Uint8Array(1000)), /its SHA-256 is [0-9a-f]{64}, expected dcbb9e9d…/],
  ];
  for (const [url, found] of cases) {
    await assert.rejects(downloadVggWeights({ url }, environment), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.parts.where, url);
      assert.match(error.parts.found, found);
      assert.match(error.parts.remedy, /on another machine and put it at/);
      for (const way of [destination, url, '--vgg-weights FILE', '--no-vgg-loss'])
        assert.ok(error.parts.remedy.includes(way), way);
      return true;
    });
    assert.equal(findVggWeights(null, environment), undefined);
  }
});
