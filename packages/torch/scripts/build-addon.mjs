#!/usr/bin/env node
/**
 * Builds the native addon, `build/pix2pixhd_torch.node`: the command `pix2pixhd-torch-build`, and the function that the
 * repository's set-up calls. Depends on its neighbours here and on Node.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  CompileError,
  checkCompilerVersion,
  compileAndLink,
  compilerFlags,
  cpuIdentity,
  identifyCompiler,
  isClang,
  libtorchIdentity,
  planObjects,
} from './compile.mjs';
import { defaultVersion, downloadLibtorch, officialUrl } from './download-libtorch.mjs';
import { LibtorchError, locateLibtorch, remedies } from './locate-libtorch.mjs';
import { progressLine } from './progress.mjs';

/** The package this script belongs to. */
export const packageDir = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

const help = `Usage: pix2pixhd-torch-build [options]

Builds the native addon of @pix2pixhd/torch against the libtorch of this machine. Does nothing when it is up to date.

Options:
  --download   first fetch the official libtorch zip (${defaultVersion}, about 200 MB) and build against it
  --clean      forget earlier builds (not a downloaded libtorch) and build everything again
  --debug      without optimisation, with symbols
  -h, --help   show this text

Where libtorch is looked for, in this order:
  LIBTORCH              a folder with include/ and lib/ (LIBTORCH_INCLUDE and LIBTORCH_LIB where they lie apart;
                        LIBTORCH_CXX11_ABI=0 or 1 where its files do not tell)
  LIBTORCH_USE_PYTORCH  1: the PyTorch of \${PYTHON:-python3}
  the system            Debian's and Ubuntu's libtorch-dev, or /usr/local
  build/libtorch        what --download has put there

Other variables:
  CXX, CXXFLAGS, LDFLAGS             compiler (c++) and flags to add
  LIBTORCH_URL, LIBTORCH_SHA256      what --download fetches, and the hash it must have
  TORCH_CUDA_VERSION                 for --download: a CUDA build, such as cu126 (about 2.5 GB)`;

/**
 * What an up-to-date check or a build needs to know of its folders.
 *
 * @param {string} [root] the package folder
 */
export function buildPaths(root = packageDir) {
  const build = join(root, 'build');
  return {
    nativeDir: join(root, 'native'),
    objectDir: join(build, 'obj'),
    addon: join(build, 'pix2pixhd_torch.node'),
    // What was chosen: the addon's loader shows it when loading fails.
    record: join(build, 'libtorch.json'),
    stamp: join(build, 'stamp.json'),
    downloadDir: join(build, 'libtorch'),
  };
}

/** The libtorch of this machine, remembering what the last build found. */
export function locateForBuild({ root = packageDir, env = process.env } = {}) {
  const { downloadDir, record } = buildPaths(root);
  return locateLibtorch({ env, downloadDir, previous: readJson(record) });
}

/**
 * Builds the addon unless it is up to date.
 *
 * @param {object} [options]
 * @param {string} [options.root] the package folder
 * @param {import('./locate-libtorch.mjs').Libtorch | null} [options.libtorch] found already
 * @param {boolean} [options.debug]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(libtorch: import('./locate-libtorch.mjs').Libtorch) => void} [options.onStart] called when there is work
 * @param {(done: number, total: number) => void} [options.onProgress] how many of the source files are compiled
 * @returns {Promise<{ built: boolean, compiled: number, libtorch: import('./locate-libtorch.mjs').Libtorch }>}
 * @throws {LibtorchError} no usable libtorch
 * @throws {CompileError} no compiler, or it refused the sources
 */
export async function buildAddon({
  root = packageDir,
  env = process.env,
  libtorch = locateForBuild({ root, env }),
  debug = false,
  onStart = () => {},
  onProgress = () => {},
} = {}) {
  if (!libtorch) throw new LibtorchError(`libtorch was not found.\n${remedies}`);
  const { nativeDir, objectDir, addon, record, stamp } = buildPaths(root);
  const compiler = env.CXX || 'c++';
  const compilerIdentity = identifyCompiler(compiler);
  const flags = compilerFlags(libtorch, { packageDir: root, clang: isClang(compilerIdentity), debug, env });
  const identity = [compilerIdentity, libtorchIdentity(libtorch), cpuIdentity()];
  const plan = planObjects({ nativeDir, flags, identity });
  if (existsSync(addon) && readJson(stamp)?.key === plan.key) return { built: false, compiled: 0, libtorch };
  checkCompilerVersion(compiler);
  onStart(libtorch);
  const compiled = await compileAndLink({ compiler, flags, plan, objectDir, output: addon, onProgress });
  writeJson(record, libtorch);
  writeJson(stamp, { key: plan.key });
  return { built: true, compiled, libtorch };
}

