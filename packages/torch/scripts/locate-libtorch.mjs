/**
 * Finds the libtorch to build against, in the order that Rust's tch made customary and with its variable names:
 * `LIBTORCH`, `LIBTORCH_USE_PYTORCH`, the system, an earlier `--download`. Depends on Node only.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The oldest libtorch the addon is written for. */
export const minimumVersion = '1.13';

/**
 * @typedef {object} Libtorch
 * @property {'LIBTORCH' | 'LIBTORCH_USE_PYTORCH' | 'system' | 'download'} origin what made us choose it
 * @property {string} version such as `2.8.0+cpu`
 * @property {string[]} includeDirs folders for the compiler's search path
 * @property {string} libDir the folder of the shared libraries
 * @property {boolean} cxx11Abi whether it was compiled with libstdc++'s C++11 ABI
 * @property {boolean} cuda whether it contains the CUDA kernels
 * @property {string[]} libs what to link, without `lib` and suffix
 * @property {string | null} openmp path of the OpenMP runtime it carries along; null where it uses the system's
 * @property {{ file: string, modified: number }} [pytorch] the Python package it is part of
 */

/** libtorch is missing, or what a variable points at is not one. The message lists the remedies where they help. */
export class LibtorchError extends Error {
  name = 'LibtorchError';
}

/** Every way to get a libtorch, for the end of an error message. */
export const remedies = `Any one of these provides libtorch ${minimumVersion} or newer:
  Debian, Ubuntu      sudo apt-get install libtorch-dev g++
  pip's PyTorch       export LIBTORCH_USE_PYTORCH=1   (of python3; PYTHON=/path/to/python names another)
  an unpacked folder  export LIBTORCH=/path/to/libtorch   (it holds include/ and lib/)
  official download   npx pix2pixhd-torch-build --download   (about 200 MB; LIBTORCH_URL names another zip)`;

/**
 * Finds libtorch.
 *
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env] where the variables are read
 * @param {string} [options.downloadDir] where a download lies
 * @param {string} [options.systemRoot] the root of the file system, for tests
 * @param {Libtorch | null} [options.previous] what an earlier call found: saves importing PyTorch again
 * @returns {Libtorch | null} null when there is none
 * @throws {LibtorchError} when a variable asks for one that is not there, or the one found is too old
 */
export function locateLibtorch({ env = process.env, downloadDir, systemRoot = '/', previous = null } = {}) {
  const found =
    fromVariables(env) ??
    (asks(env.LIBTORCH_USE_PYTORCH) ? fromPyTorch(env.PYTHON || 'python3', previous) : null) ??
    fromSystem(systemRoot) ??
    (downloadDir && existsSync(downloadDir) ? describeFolder('download', downloadDir, downloadDir, env) : null);
  if (found && compareVersions(found.version, minimumVersion) < 0) {
    throw new LibtorchError(
      `libtorch ${found.version} in ${found.libDir} (${found.origin}) is too old: ${minimumVersion} is the oldest ` +
        `this package is written for.\n${remedies}`,
    );
  }
  return found;
}

/** Negative, zero or positive as version `a` is below, equal to or above `b`; missing parts and suffixes count as 0. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map(version => version.split(/[.+-]/).map(part => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** tch also lets headers and libraries lie apart: LIBTORCH_INCLUDE and LIBTORCH_LIB default to LIBTORCH. */
function fromVariables(env) {
  const includeRoot = env.LIBTORCH_INCLUDE || env.LIBTORCH;
  const libRoot = env.LIBTORCH_LIB || env.LIBTORCH;
  if (!includeRoot || !libRoot) return null;
  return describeFolder('LIBTORCH', resolve(includeRoot), resolve(libRoot), env);
}

