/**
 * `npm run test:native`: builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer, in its own folder, and runs
 * the tests of operators, tensors, layers and optimisers, and random calls, on it. Anything a sanitizer finds ends the
 * process, and the test fails. Depends on the TypeScript that scripts/setup.mjs has built, and on g++ or clang.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon, buildPaths, locateForBuild, packageDir } from '../packages/torch/scripts/build-addon.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ownRoot = join(packageDir, 'build', 'sanitized');

const flags = [
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  // Needs type information of libtorch's classes, which is not exported for all of them.
  '-fno-sanitize=vptr',
  '-O1',
  '-g1',
  '-fno-omit-frame-pointer',
];

/** The sanitizers' runtimes, preloaded since node is not built with them. */
function runtimes() {
  const compiler = process.env.CXX || 'c++';
  const paths = ['libasan.so', 'libubsan.so'].map(name =>
    execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim(),
  );
  const missing = paths.filter(path => !existsSync(path));
  if (missing.length > 0)
    throw new Error(
      `${compiler} has no sanitizers (${missing}). On Debian and Ubuntu install g++, or name a compiler with CXX.`,
    );
  return paths.join(' ');
}

// Not runtime/pages: keepPages() sets options of glibc's malloc, which the sanitizer replaces.
const tests = ['ops', 'tensor', 'autograd', 'nn', 'optim', 'random', 'runtime/memory', 'profile'].map(
  folder => `packages/torch/dist/test/${folder}`,
);

const options = {
  // Node and libtorch never free what lives as long as the process: hundreds of reports, none of them ours.
  ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=8192',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  LD_PRELOAD: runtimes(),
  PIX2PIXHD_TORCH_ADDON: buildPaths(ownRoot).addon,
  // Shadow memory reserves terabytes of address space.
  PIX2PIXHD_FUZZ_UNLIMITED: '1',
};

mkdirSync(ownRoot, { recursive: true });
if (!existsSync(join(ownRoot, 'native'))) symlinkSync(join(packageDir, 'native'), join(ownRoot, 'native'));
const { compiled } = await buildAddon({
  root: ownRoot,
  libtorch: locateForBuild(),
  env: { ...process.env, CXXFLAGS: flags.join(' '), LDFLAGS: '-fsanitize=address,undefined' },
  onStart: () => console.log('Building the addon with sanitizers'),
});
if (compiled > 0) console.log(`${compiled} files compiled`);
if (!process.argv.includes('--build-only')) {
  const run = args =>
    spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...options } });
  const { status } = run([join(root, 'scripts/test.mjs'), ...tests]);
  const fuzzed = run([join(packageDir, 'dist/test/fuzz/main.js'), '--calls', '3000']);
  process.exitCode = status === 0 && fuzzed.status === 0 ? 0 : 1;
}
