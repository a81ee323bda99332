import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder, writeTree } from './fake-libtorch.js';

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

interface Build {
  buildAddon(options: {
    root: string;
    env: Record<string, string | undefined>;
    libtorch: Libtorch;
    onProgress?: (done: number, total: number) => void;
  }): Promise<{ built: boolean; compiled: number }>;
}

interface Compile {
  checkCompilerVersion(compiler: string): void;
  isClang(identity: string): boolean;
  planObjects(inputs: { nativeDir: string; flags: { compile: string[]; link: string[] }; identity: unknown }): {
    sources: { name: string; key: string; files: number }[];
  };
  compilerFlags(
    libtorch: Libtorch,
    options: { packageDir: string; clang?: boolean; env?: Record<string, string>; platform?: string; arch?: string },
  ): { compile: string[]; link: string[] };
}

const scripts = new URL('../../../scripts/', import.meta.url);
const packageDir = fileURLToPath(new URL('../', scripts));
const { buildAddon }: Build = await import(new URL('build-addon.mjs', scripts).href);
const { checkCompilerVersion, compilerFlags, isClang, planObjects }: Compile = await import(
  new URL('compile.mjs', scripts).href
);
const hasCompiler = spawnSync(process.env.CXX ?? 'c++', ['--version']).status === 0;

/** A libtorch of nothing: enough for sources that include none of its headers. */
const empty = (folder: string): Libtorch => ({
  origin: 'LIBTORCH',
  version: '2.8.0',
  includeDirs: [],
  libDir: folder,
  cxx11Abi: true,
  cuda: false,
  libs: [],
  openmp: null,
});

const addonSource = `#include "answer.h"
#include <napi.h>
namespace {
Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("answer", Napi::Number::New(env, answer()));
  return exports;
}
}  // namespace
NODE_API_MODULE(tiny, init)
`;

test('only what changed is compiled again', { skip: !hasCompiler && 'no C++ compiler' }, async t => {
  const root = temporaryFolder(t);
  writeTree(root, {
    'package.json': '{}',
    'native/answer.h': 'int answer();\n',
    'native/kernels/answer.cc': '#include "answer.h"\nint answer() { return 41; }\n',
    'native/addon.cc': addonSource,
  });
  linkNodeModules(root);
  const libtorch = empty(root);
  const build = (env: Record<string, string> = {}, lib = libtorch) =>
    buildAddon({ root, env: { CXX: process.env.CXX, CXXFLAGS: '-O0', ...env }, libtorch: lib });
  const addon = join(root, 'build/pix2pixhd_torch.node');
  const answer = () => {
    const code = `console.log(require(${JSON.stringify(addon)}).answer)`;
    return spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stdout.trim();
  };

  assert.deepEqual(pick(await build()), { built: true, compiled: 2 });
  assert.equal(answer(), '41');
  assert.equal(JSON.parse(readFileSync(join(root, 'build/libtorch.json'), 'utf8')).version, '2.8.0');
  assert.deepEqual(pick(await build()), { built: false, compiled: 0 }, 'nothing to do');

  writeFileSync(join(root, 'native/kernels/answer.cc'), '#include "answer.h"\nint answer() { return 42; }\n');
  assert.deepEqual(pick(await build()), { built: true, compiled: 1 }, 'one source changed');
  assert.equal(answer(), '42');

  writeFileSync(join(root, 'native/answer.h'), 'int answer();  // documented\n');
  assert.deepEqual(pick(await build()), { built: true, compiled: 2 }, 'a header changed');
  assert.deepEqual(pick(await build({ CXXFLAGS: '-O0 -DX' })), { built: true, compiled: 2 }, 'the flags changed');
  const other = { ...libtorch, version: '2.9.0' };
  assert.deepEqual(pick(await build({}, other)), { built: true, compiled: 2 }, 'libtorch changed');
  assert.equal(readdirSync(join(root, 'build/obj')).length, 2, 'objects of earlier builds are gone');

  writeFileSync(join(root, 'native/kernels/answer.cc'), 'int answer() { return nonsense; }\n');
  await assert.rejects(build({}, other), { name: 'CompileError', message: /answer\.cc:1:\d+: error: .*nonsense/ });
  assert.equal(answer(), '42', 'a failed build leaves the addon before it in place');
});

