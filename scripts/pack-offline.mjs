/**
 * Packs everything that a machine without network and Node needs, such as a rented one with a GPU, into
 * one file: Node itself, the npm packages that the program runs on, the compiled TypeScript, the sources of the addon and
 * the tests. There, `run.sh` builds the addon against the PyTorch of that machine's Python. Depends on Node, GNU tar, xz,
 * and on what scripts/setup.mjs made.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = 'pix2pixhd-offline';

const help = `Usage: npm run pack:offline [-- FILE]

Packs Node, the npm packages, the built program, the addon's sources and the tests into FILE (${folder}.tar.xz), for
a machine of the same kind (${process.platform}-${process.arch}) without network. It needs a C++ compiler and a Python with PyTorch:
  tar xf ${folder}.tar.xz
  ${folder}/run.sh                  builds the addon and runs the tests
  ${folder}/run.sh pix2pixhd …      builds what is out of date and runs a command`;

/** Of the repository: what runs, what is compiled there, and what the tests read. Not what was compiled here. */
const sources = [
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs',
  'scripts',
  'packages',
];

/** Tests of the repository and not of the program: they need npm, the linter, the compiler's types, ONNX Runtime and the like. */
const repositoryTests = [
  ...['packages', 'architecture', 'docs', 'api/types', 'api/examples'].map(
    name => `packages/pix2pixhd/dist/test/${name}.test.js`,
  ),
  ...['api/specification', 'onnx/generator', 'onnx/values', 'onnx/export', 'web/packed'].map(
    name => `packages/pix2pixhd/dist/test/${name}.test.js`,
  ),
  'packages/web/dist/test/api/generate.test.js',
  ...['types', 'examples/digits'].map(name => `packages/torch/dist/test/${name}.test.js`),
];

const runScript = `#!/bin/sh
# Builds the addon against the PyTorch of python3 (PYTHON names another), then runs the tests, or the command given:
#   run.sh pix2pixhd train --dataroot DATA --name NAME --device cuda
set -e
here=$(cd "$(dirname "$0")" && pwd)
export PATH="$here/bin:$PATH" LIBTORCH_USE_PYTORCH="\${LIBTORCH_USE_PYTORCH-1}"
node "$here/packages/torch/scripts/build-addon.mjs"
if [ $# -gt 0 ]; then exec "$@"; fi
exec node "$here/scripts/test.mjs" packages
`;

const commandScript = `#!/bin/sh
exec "$(dirname "$0")/node" "$(dirname "$0")/../packages/pix2pixhd/dist/src/cli/main.js" "$@"
`;

/** What made files that are packed as they are, the pages; and what runs networks in a browser, 140 MB. */
const ofPages = new Set(['vite', 'onnxruntime-web']);

/**
 * What the program and its tests import, as far as it is installed: the dependencies of the packages and theirs, not the
 * compiler and the linter of the repository.
 */
function neededPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const workspaces = Object.keys(packages).filter(path => path.startsWith('packages/'));
  const links = Object.keys(packages).filter(path => workspaces.includes(packages[path].resolved));
  const found = new Set([...workspaces, ...links]);
  for (const path of found) {
    const { dependencies, devDependencies, optionalDependencies } = packages[path];
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      const nested = `${path}/node_modules/${name}`;
      const place = nested in packages ? nested : `node_modules/${name}`;
      const wanted = !name.startsWith('@types/') && !ofPages.has(name);
      if (wanted && existsSync(join(root, place))) found.add(place);
    }
  }
  return [...found].filter(path => path.startsWith('node_modules/'));
}

function pack(output) {
  if (!existsSync(join(root, 'packages/pix2pixhd/dist/src/cli/main.js')))
    throw new Error('The program is not built yet: run npm run setup.');
  const stage = mkdtempSync(join(tmpdir(), 'pix2pixhd-pack-'));
  try {
    mkdirSync(join(stage, 'bin'));
    copyFileSync(process.execPath, join(stage, 'bin/node'));
    writeFileSync(join(stage, 'bin/pix2pixhd'), commandScript, { mode: 0o755 });
    writeFileSync(join(stage, 'run.sh'), runScript, { mode: 0o755 });
    const { status, error } = spawnSync(
      'tar',
      [
        ...['--create', '--file', output, '--use-compress-program', 'xz -T0'],
        ...['--owner=0', '--group=0', '--sort=name', '--exclude=packages/torch/build', '--exclude=*.tsbuildinfo'],
        ...[
          '--exclude=scripts/*/node_modules',
          '--exclude=docs/api',
          // What a browser computes with, 14 MB.
          '--exclude=packages/editor/dist/site/assets/*.wasm',
          // 9 MB for a page to draw on, of the 64 MB that such a package may have.
          '--exclude=packages/emoji-model/model.safetensors',
          ...repositoryTests.map(file => `--exclude=${file}`),
        ],
        // Names, but not where links lead: the workspace's own packages are links.
        `--transform=flags=rSh;s,^,${folder}/,`,
        ...['-C', root, ...sources, ...neededPackages(), '-C', stage, 'bin', 'run.sh'],
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (status !== 0)
      throw new Error(`tar could not pack${error ? `: ${error.message}` : ''}; GNU tar and xz are needed`);
  } catch (error) {
    rmSync(output, { force: true });
    throw error;
  } finally {
    rmSync(stage, { recursive: true });
  }
  console.log(`${output}: ${(statSync(output).size / 2 ** 20).toFixed(1)} MiB`);
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(help);
} else {
  try {
    pack(resolve(process.argv[2] ?? `${folder}.tar.xz`));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
