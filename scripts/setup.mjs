/**
 * Sets up a fresh clone: npm packages, libtorch, the native addon, the TypeScript build, the pages, the commands. Every step first
 * checks whether there is anything to do, so running it again takes a fraction of a second and prints nothing.
 * Depends on Node only until the npm packages are installed, and on packages/torch/scripts.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { removeStaleOutput } from './stale-output.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = path => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = read('package.json');

const help = `Usage: npm run setup [-- --browser]        (npm test, npm run demo and npm run edit run it themselves)

Installs the npm packages, finds libtorch and a C++ compiler (installing Debian's libtorch-dev and g++ if apt-get and
root or password-less sudo are available), builds the native addon and the TypeScript. Does only what is still missing.
With --browser also Chromium, for the tests of pages, which are not run where it cannot be had.

Variables: LIBTORCH, LIBTORCH_USE_PYTORCH, PYTHON, CXX, CXXFLAGS; npx pix2pixhd-torch-build --help explains them.`;

/** Something that only the user can fix; printed without a stack. */
class SetupError extends Error {}

/** Prints the start of a step's line; the returned function ends it with the seconds that the step took. */
function begin(what) {
  const start = performance.now();
  process.stdout.write(`set-up: ${what} … `);
  return () => process.stdout.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

/** Runs a program and shows its output only if it fails. */
function run(command, args, what) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-30).join('\n');
  throw new SetupError(`${what} failed${error ? ` (${error.message})` : ` with exit code ${status}`}:\n${output}`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = manifest.engines.node.replace('>=', '').split('.').map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: ${manifest.engines.node} is needed (https://nodejs.org).`,
  );
}

/** npm records what it installed; comparing that with the lock file is safer than a stamp of our own. */
function installPackages() {
  const installed = existsSync(join(root, 'node_modules/.package-lock.json'))
    ? read('node_modules/.package-lock.json').packages
    : null;
  const locked = read('package-lock.json').packages;
  const asWritten = ['', ...manifest.workspaces].every(path => {
    const { dependencies = {}, devDependencies = {} } = read(join(path, 'package.json'));
    const { dependencies: lockedDependencies = {}, devDependencies: lockedDev = {} } = locked[path] ?? {};
    return isDeepStrictEqual(dependencies, lockedDependencies) && isDeepStrictEqual(devDependencies, lockedDev);
  });
  const complete =
    installed !== null &&
    Object.entries(locked).every(
      ([path, { version, link, optional }]) =>
        !path.includes('node_modules/') ||
        link ||
        optional ||
        (installed[path]?.version === version && existsSync(join(root, path, 'package.json'))),
    );
  if (complete && asWritten) return;
  // None of our packages needs install scripts, so none are run. Not `npm ci`: it refuses a lock file written where another
  // platform's optional package was unavailable. --no-save installs what is locked and does not change the file.
  const npm = process.env.npm_execpath;
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...(asWritten ? ['--no-save'] : [])];
  const end = begin('npm packages');
  run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args, 'npm install');
  end();
}

/** Finds libtorch and a compiler, or installs them with apt-get. */
async function provideLibtorch() {
  const { LibtorchError, remedies } = await import('../packages/torch/scripts/locate-libtorch.mjs');
  const { locateForBuild } = await import('../packages/torch/scripts/build-addon.mjs');
  const locate = () => {
    try {
      return locateForBuild();
    } catch (error) {
      throw error instanceof LibtorchError ? new SetupError(error.message) : error;
    }
  };
  const hasCompiler = () => spawnSync(process.env.CXX || 'c++', ['--version'], { stdio: 'ignore' }).status === 0;

  let libtorch = locate();
  const missing = [
    // The OpenMP build of OpenBLAS: the reference BLAS that Debian installs by default is about 20 times slower, and the
    // pthreads build would keep a second thread pool beside libtorch's.
    ...(libtorch ? [] : ['libtorch-dev', 'libopenblas0-openmp']),
    ...(process.env.CXX || hasCompiler() ? [] : ['g++']),
  ];
  const apt = missing.length > 0 ? aptCommand() : null;
  if (apt) {
    const end = begin(`installing ${missing.join(', ')} with apt-get (some minutes)`);
    aptInstall(apt, missing, remedies);
    end();
    libtorch = locate();
  }
  // If only a compiler is missing, the build reports it with remedies.
  if (libtorch) return libtorch;
  throw new SetupError(
    'libtorch was not found, and apt-get cannot be used here (no apt-get, root or password-less sudo).\n' +
      `${remedies}\nA C++ compiler is needed with each of them: g++, or any that CXX names.\nThen run the same command again.`,
  );
}

/** @returns {string[] | null} the command to put before apt-get's arguments; null if it cannot be used */
function aptCommand() {
  const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (!works('apt-get', '--version')) return null;
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300'];
  if (process.getuid?.() === 0) return apt;
  return works('sudo', '-n', 'true') ? ['sudo', '-n', ...apt] : null;
}