/** Asks a Python for its PyTorch. Importing it takes seconds, so an unchanged `previous` answer is taken as it is. */
function fromPyTorch(python, previous) {
  const ask = code => {
    try {
      // PyTorch's own warnings go to stderr and are of no use here.
      return execFileSync(python, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (cause) {
      const reason =
        String(cause.stderr ?? '')
          .trim()
          .split('\n')
          .at(-1) || cause.message;
      throw new LibtorchError(
        `LIBTORCH_USE_PYTORCH is set, but ${python} could not tell about its PyTorch: ${reason}\n` +
          `Set PYTHON to the interpreter that has it, or install it there (pip install torch).\n${remedies}`,
        { cause },
      );
    }
  };
  const file = ask(
    "import importlib.util as u; s = u.find_spec('torch'); print(s.origin if s and s.origin else '')",
  ).trim();
  if (!file) {
    throw new LibtorchError(`LIBTORCH_USE_PYTORCH is set, but ${python} has no package torch.\n${remedies}`);
  }
  const modified = statSync(join(dirname(file), 'version.py')).mtimeMs;
  if (previous?.pytorch?.file === file && previous.pytorch.modified === modified && existsSync(previous.libDir)) {
    return previous;
  }
  const answer = JSON.parse(
    ask(
      'import json, torch, torch.utils.cpp_extension as e; print(json.dumps(dict(version=torch.__version__, ' +
        'include=e.include_paths(), lib=e.library_paths(), abi=bool(getattr(torch._C, "_GLIBCXX_USE_CXX11_ABI", True)))))',
    )
      .trim()
      .split('\n')
      .at(-1),
  );
  const libDir = answer.lib.find(dir => libraryIn(dir, 'torch_cpu'));
  const includeDirs = answer.include.filter(dir => existsSync(dir));
  if (!libDir || !includeDirs.some(dir => existsSync(join(dir, 'ATen/ATen.h')))) {
    throw new LibtorchError(
      `The PyTorch of ${python} (${dirname(file)}) lacks ${libDir ? 'the C++ headers' : 'libtorch_cpu'}.\n${remedies}`,
    );
  }
  return {
    ...describe('LIBTORCH_USE_PYTORCH', answer.version, includeDirs, libDir, answer.abi),
    pytorch: { file, modified },
  };
}

/** Where distributions put it: Debian's multiarch folder, lib64, or plain lib, below /usr or a local prefix. */
function fromSystem(root) {
  const machine = { x64: 'x86_64', arm64: 'aarch64', ppc64: 'powerpc64le' }[process.arch] ?? process.arch;
  for (const prefix of ['usr', 'usr/local', 'opt/homebrew']) {
    const include = join(root, prefix, 'include');
    if (!existsSync(join(include, 'ATen/ATen.h'))) continue;
    for (const lib of [`lib/${machine}-linux-gnu`, 'lib64', 'lib']) {
      const libDir = join(root, prefix, lib);
      if (!libraryIn(libDir, 'torch_cpu')) continue;
      const includeDirs = [include, join(include, 'torch/csrc/api/include')];
      const version = versionOf([include]);
      if (version) return describe('system', version, includeDirs, libDir, true);
    }
  }
  return null;
}

/** A folder laid out as the official zip: include/, lib/, build-version. */
function describeFolder(origin, includeRoot, libRoot, env) {
  const include = join(includeRoot, 'include');
  const libDir = join(libRoot, 'lib');
  const named = origin === 'LIBTORCH' ? `LIBTORCH=${libRoot}` : `The download in ${libRoot}`;
  if (!existsSync(join(include, 'ATen/ATen.h'))) {
    throw new LibtorchError(`${named} is not libtorch: there is no ${join(include, 'ATen/ATen.h')}.\n${remedies}`);
  }
  if (!libraryIn(libDir, 'torch_cpu')) {
    throw new LibtorchError(`${named} is not libtorch: there is no libtorch_cpu in ${libDir}.\n${remedies}`);
  }
  const version = versionOf([libRoot, include]);
  if (!version) throw new LibtorchError(`${named} does not tell its version: neither build-version nor version.h.`);
  const includeDirs = [include, join(include, 'torch/csrc/api/include')];
  return describe(origin, version, includeDirs, libDir, usesCxx11Abi(libRoot, env));
}

/** @returns {Libtorch} */
function describe(origin, version, includeDirs, libDir, cxx11Abi) {
  const libs = ['torch', 'torch_cpu', 'c10', 'torch_cuda', 'c10_cuda'].filter(name => libraryIn(libDir, name));
  return {
    origin,
    version,
    includeDirs,
    libDir,
    cxx11Abi,
    cuda: libs.includes('torch_cuda'),
    libs,
    openmp: bundledOpenmp(libDir),
  };
}

/** Reads the exact version from the zip's build-version, else from the headers, which moved in 2.9. */
function versionOf(dirs) {
  for (const dir of dirs) {
    const file = join(dir, 'build-version');
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  }
  for (const dir of dirs) {
    for (const name of ['torch/csrc/api/include/torch/version.h', 'torch/headeronly/version.h']) {
      const file = join(dir, name);
      if (!existsSync(file)) continue;
      const text = readFileSync(file, 'utf8');
      const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
        part => text.match(new RegExp(`define TORCH_VERSION_${part} (\\d+)`))?.[1],
      );
      if (!parts.includes(undefined)) return parts.join('.');
    }
  }
  return null;
}

/** libtorch's zips came in both ABIs up to 2.7; its CMake file tells which one this is. */
function usesCxx11Abi(root, env) {
  if (env.LIBTORCH_CXX11_ABI) return asks(env.LIBTORCH_CXX11_ABI);
  const file = join(root, 'share/cmake/Torch/TorchConfig.cmake');
  if (!existsSync(file)) return true;
  return readFileSync(file, 'utf8').match(/_GLIBCXX_USE_CXX11_ABI=([01])/)?.[1] !== '0';
}

/**
 * The OpenMP runtime that came with libtorch, under whatever name the wheel gave it. Linking another one beside it
 * would give the addon's loops a second pool of threads that fights the first.
 */
function bundledOpenmp(libDir) {
  for (const dir of [libDir, join(libDir, '../../torch.libs')]) {
    if (!existsSync(dir)) continue;
    const name = readdirSync(dir).find(entry => /^libgomp[^/]*\.so/.test(entry));
    // A distribution's own library folder holds the compiler's libgomp, which -lgomp finds by itself.
    if (name && !existsSync(join(dir, 'libc.so.6'))) return join(dir, name);
  }
  return null;
}

function libraryIn(dir, name) {
  return ['so', 'dylib'].map(suffix => join(dir, `lib${name}.${suffix}`)).find(file => existsSync(file));
}

function asks(value) {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}
