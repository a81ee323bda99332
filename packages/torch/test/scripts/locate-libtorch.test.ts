import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder, versionHeader, writeTree, zipLayout } from './fake-libtorch.js';

interface Libtorch {
  origin: string;
  version: string;
  includeDirs: string[];
  libDir: string;
  cxx11Abi: boolean;
  cuda: boolean;
  libs: string[];
  openmp: string | null;
}

interface Script {
  locateLibtorch(options: {
    env?: Record<string, string>;
    downloadDir?: string;
    systemRoot?: string;
    previous?: Libtorch | null;
  }): Libtorch | null;
  compareVersions(a: string, b: string): number;
}

const { locateLibtorch, compareVersions }: Script = await import(
  new URL('../../../scripts/locate-libtorch.mjs', import.meta.url).href
);

const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

function systemLayout(version: string): Record<string, string> {
  return {
    'usr/include/ATen/ATen.h': '',
    'usr/include/torch/csrc/api/include/torch/version.h': versionHeader(version),
    [`usr/lib/${triplet}/libtorch.so`]: '',
    [`usr/lib/${triplet}/libtorch_cpu.so`]: '',
    [`usr/lib/${triplet}/libc10.so`]: '',
    [`usr/lib/${triplet}/libc.so.6`]: '',
    [`usr/lib/${triplet}/libgomp.so.1`]: '',
  };
}

/** A program that answers like python3 with PyTorch below `folder`: first where it is, then what it says of itself. */
function fakePython(folder: string): string {
  const answer = {
    version: '2.5.1+cu124',
    include: [join(folder, 'torch/include')],
    lib: [join(folder, 'torch/lib')],
    abi: false,
  };
  writeTree(folder, {
    'torch/__init__.py': '',
    'torch/version.py': '',
    'torch/include/ATen/ATen.h': '',
    'torch/lib/libtorch_cpu.so': '',
    'torch/lib/libtorch_cuda.so': '',
    'torch/lib/libgomp-a34b3233.so.1': '',
    python: `#!/bin/sh
case "$2" in
  *find_spec*) echo '${join(folder, 'torch/__init__.py')}' ;;
  *) echo asked >> '${join(folder, 'imports')}'; echo 'a warning'; echo '${JSON.stringify(answer)}' ;;
esac
`,
  });
  chmodSync(join(folder, 'python'), 0o755);
  return join(folder, 'python');
}

test('LIBTORCH wins over everything else and is described from its own files', t => {
  const folder = temporaryFolder(t);
  writeTree(join(folder, 'zip'), zipLayout('2.8.0+cu126', ['torch', 'torch_cpu', 'c10', 'torch_cuda', 'c10_cuda']));
  writeTree(join(folder, 'root'), systemLayout('1.13.0'));
  const found = locateLibtorch({ env: { LIBTORCH: join(folder, 'zip') }, systemRoot: join(folder, 'root') });
  assert.deepEqual(found, {
    origin: 'LIBTORCH',
    version: '2.8.0+cu126',
    includeDirs: [join(folder, 'zip/include'), join(folder, 'zip/include/torch/csrc/api/include')],
    libDir: join(folder, 'zip/lib'),
    cxx11Abi: true,
    cuda: true,
    libs: ['torch', 'torch_cpu', 'c10', 'torch_cuda', 'c10_cuda'],
    openmp: null,
  });
});

test('headers and libraries may lie apart, as with tch', t => {
  const folder = temporaryFolder(t);
  writeTree(folder, {
    'a/include/ATen/ATen.h': '',
    'a/include/torch/headeronly/version.h': versionHeader('2.9.1'),
    'b/lib/libtorch_cpu.so': '',
  });
  const env = { LIBTORCH_INCLUDE: join(folder, 'a'), LIBTORCH_LIB: join(folder, 'b') };
  const found = locateLibtorch({ env, systemRoot: folder });
  assert.equal(found?.version, '2.9.1', 'read from where 2.9 moved it');
  assert.equal(found?.libDir, join(folder, 'b/lib'));
});

test('the ABI is read from the CMake file, and LIBTORCH_CXX11_ABI overrules it', t => {
  const folder = temporaryFolder(t);
  writeTree(folder, {
    ...zipLayout('2.1.0'),
    'share/cmake/Torch/TorchConfig.cmake': 'set(TORCH_CXX_FLAGS "-D_GLIBCXX_USE_CXX11_ABI=0")',
  });
  assert.equal(locateLibtorch({ env: { LIBTORCH: folder } })?.cxx11Abi, false);
  assert.equal(locateLibtorch({ env: { LIBTORCH: folder, LIBTORCH_CXX11_ABI: '1' } })?.cxx11Abi, true);
});