test('sources that another one includes are compiled with it, and again when one of them changes', {
  skip: !hasCompiler && 'no C++ compiler',
}, async t => {
  const root = temporaryFolder(t);
  writeTree(root, {
    'package.json': '{}',
    'native/answer.h': 'int answer();\nint half();\n',
    'native/kernels/answer.cc': '#include "answer.h"\nint answer() { return 2 * half(); }\n',
    'native/kernels/half.cc': '#include "answer.h"\nint half() { return 21; }\n',
    'native/units/both.cc': '#include "../kernels/answer.cc"\n#include "../kernels/half.cc"\n',
    'native/addon.cc': 'int addon;\n',
  });
  linkNodeModules(root);
  const news: [number, number][] = [];
  const build = () =>
    buildAddon({
      root,
      env: { CXX: process.env.CXX, CXXFLAGS: '-O0' },
      libtorch: empty(root),
      onProgress: (done, total) => news.push([done, total]),
    });
  assert.deepEqual(pick(await build()), { built: true, compiled: 3 });
  assert.equal(readdirSync(join(root, 'build/obj')).length, 2, 'one object for the unit, one for the addon');
  assert.deepEqual(news[0], [0, 3]);
  assert.deepEqual(news.at(-1), [3, 3]);
  assert.equal(news.length, 3);
  assert.deepEqual(pick(await build()), { built: false, compiled: 0 });
  writeFileSync(join(root, 'native/kernels/half.cc'), '#include "answer.h"\nint half() { return 22; }\n');
  assert.deepEqual(pick(await build()), { built: true, compiled: 2 }, 'a part of a unit changed');
});

test('every source of the addon is in one unit, so that a new one does not parse all headers again', () => {
  const nativeDir = join(packageDir, 'native');
  const { sources } = planObjects({ nativeDir, flags: { compile: [], link: [] }, identity: null });
  const alone = sources.map(({ name }) => name).filter(name => !name.startsWith('units-'));
  assert.deepEqual(alone, [], 'add it to the native/units/*.cc that it fits');
});

test('a compiler that is too old is told before the first file, with the remedy', t => {
  const root = temporaryFolder(t);
  // What a compiler answers to -dM -E: what it defines.
  const compiler = (name: string, macros: Record<string, number>) => {
    const lines = Object.entries(macros).map(([macro, value]) => `#define ${macro} ${value}`);
    writeTree(root, { [name]: `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n` });
    chmodSync(join(root, name), 0o755);
    return join(root, name);
  };
  const tooOld = /is GCC 10, too old.*GCC 11 or clang 14.*\n.*\n.*apt-get install g\+\+-12 && export CXX=g\+\+-12/;
  assert.throws(() => checkCompilerVersion(compiler('gcc10', { __GNUC__: 10, __GNUC_MINOR__: 2 })), {
    name: 'CompileError',
    message: tooOld,
  });
  checkCompilerVersion(compiler('gcc11', { __GNUC__: 11 }));
  // Every clang says that it is GCC 4 as well.
  assert.throws(
    () => checkCompilerVersion(compiler('clang13', { __GNUC__: 4, __clang__: 1, __clang_major__: 13 })),
    /is clang 13, too old/,
  );
  checkCompilerVersion(compiler('clang14', { __GNUC__: 4, __clang__: 1, __clang_major__: 14 }));
  checkCompilerVersion(compiler('other', {}));
});

test('a compiler that is not there is named with the remedy', async t => {
  const root = temporaryFolder(t);
  writeTree(root, { 'package.json': '{}', 'native/a.cc': '' });
  linkNodeModules(root);
  await assert.rejects(buildAddon({ root, env: { CXX: 'no-such-c++' }, libtorch: empty(root) }), {
    name: 'CompileError',
    message: /no-such-c\+\+ does not run \(ENOENT\).*apt-get install g\+\+/,
  });
});