/**
 * {@link buildAddon} with one line that tells how far it is.
 *
 * @param {string} what begins the line: the libtorch follows
 * @param {Parameters<typeof buildAddon>[0]} options
 * @returns {Promise<boolean>} whether there was anything to do
 */
export async function buildShowing(what, options) {
  let line;
  try {
    const { built } = await buildAddon({
      ...options,
      onStart: ({ version, origin }) => {
        line = progressLine(`${what} libtorch ${version} (${origin})`);
      },
      onProgress: (done, total) => line.show(`${done} of ${total} files`),
    });
    line?.end('done');
    return built;
  } catch (error) {
    line?.end('failed');
    throw error;
  }
}

async function download(env) {
  const { downloadDir } = buildPaths();
  const url = env.LIBTORCH_URL || officialUrl(defaultVersion, env.TORCH_CUDA_VERSION || 'cpu');
  console.log(`Downloading ${url}`);
  const { bytes, sha256 } = await downloadLibtorch({
    url,
    destination: downloadDir,
    ...(env.LIBTORCH_SHA256 ? { sha256: env.LIBTORCH_SHA256 } : {}),
    onProgress: progressPrinter(),
  });
  console.log(`${(bytes / 1e6).toFixed(1)} MB, SHA-256 ${sha256}\nUnpacked to ${downloadDir}`);
  // Asked for by name, so it wins this time; say so where the usual order would choose another one next time.
  const libtorch = locateLibtorch({ env: { LIBTORCH: downloadDir } });
  if (!libtorch) throw new LibtorchError(`The download in ${downloadDir} cannot be used.`);
  const usual = locateLibtorch({ env });
  if (!usual) return { ...libtorch, origin: 'download' };
  console.log(
    `This machine has libtorch ${usual.version} (${usual.origin}) too, and it comes first in the usual order.`,
  );
  console.log(`To keep the downloaded one: export LIBTORCH=${downloadDir}`);
  return libtorch;
}

/** One line, rewritten in place on a terminal, or a line every tenth part elsewhere. */
function progressPrinter() {
  let last = -1;
  return (received, total) => {
    const percent = total === null ? null : Math.floor((100 * received) / total);
    const step = percent === null ? Math.floor(received / 50e6) : Math.floor(percent / (process.stdout.isTTY ? 1 : 10));
    if (step === last) return;
    last = step;
    const text = `  ${(received / 1e6).toFixed(0)} MB${percent === null ? '' : ` of ${(total / 1e6).toFixed(0)} MB (${percent} %)`}`;
    process.stdout.write(process.stdout.isTTY ? `\r${text}${percent === 100 ? '\n' : ''}` : `${text}\n`);
  };
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Missing or cut short: as good as never built.
    return null;
  }
}

function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}

async function main() {
  const { values } = parseArgs({
    options: {
      download: { type: 'boolean', default: false },
      clean: { type: 'boolean', default: false },
      debug: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const { addon, objectDir, record, stamp } = buildPaths();
  if (values.clean)
    for (const path of [addon, objectDir, record, stamp]) rmSync(path, { recursive: true, force: true });
  const libtorch = values.download ? await download(process.env) : locateForBuild();
  const built = await buildShowing('Building the addon against', { libtorch, debug: values.debug });
  console.log(built ? `Built ${addon}` : `${addon} is up to date`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  try {
    await main();
  } catch (error) {
    const known =
      error instanceof LibtorchError || error instanceof CompileError || error.code?.startsWith('ERR_PARSE_ARGS');
    console.error(known ? error.message : error);
    if (error.code?.startsWith('ERR_PARSE_ARGS')) console.error('pix2pixhd-torch-build --help lists the options.');
    if (error instanceof CompileError) console.error('The addon was not built: the compiler failed as shown above.');
    process.exitCode = 1;
  }
}