test('a LIBTORCH that is none is an error that says what is missing, not a reason to take another', t => {
  const folder = temporaryFolder(t);
  writeTree(join(folder, 'root'), systemLayout('1.13.0'));
  const systemRoot = join(folder, 'root');
  assert.throws(() => locateLibtorch({ env: { LIBTORCH: folder }, systemRoot }), {
    name: 'LibtorchError',
    message: /not libtorch: there is no .*include\/ATen\/ATen\.h[\s\S]*apt-get install libtorch-dev/,
  });
  mkdirSync(join(folder, 'lib'));
  writeTree(folder, { 'include/ATen/ATen.h': '' });
  assert.throws(() => locateLibtorch({ env: { LIBTORCH: folder }, systemRoot }), /no libtorch_cpu in .*lib/);
});

test("Debian's multiarch folders are found, with the system's OpenMP", t => {
  const root = temporaryFolder(t);
  writeTree(root, systemLayout('1.13.0'));
  const found = locateLibtorch({ env: {}, systemRoot: root });
  assert.equal(found?.origin, 'system');
  assert.equal(found?.version, '1.13.0');
  assert.equal(found?.libDir, join(root, 'usr/lib', triplet));
  assert.equal(found?.openmp, null, "a distribution's libgomp is the compiler's own");
});

test('headers without libraries are not libtorch', t => {
  const root = temporaryFolder(t);
  writeTree(root, { 'usr/include/ATen/ATen.h': '' });
  assert.equal(locateLibtorch({ env: {}, systemRoot: root }), null);
});

test('a download is the last choice', t => {
  const folder = temporaryFolder(t);
  const downloadDir = join(folder, 'libtorch');
  writeTree(downloadDir, zipLayout('2.8.0'));
  assert.equal(locateLibtorch({ env: {}, systemRoot: folder, downloadDir })?.origin, 'download');
  writeTree(join(folder, 'root'), systemLayout('1.13.0'));
  assert.equal(locateLibtorch({ env: {}, systemRoot: join(folder, 'root'), downloadDir })?.origin, 'system');
});

test('one that is too old is refused by name', t => {
  const folder = temporaryFolder(t);
  writeTree(folder, zipLayout('1.8.1'));
  assert.throws(
    () => locateLibtorch({ env: { LIBTORCH: folder } }),
    /libtorch 1\.8\.1 in .* is too old: 1\.13 is the oldest/,
  );
});

test("LIBTORCH_USE_PYTORCH takes the Python package's library with the OpenMP it brings", t => {
  const folder = temporaryFolder(t);
  const found = locateLibtorch({ env: { LIBTORCH_USE_PYTORCH: '1', PYTHON: fakePython(folder) }, systemRoot: folder });
  assert.equal(found?.origin, 'LIBTORCH_USE_PYTORCH');
  assert.equal(found?.version, '2.5.1+cu124');
  assert.equal(found?.cxx11Abi, false);
  assert.equal(found?.cuda, true);
  assert.equal(found?.openmp, join(folder, 'torch/lib/libgomp-a34b3233.so.1'));
});

test('an unchanged PyTorch is not imported again', async t => {
  const { readFileSync, utimesSync } = await import('node:fs');
  const folder = temporaryFolder(t);
  const env = { LIBTORCH_USE_PYTORCH: '1', PYTHON: fakePython(folder) };
  const imports = () => readFileSync(join(folder, 'imports'), 'utf8').split('\n').length - 1;
  const first = locateLibtorch({ env });
  assert.deepEqual(locateLibtorch({ env, previous: first }), first);
  assert.equal(imports(), 1);
  utimesSync(join(folder, 'torch/version.py'), 1, 1);
  locateLibtorch({ env, previous: first });
  assert.equal(imports(), 2, 'after an upgrade it is asked again');
});

test('a Python without PyTorch, or no Python, is an error that names it', t => {
  const folder = temporaryFolder(t);
  writeTree(folder, { python: '#!/bin/sh\necho\n' });
  chmodSync(join(folder, 'python'), 0o755);
  const env = (python: string) => ({ LIBTORCH_USE_PYTORCH: '1', PYTHON: join(folder, python) });
  assert.throws(() => locateLibtorch({ env: env('python') }), /python has no package torch/);
  assert.throws(() => locateLibtorch({ env: env('absent') }), /absent could not tell about its PyTorch: .*ENOENT/);
});

test('versions compare by number, part by part', () => {
  assert.ok(compareVersions('2.10.0', '2.9.1') > 0);
  assert.ok(compareVersions('1.13.0a0+git', '1.13') === 0);
  assert.ok(compareVersions('2.8.0+cu126', '2.8.1') < 0);
});