function aptInstall([command, ...args], packages, remedies) {
  try {
    run(command, [...args, 'update'], 'apt-get update');
  } catch {
    // One unreachable source fails the whole update; what matters is whether the packages can be installed.
  }
  try {
    run(command, [...args, 'install', '-y', '--no-install-recommends', ...packages], 'apt-get install');
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${remedies}\nThen run the same command again.`);
  }
}

/** Chromium, for the tests of pages: they are skipped where it cannot be had. */
async function provideBrowser() {
  // Built by now: where the tests look for it.
  const { findBrowser } = await import('../packages/pix2pixhd/dist/test/support/browser.js');
  if (findBrowser() !== undefined) return;
  const apt = aptCommand();
  if (apt === null) {
    console.log('set-up: no Chromium, and no apt-get to install it with: tests of pages are not run');
    return;
  }
  const end = begin('installing chromium with apt-get, for the tests of pages (a minute)');
  try {
    aptInstall(apt, ['chromium'], 'CHROMIUM names an executable.');
    end();
  } catch (error) {
    process.stdout.write(`failed: tests of pages are not run\n${error.message}\n`);
  }
}

async function buildNativeAddon(libtorch) {
  const { buildShowing } = await import('../packages/torch/scripts/build-addon.mjs');
  try {
    await buildShowing('set-up: native addon for', { libtorch });
  } catch (error) {
    throw new SetupError(`${error.message}\nThe native addon was not built.`);
  }
}

/** tsc itself checks whether the build is up to date, in a tenth of a second. */
function buildTypeScript() {
  const states = () =>
    manifest.workspaces.map(path => {
      const file = join(root, path, 'dist/tsconfig.tsbuildinfo');
      return existsSync(file) ? statSync(file).mtimeMs : 0;
    });
  const before = states();
  const start = performance.now();
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], 'The TypeScript build');
  for (const path of manifest.workspaces) removeStaleOutput(join(root, path));
  if (String(before) === String(states())) return;
  console.log(`set-up: TypeScript build … ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** What is bundled for browsers, unless it is newer than all it is made from. */
async function buildPages() {
  const config = 'scripts/page.vite.mjs';
  buildPage('editor', "the editor's page", { config, html: 'index.html', page: 'dist/page/index.html' });
  buildPage('study', 'the page of studies', { config, html: 'index.html', page: 'dist/page/index.html' });
  buildPage('editor', "the editor's page without a server", {
    ...{ config: 'packages/editor/site.vite.mjs', html: 'site.html', page: 'dist/site/site.html' },
    also: 'packages/web',
  });
  await buildWeb();
}

/** `@pix2pixhd/web` for pages without a bundler. */
async function buildWeb() {
  const folder = join(root, 'packages/web');
  const inputs = [...sourcesOf(folder), join(folder, 'package.json'), join(root, 'scripts/bundle-web.mjs')];
  if (isNewer(join(folder, 'dist/page/index.js'), inputs)) return;
  const end = begin('@pix2pixhd/web for pages without a bundler');
  const { bundleWeb } = await import('./bundle-web.mjs');
  await bundleWeb();
  end();
}

function sourcesOf(folder) {
  return readdirSync(join(folder, 'src'), { recursive: true }).map(file => join(folder, 'src', String(file)));
}

function isNewer(made, inputs) {
  return existsSync(made) && inputs.every(file => statSync(file).mtimeMs <= statSync(made).mtimeMs);
}

/** @param also another package that the page is made from. */
function buildPage(name, what, { config, html, page, also }) {
  const folder = join(root, 'packages', name);
  const sources = [folder, ...(also === undefined ? [] : [join(root, also)])].flatMap(sourcesOf);
  const inputs = [
    ...sources,
    ...[join(folder, html), join(folder, 'package.json'), join(root, config)],
    // The versions of what is bundled.
    ...['scripts/page.vite.mjs', 'package-lock.json'].map(file => join(root, file)),
  ];
  if (isNewer(join(folder, page), inputs)) return;
  const end = begin(what);
  run(
    process.execPath,
    [
      ...[join(root, 'node_modules/vite/bin/vite.js'), 'build', folder],
      ...['--config', join(root, config), '--logLevel', 'error'],
    ],
    'vite build',
  );
  end();
}

/** npm links the workspaces' commands while installing, but skips those that are only built afterwards. */
function linkCommands() {
  const binDir = join(root, 'node_modules/.bin');
  for (const path of manifest.workspaces) {
    for (const [name, file] of Object.entries(read(join(path, 'package.json')).bin ?? {})) {
      const target = join(root, path, file);
      if (!existsSync(target)) continue;
      const { mode } = statSync(target);
      if ((mode & 0o111) === 0) chmodSync(target, mode | 0o755);
      const link = join(binDir, name);
      if (existsSync(link) || process.platform === 'win32') continue;
      mkdirSync(binDir, { recursive: true });
      symlinkSync(relative(binDir, target), link);
    }
  }
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(help);
} else {
  try {
    checkNode();
    installPackages();
    await buildNativeAddon(await provideLibtorch());
    buildTypeScript();
    await buildPages();
    linkCommands();
    if (process.argv.includes('--browser')) await provideBrowser();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
