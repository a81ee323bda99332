/**
 * `npm run test:libtorch`: the whole test suite against the libtorch of other Debian releases, each in a chroot with its own
 * addon. Prints the table of docs/compilers.md. Depends on Node, debootstrap, unshare, root, and on the build
 * that scripts/setup.mjs made.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const chroots = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pix2pixhd/chroots');
const defaultReleases = ['trixie', 'sid'];

/** Packages needed on top of a minimal Debian; the OpenMP build of OpenBLAS for the reason given in setup.mjs. */
const packages = ['libtorch-dev', 'libopenblas0-openmp', 'g++'];

const help = `Usage: npm run test:libtorch [-- RELEASE … [-- FILTER …]]

Runs the test suite against the libtorch of Debian's releases (${defaultReleases.join(', ')} unless named), or only the test files
whose path contains one of the FILTERs. Needs root and debootstrap. The chroots are kept in
${chroots} (about 3 GB each).`;

/** Something that only the user can fix; printed without a stack. */
class ChrootError extends Error {}

/** Where this checkout is in a chroot, where another checkout's tests may run at the same time. */
const checkout = `/srv/pix2pixhd-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;

/** Runs a program, showing its output; throws if it fails. */
function run(command, args, what) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new ChrootError(`${what} failed (${error?.message ?? `exit code ${status}`}).`);
}

/** The Debian mirror that this machine's apt uses, which is known to be reachable. */
function mirror() {
  const targets = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian'];
  const { stdout } = spawnSync('apt-get', targets, { encoding: 'utf8' });
  const [first] = (stdout ?? '').split('\n').filter(Boolean);
  if (!first)
    throw new ChrootError('apt-get has no Debian mirror: check /etc/apt/sources.list and run apt-get update.');
  return first;
}

/** A minimal Debian of a release, created once. */
function makeChroot(release) {
  const folder = join(chroots, release);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(chroots, { recursive: true });
  run('debootstrap', ['--variant=minbase', release, partial, mirror()], `debootstrap ${release}`);
  renameSync(partial, folder);
  return folder;
}

/**
 * Runs a shell command in the chroot, showing its output. In its own mount namespace, so that no mount is ever left behind.
 *
 * @param {string} folder the chroot
 * @param {string} script
 * @returns {Promise<{ status: number | null, output: string }>} `output`: what it printed, trimmed
 */
function inside(folder, script) {
  const parity = process.env.PIX2PIXHD_PARITY && resolve(process.env.PIX2PIXHD_PARITY);
  const bound = [
    [join(root, 'node_modules'), `${checkout}/node_modules`],
    ...(parity ? [[parity, '/srv/parity']] : []),
  ];
  for (const [, target] of bound) mkdirSync(join(folder, target), { recursive: true });
  const mounts = [
    'mount --rbind /dev "$0/dev"',
    'mount -t proc proc "$0/proc"',
    ...bound.map(([from, to]) => `mount --bind -o ro '${from}' "$0${to}"`),
  ];
  const env = [
    'env -i',
    'HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...(parity ? ['PIX2PIXHD_PARITY=/srv/parity'] : []),
  ];
  const outer = `${mounts.join(' && ')} && exec ${env.join(' ')} chroot "$0" sh -e -c "$1"`;
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-e', '-c', outer, folder, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((done, fail) => {
    child.on('error', fail).on('close', status => done({ status, output: output.trim() }));
  });
}

/** Like {@link inside}, but throws if the command fails. @returns what it printed. */
async function must(folder, script, what) {
  const { status, output } = await inside(folder, script);
  if (status !== 0) throw new ChrootError(`${what} failed with exit code ${status}.`);
  return output;
}

/** Copies the checkout as it is now, without what was compiled here; keeps what was compiled there. */
function copyCheckout(folder) {
  const target = join(folder, checkout);
  const kept = path => /^(\.git|node_modules|packages\/[^/]+\/build)$/.test(path);
  const clear = path => {
    for (const entry of existsSync(join(target, path))
      ? readdirSync(join(target, path), { withFileTypes: true })
      : []) {
      const inner = join(path, entry.name);
      if (kept(inner)) continue;
      if (inner === 'packages' || dirname(inner) === 'packages') clear(inner);
      else rmSync(join(target, inner), { recursive: true });
    }
  };
  clear('');
  cpSync(root, target, { recursive: true, filter: source => !kept(relative(root, source)) });
}

/** @returns {Promise<{ release: string, libtorch: string, compiler: string, result: string, passed: boolean }>} */
async function test(release, filters) {
  const folder = makeChroot(release);
  // On a snapshot mirror the release file may have expired; packages are signed anyway.
  const update = 'apt-get -qq -o Acquire::Check-Valid-Until=false update';
  const install = `apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends ${packages.join(' ')}`;
  await must(folder, `${update} && ${install}`, `apt-get in ${release}`);
  // Copied beside it, then renamed: a running program cannot be overwritten.
  const node = join(folder, 'usr/local/bin/node');
  copyFileSync(process.execPath, `${node}.${process.pid}`);
  renameSync(`${node}.${process.pid}`, node);
  await must(folder, 'node --version', `Running this Node (${process.execPath}) in ${release}`);
  copyCheckout(folder);
  await must(
    folder,
    `cd ${checkout} && node packages/torch/scripts/build-addon.mjs`,
    `Building the addon in ${release}`,
  );
  const compiler = `GCC ${await must(folder, 'c++ -dumpfullversion', 'c++')}`;
  const record = join(folder, checkout, 'packages/torch/build/libtorch.json');
  const libtorch = JSON.parse(readFileSync(record, 'utf8')).version;
  const words = filters.map(filter => `'${filter}'`).join(' ');
  const { output, status } = await inside(folder, `cd ${checkout} && node scripts/test.mjs ${words}`);
  return { release, libtorch, compiler, result: output.split('\n').at(-1), passed: status === 0 };
}

async function main() {
  const [names, filters] = splitAt(process.argv.slice(2), '--');
  if (process.getuid?.() !== 0) throw new ChrootError('A chroot needs root: sudo npm run test:libtorch.');
  for (const program of ['debootstrap', 'unshare', 'apt-get'])
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
      throw new ChrootError(`${program} is missing: sudo apt-get install debootstrap util-linux, on Debian or Ubuntu.`);
  const rows = [];
  for (const release of names.length > 0 ? names : defaultReleases) {
    // A filter also skips the linter, whose result is the same everywhere.
    const { libtorch, compiler, result, passed } = await test(release, filters.length > 0 ? filters : ['packages']);
    rows.push(`| ${release} | ${libtorch} | ${compiler} | ${result} |`);
    if (!passed) process.exitCode = 1;
  }
  console.log(`\n${new Date().toISOString().slice(0, 10)}\n`);
  console.log(['| Debian | libtorch | compiler | tests |', '| --- | --- | --- | --- |', ...rows].join('\n'));
}

function splitAt(words, separator) {
  const at = words.indexOf(separator);
  return at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(help);
} else {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ChrootError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