test('the flags follow libtorch: ABI, C++ standard, CUDA, the OpenMP it brings', () => {
  const libtorch = {
    ...empty('/pt/torch/lib'),
    version: '2.5.1+cu124',
    includeDirs: ['/usr/include', '/pt/torch/include'],
    cxx11Abi: false,
    cuda: true,
    libs: ['torch', 'torch_cpu', 'c10', 'torch_cuda', 'c10_cuda'],
    openmp: '/pt/torch.libs/libgomp-a34b3233.so.1',
  };
  const { compile, link } = compilerFlags(libtorch, { packageDir, env: {}, platform: 'linux', arch: 'x64' });
  assert.ok(compile.includes('-D_GLIBCXX_USE_CXX11_ABI=0'));
  assert.ok(compile.includes('-std=c++17'));
  assert.ok(compile.includes('/pt/torch/include'));
  assert.ok(!compile.includes('/usr/include'), 'searched anyway; naming it breaks #include_next');
  assert.ok(link.indexOf('-Wl,--no-as-needed') < link.indexOf('-ltorch_cuda'), 'or the linker drops torch_cuda');
  assert.ok(link.includes('/pt/torch.libs/libgomp-a34b3233.so.1') && !link.includes('-lgomp'), 'one OpenMP, not two');
  assert.ok(link.includes('-Wl,-rpath,/pt/torch/lib') && link.includes('-Wl,-rpath,/pt/torch.libs'));
  const newest = compilerFlags(
    { ...libtorch, version: '2.12.0' },
    { packageDir, env: {}, platform: 'linux', arch: 'x64' },
  );
  assert.ok(newest.compile.includes('-std=c++20'));
  const clang = compilerFlags(libtorch, { packageDir, clang: true, env: {}, platform: 'linux', arch: 'x64' });
  assert.ok(clang.link.includes('-fopenmp') && !clang.link.some(flag => flag.includes('gomp')), 'clang has its own');
  assert.ok(isClang('Debian clang version 14.0.6') && isClang('Apple clang version 15.0.0'));
  assert.ok(!isClang('c++ (Debian 12.2.0-14) 12.2.0'));
  const mac = compilerFlags(libtorch, { packageDir, env: {}, platform: 'darwin', arch: 'arm64' });
  assert.ok(mac.link.includes('-bundle') && !mac.link.includes('-lgomp') && !mac.compile.includes('-fopenmp'));
});

test('CUDA graphs are built where both libtorch has CUDA and the headers are there', t => {
  const folder = temporaryFolder(t);
  const headers = { 'cuda_runtime_api.h': '', 'crt/host_defines.h': '' };
  const tree = (root: string) =>
    Object.fromEntries(Object.entries(headers).map(([name, text]) => [`${root}/include/${name}`, text]));
  writeTree(folder, { ...tree('toolkit'), ...tree('site/nvidia/cu13'), 'incomplete/include/cuda_runtime_api.h': '' });
  const flagsOf = (cuda: boolean, env: Record<string, string>) => {
    const libtorch = { ...empty(join(folder, 'site/torch/lib')), cuda };
    return compilerFlags(libtorch, { packageDir, env, platform: 'linux', arch: 'x64' }).compile;
  };
  const beside = flagsOf(true, {});
  assert.ok(beside.includes('-DP2P_CUDA_GRAPHS') && beside.includes(join(folder, 'site/nvidia/cu13/include')));
  const named = flagsOf(true, { CUDA_HOME: join(folder, 'toolkit') });
  assert.ok(named.includes(join(folder, 'toolkit/include')), 'what is named wins');
  const incomplete = flagsOf(true, { CUDA_HOME: join(folder, 'incomplete') });
  assert.ok(incomplete.includes(join(folder, 'site/nvidia/cu13/include')));
  assert.ok(!flagsOf(false, { CUDA_HOME: join(folder, 'toolkit') }).includes('-DP2P_CUDA_GRAPHS'));
});

/** Lets a package in a temporary folder see the header packages of this one. */
function linkNodeModules(root: string): void {
  const { resolve } = createRequire(join(packageDir, 'package.json'));
  symlinkSync(dirname(dirname(resolve('node-addon-api/package.json'))), join(root, 'node_modules'));
}

function pick({ built, compiled }: { built: boolean; compiled: number }): { built: boolean; compiled: number } {
  return { built, compiled };
}
