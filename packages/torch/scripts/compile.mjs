/**
 * The compiler's side of the build: which flags, which objects are out of date, and running it. Depends on Node and on
 * what locate-libtorch.mjs found.
 *
 * No node-gyp: the addon needs Node-API's headers only, which come from npm, so that Python, make and a download of
 * Node's own headers would be three requirements for nothing.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { compareVersions } from './locate-libtorch.mjs';

/** The compiler is missing, or it refused the sources. */
export class CompileError extends Error {
  name = 'CompileError';
}

/** One compilation takes up to this much memory with libtorch's headers; 0.75e9 was measured with GCC 12. */
const bytesPerCompiler = 1e9;

/** The oldest compilers that are let try. The addon was built with GCC 11 (docs/compilers.md); of clang, 19 is the oldest tried. */
const oldestCompilers = { GCC: 11, clang: 14 };

/**
 * What the compiler says of itself: an identity for the cache.
 *
 * @param {string} compiler
 * @throws {CompileError} when it does not run
 */
export function identifyCompiler(compiler) {
  try {
    return execFileSync(compiler, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (cause) {
    throw new CompileError(
      `The C++ compiler ${compiler} does not run (${cause.code ?? cause.message}). On Debian and Ubuntu: ` +
        'sudo apt-get install g++; on macOS: xcode-select --install; CXX names another one.',
      { cause },
    );
  }
}

/** Whether what {@link identifyCompiler} returned is a clang, Apple's included. */
export const isClang = identity => /\bclang\b/i.test(identity);

/**
 * Says so before the first file where a compiler is too old, instead of pages about one header.
 *
 * @param {string} compiler
 * @throws {CompileError} naming the version found, the oldest that will do, and how to get one
 */
export function checkCompilerVersion(compiler) {
  // What the compiler defines, not the text it prints about itself: distributions write that as they like.
  const defined = execFileSync(compiler, ['-dM', '-E', '-x', 'c++', '/dev/null'], { encoding: 'utf8' });
  const macro = name => Number(defined.match(new RegExp(`^#define ${name} (\\d+)$`, 'm'))?.[1]);
  const [family, major] = macro('__clang__') ? ['clang', macro('__clang_major__')] : ['GCC', macro('__GNUC__')];
  const oldest = oldestCompilers[family];
  // A compiler that tells neither is let try.
  if (!(major < oldest)) return;
  throw new CompileError(
    `The C++ compiler ${compiler} is ${family} ${major}, too old for the addon: GCC ${oldestCompilers.GCC} or clang ` +
      `${oldestCompilers.clang} is the oldest that will do.\n` +
      'Install a newer one and name it, on Debian and Ubuntu for example:\n' +
      '  sudo apt-get install g++-12 && export CXX=g++-12\n' +
      "(apt-cache search '^g[+][+]-[0-9]+$' lists what there is), then run the same command again.",
  );
}

/**
 * The flags for compiling one file and for linking the addon.
 *
 * @param {import('./locate-libtorch.mjs').Libtorch} libtorch
 * @param {{ packageDir: string, clang?: boolean, debug?: boolean, env?: NodeJS.ProcessEnv, platform?: string,
 *   arch?: string }} options `clang`: the compiler is one; `env.CXXFLAGS` and `env.LDFLAGS` come last, so that they win
 * @returns {{ compile: string[], link: string[] }}
 */
export function compilerFlags(
  libtorch,
  { packageDir, clang = false, debug = false, env = process.env, platform = process.platform, arch = process.arch },
) {
  const mac = platform === 'darwin';
  const cuda = libtorch.cuda ? cudaHeaders(libtorch, env) : undefined;
  const words = text => (text ?? '').split(/\s+/).filter(Boolean);
  // The compiler searches these by itself; naming them again would break libstdc++'s #include_next.
  const builtIn = ['/usr/include', '/usr/local/include'];
  const compile = [
    // libtorch's headers demand C++20 from 2.12 on; before, C++17 keeps older compilers in the game.
    compareVersions(libtorch.version, '2.12') < 0 ? '-std=c++17' : '-std=c++20',
    ...(debug ? ['-O0', '-g'] : ['-O3']),
    // libtorch is built with it, and some of its classes have other members without: both sides must see the same ones.
    '-DNDEBUG',
    arch === 'x64' ? '-march=native' : '-mcpu=native',
    // With it, a loop with a square root is not vectorised: sqrt would have to set errno for a negative number.
    '-fno-math-errno',
    '-fPIC',
    '-fvisibility=hidden',
    '-Wall',
    '-Wextra',
    // Alarms that are about libtorch's headers. GCC takes every included file for a header, and native/units includes sources;
    // from 13 on it sees vector<bool>::reserve, in autograd's Function, leave its bounds. Clang holds a template against
    // all code that uses it, and would have marked what overrides in one version of libtorch only.
    ...(clang
      ? ['-Wno-deprecated-declarations', '-Wno-inconsistent-missing-override']
      : ['-Wno-subobject-linkage', '-Wno-array-bounds']),
    // at::parallel_for is compiled into the caller, and runs on one thread without this. Apple's clang has no OpenMP.
    ...(mac ? [] : ['-fopenmp', `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.cxx11Abi ? 1 : 0}`]),
    '-DNAPI_VERSION=8',
    '-DNODE_ADDON_API_CPP_EXCEPTIONS',
    `-I${join(packageDir, 'native')}`,
    ...nodeHeaders(packageDir).flatMap(dir => ['-isystem', dir]),
    ...libtorch.includeDirs.filter(dir => !builtIn.includes(dir)).flatMap(dir => ['-isystem', dir]),
    ...(cuda ? ['-DP2P_CUDA_GRAPHS', '-isystem', cuda] : []),
    ...words(env.CXXFLAGS),
  ];
  const runtimePaths = new Set([libtorch.libDir, ...(libtorch.openmp ? [dirname(libtorch.openmp)] : [])]);
  const link = [
    ...(mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    `-L${libtorch.libDir}`,
    // Nothing calls torch_cuda by name: without this the linker drops it, and its kernels would never register.
    ...(mac ? [] : ['-Wl,--no-as-needed']),
    ...libtorch.libs.map(name => `-l${name}`),
    // Clang compiles OpenMP for its own runtime only. That serves GCC's names too, so where it comes first in the search,
    // libtorch's loops run on it as well and there is still one pool of threads.
    ...(mac ? [] : clang ? ['-fopenmp'] : [libtorch.openmp ?? '-lgomp']),
    ...[...runtimePaths].map(dir => `-Wl,-rpath,${dir}`),
    ...words(env.LDFLAGS),
  ];
  return { compile, link };
}

/**
 * The folder of CUDA's headers, which libtorch's own CUDA headers include. What was named wins; then those that a PyTorch
 * from a package registry has beside it; then the toolkit's usual place.
 *
 * @returns {string | undefined} undefined: the addon does without what needs them, CUDA graphs
 */
function cudaHeaders(libtorch, env) {
  const beside = ['cu13/include', 'cu12/include', 'cuda_runtime/include'];
  return [
    ...[env.CUDA_HOME, env.CUDA_PATH].filter(Boolean).map(root => join(root, 'include')),
    ...beside.map(dir => join(libtorch.libDir, '../../nvidia', dir)),
    '/usr/local/cuda/include',
  ].find(dir => ['cuda_runtime_api.h', 'crt/host_defines.h'].every(file => existsSync(join(dir, file))));
}

/**
 * What is to be compiled, each with a hash of everything that goes into it, and one hash for the whole addon. A source that
 * another one includes is compiled as a part of that one: native/units.
 *
 * @param {{ nativeDir: string, flags: { compile: string[], link: string[] }, identity: unknown }} inputs `identity` is
 *   what else the result depends on: compiler, libtorch, CPU
 * @returns {{ sources: { source: string, name: string, key: string, files: number }[], key: string }} `files`: how many
 *   sources with code of their own are compiled with it
 */
export function planObjects({ nativeDir, flags, identity }) {
  const files = readdirSync(nativeDir, { recursive: true }).map(String).sort();
  const read = name => readFileSync(join(nativeDir, name), 'utf8');
  const shared = createHash('sha256').update(JSON.stringify([flags.compile, identity]));
  for (const name of files.filter(file => /\.(h|hpp)$/.test(file))) shared.update(name).update(read(name));
  const sharedKey = shared.digest('hex');
  const parts = new Map(
    files.filter(file => file.endsWith('.cc')).map(file => [file, sourcesIncludedBy(file, read(file))]),
  );
  const included = new Set([...parts.values()].flat());
  const sources = [...parts.keys()]
    .filter(file => !included.has(file))
    .map(file => {
      const hash = createHash('sha256').update(sharedKey).update(read(file));
      for (const part of parts.get(file)) hash.update(part).update(read(part));
      return {
        source: join(nativeDir, file),
        name: file.slice(0, -'.cc'.length).replaceAll(/[\\/]/g, '-'),
        key: hash.digest('hex').slice(0, 16),
        files: parts.get(file).length || 1,
      };
    });
  const key = createHash('sha256')
    .update(JSON.stringify([sharedKey, flags.link, sources.map(({ name, key }) => [name, key])]))
    .digest('hex');
  return { sources, key };
}

/** The sources that `file` includes, as paths from the same folder as its own. */
function sourcesIncludedBy(file, text) {
  return [...text.matchAll(/^#include "([^"]+\.cc)"/gm)].map(([, path]) => join(dirname(file), path));
}

/** The CPU's model: what -march=native means, so a build folder moved to another machine is not trusted. */
export const cpuIdentity = () => `${process.arch} ${cpus()[0]?.model ?? ''}`;

/** The library's own state, so that an upgrade in place is noticed. */
export function libtorchIdentity(libtorch) {
  const file = ['so', 'dylib'].map(suffix => join(libtorch.libDir, `libtorch_cpu.${suffix}`)).find(existsSync);
  const { size, mtimeMs } = file ? statSync(file) : { size: 0, mtimeMs: 0 };
  return [libtorch, size, mtimeMs];
}

/**
 * Compiles what is out of date, several files at a time, and links the addon. Every file appears whole or not at all.
 *
 * @param {{ compiler: string, flags: { compile: string[], link: string[] }, plan: ReturnType<typeof planObjects>,
 *   objectDir: string, output: string, onProgress?: (done: number, total: number) => void }} job `onProgress` hears how
 *   many source files of all that are out of date are compiled
 * @returns {Promise<number>} how many files were compiled
 * @throws {CompileError} with the compiler's first errors
 */
export async function compileAndLink({ compiler, flags, plan, objectDir, output, onProgress = () => {} }) {
  mkdirSync(objectDir, { recursive: true });
  const objects = plan.sources.map(({ name, key }) => join(objectDir, `${name}-${key}.o`));
  for (const stale of readdirSync(objectDir)) {
    if (!objects.includes(join(objectDir, stale))) rmSync(join(objectDir, stale), { recursive: true });
  }
  const queue = plan.sources
    .map((item, i) => ({ ...item, object: objects[i] }))
    .filter(({ object }) => !existsSync(object));
  const total = queue.reduce((sum, { files }) => sum + files, 0);
  let done = 0;
  onProgress(done, total);
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      try {
        await run(compiler, [...flags.compile, '-c', item.source, '-o'], item.object);
        done += item.files;
        onProgress(done, total);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const parallel = Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / bytesPerCompiler)));
  const results = await Promise.allSettled(Array.from({ length: parallel }, worker));
  const failure = results.find(({ status }) => status === 'rejected');
  if (failure) throw failure.reason;
  await run(compiler, [...objects, ...flags.link, '-o'], output);
  return total;
}

/** Runs the compiler with its output beside `target`, then moves it there: a process that has it loaded keeps its own. */
async function run(compiler, args, target) {
  const beside = `${target}.${process.pid}.tmp`;
  try {
    await promisify(execFile)(compiler, [...args, beside], { maxBuffer: 64 << 20 });
    renameSync(beside, target);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new CompileError(firstErrors(cause.stderr || cause.message), { cause });
  }
}

/** The first few errors with the source lines below them; a C++ compiler's full output is hundreds of lines. */
function firstErrors(output) {
  const lines = output.trim().split('\n');
  const starts = lines.flatMap((line, i) => (/\b(error|undefined reference|cannot find)\b/.test(line) ? [i] : []));
  if (starts.length === 0) return lines.slice(0, 20).join('\n');
  const shown = new Set(starts.slice(0, 4).flatMap(start => [start, start + 1, start + 2]));
  const rest = starts.length > 4 ? `\n… and ${starts.length - 4} more` : '';
  return lines.filter((_, i) => shown.has(i)).join('\n') + rest;
}

function nodeHeaders(packageDir) {
  const resolveFrom = createRequire(join(packageDir, 'package.json'));
  const folder = name => dirname(resolveFrom.resolve(`${name}/package.json`));
  return [join(folder('node-api-headers'), 'include'), folder('node-addon-api')];
}
