/**
 * The programs in `examples/` run as they are, one after the other; and every value that the package exports has an example
 * in its documentation, which compiles and runs.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { makeWorld, packageRoot, root, runIn } from './world.js';

const source = join(packageRoot, 'src');

/** A name that a file exports. */
interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** The file that declares it. */
  readonly file: string;
}

/** What an index file exports by name, and the files that it names. */
function exportsOf(index: string): Exported[] {
  const text = readFileSync(join(source, index), 'utf8');
  return [...text.matchAll(/^export (type )?\{([^}]*)\} from '(.+)\.js'/gm)].flatMap(([, type, names, path]) =>
    names!
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== '')
      .map(name => ({
        name: name.replace(/^type /, ''),
        isType: type !== undefined || name.startsWith('type '),
        file: join(source, dirname(index), `${path}.ts`),
      })),
  );
}

/** The comment before the declaration of a name. */
function documentationOf({ name, file }: Exported): string {
  const declaration = new RegExp(
    `^/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport (?:declare )?(?:async )?(?:abstract )?(?:function|class|const|interface|type) ${name}\\b`,
    'm',
  );
  return declaration.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

/** The code of all examples in a text. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/@example\n[ ]*\* ```ts\n([\s\S]*?)[ ]*\* ```/g)].map(([, code]) =>
    code!.replace(/^[ ]*\* ?/gm, '').trimEnd(),
  );
}

const publicExports = exportsOf('index.ts');
const values = publicExports.filter(({ isType }) => !isType);
const trainFirst = (file: string) => (file.endsWith('train.ts') ? 0 : 1);
const files = [...new Set(publicExports.map(({ file }) => file))].sort((a, b) => trainFirst(a) - trainFirst(b));
const examples = files.flatMap(file =>
  examplesIn(readFileSync(file, 'utf8')).map((code, i) => ({
    name: `${file.slice(source.length + 1)}, ${i + 1}`,
    code,
  })),
);

test('what is exported is documented, and every value has an example', () => {
  assert.ok(values.length >= 20 && values.length < 40, `${values.length} values`);
  assert.deepEqual(
    publicExports.filter(exported => documentationOf(exported).trim() === '').map(({ name }) => name),
    [],
  );
  const without = values.filter(exported => examplesIn(`/**${documentationOf(exported)}`).length === 0);
  assert.deepEqual(
    without.map(({ name }) => name),
    [],
  );
});

const world = makeWorld();
const own = makeWorld();
/** What went wrong with an example, by its name; empty where nothing did. */
let outcomes: Record<string, string>;

before(() => {
  const bodies = examples.map(
    ({ name, code }) => `examples.push([${JSON.stringify(name)}, async () => {\n${code}\n}]);`,
  );
  writeFileSync(
    join(world, 'examples.ts'),
    [
      `import { ${values.map(({ name }) => name).join(', ')} } from 'pix2pixhd';`,
      'const examples: [string, () => Promise<void>][] = [];',
      ...bodies,
      'const outcomes: Record<string, string> = {};',
      "for (const [name, run] of examples) await run().then(() => { outcomes[name] = ''; }, error => { outcomes[name] = String(error); });",
      "console.log('\\noutcomes ' + JSON.stringify(outcomes));",
    ].join('\n'),
  );
  const [networks] = examplesIn(readFileSync(join(source, 'networks.ts'), 'utf8'));
  writeFileSync(join(world, 'networks.ts'), networks!);
  writeFileSync(join(world, 'package.json'), '{ "type": "module" }');
  const options = ['--target', 'es2022', '--lib', 'es2022,esnext.disposable', '--module', 'nodenext', '--strict'];
  const types = ['--types', 'node', '--skipLibCheck', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
  try {
    runIn(world, join(root, 'node_modules/typescript/bin/tsc'), ...options, ...types, 'examples.ts', 'networks.ts');
  } catch (error) {
    assert.fail(`the examples do not compile:\n${(error as { stdout: string }).stdout}`);
  }
  const printed = runIn(world, 'examples.js');
  outcomes = JSON.parse(/^outcomes (.*)$/m.exec(printed)![1]!) as Record<string, string>;
});

for (const { name } of examples)
  test(`the example in ${name}`, () => {
    assert.equal(outcomes[name], '');
  });

test('the example of pix2pixhd/networks computes a loss with its gradients', () => {
  assert.match(runIn(world, 'networks.js'), /^[\d.]+ true\n$/);
});

test('examples/train.ts and examples/generate.ts run as they are', async () => {
  const compiled = join(packageRoot, 'dist/examples');
  const trained = runIn(own, join(compiled, 'train.js'));
  assert.match(trained, /\nmax-steps after 6 steps\nstyles of [56] classes\n$/);
  assert.equal(runIn(own, join(compiled, 'generate.js')).endsWith('\n2 images in results\n'), true);
  assert.deepEqual(readdirSync(join(own, 'results')), ['0.png', '1.png']);
  const { width, height } = await sharp(join(own, 'photo.png')).metadata();
  assert.deepEqual([width, height], [64, 32]);
  assert.ok(existsSync(join(own, 'other.jpg')));
});

test('the README shows these programs', { skip: !existsSync(join(packageRoot, 'README.md')) }, () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  for (const name of ['train.ts', 'generate.ts']) {
    const [, ...lines] = readFileSync(join(packageRoot, 'examples', name), 'utf8').split('\n');
    assert.ok(readme.includes(lines.join('\n').trim()), `README.md does not hold examples/${name} as it is`);
  }
});
