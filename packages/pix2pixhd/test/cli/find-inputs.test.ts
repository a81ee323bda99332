/** What `generate --input`, `--input-inst` and `--style image:FOLDER` find: the same files that a data set has. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findInputs } from '../../src/cli/find-inputs.js';
import { generateCommand } from '../../src/config/commands/generate.js';
import { trainCommand } from '../../src/config/commands/train.js';
import type { Sample } from '../../src/data/find/pairs.js';
import { UserError } from '../../src/errors.js';
import { filesByStem } from '../../src/inference/image-files.js';
import { temporaryFolder } from '../data/images.js';
import { parseCommand } from '../support/parse-command.js';

function folder(t: TestContext, ...files: readonly string[]): string {
  const root = temporaryFolder(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file.endsWith('.bmp') ? 'BM' : '');
  }
  return root;
}

const trained = (...options: readonly string[]) =>
  parseCommand(trainCommand, ['--dataroot', 'd', '--name', 'x', ...options]);
const images = trained('--label-nc', '0', '--no-instance');
const maps = trained('--label-nc', '5');

function find(config: typeof images, ...options: readonly string[]): { samples: readonly Sample[]; lines: string[] } {
  const lines: string[] = [];
  const samples = findInputs(parseCommand(generateCommand, ['--name', 'x', ...options]), config, line =>
    lines.push(line),
  );
  return { samples, lines };
}

const stems = ({ samples }: { samples: readonly Sample[] }) => samples.map(({ stem }) => stem);

function refuses(run: () => unknown, ...texts: readonly string[]): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    for (const text of texts) assert.ok(error.message.includes(text), `${text} is not in: ${error.message}`);
    return true;
  });
}

test('a folder gives what the same folder of a data set gives, sub-folders and all', t => {
  const files = [
    ...['a.png', 'bonn/b_gtFine_labelIds.PNG', 'bonn/sub/c.jfif', 'köln/d.webp', 'notes.txt', 'e.bmp'],
    ...['.hidden.png', '._a.png', 'Thumbs.db', '.ipynb_checkpoints/a.png', '__MACOSX/a.png'],
  ];
  const root = folder(t, ...files.map(file => `in/${file}`));
  mkdirSync(join(root, 'dataset'));
  symlinkSync(join(root, 'in'), join(root, 'dataset/test_A'));
  const given = find(images, '--input', join(root, 'in'));
  const dataset = find(images, '--dataroot', join(root, 'dataset'));
  assert.deepEqual(stems(given), ['a', 'bonn/b', 'bonn/sub/c', 'köln/d']);
  assert.deepEqual(stems(given), stems(dataset));
  for (const { lines } of [given, dataset]) {
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^left out: 1 file: .*e\.bmp \(BMP, a format that is not read\); convert it to PNG/);
  }
});

test('instance maps are found by the same names, in sub-folders too', t => {
  const root = folder(t, 'label/x/1_labelIds.png', 'label/2.png', 'inst/x/1_instanceIds.png', 'inst/2.tif');
  const { samples } = find(maps, '--input', join(root, 'label'), '--input-inst', join(root, 'inst'));
  assert.deepEqual(
    samples.map(({ stem, instance }) => [stem, instance]),
    [
      ['2', join(root, 'inst/2.tif')],
      ['x/1', join(root, 'inst/x/1_instanceIds.png')],
    ],
  );
});

test('results and runs that lie below the inputs are not inputs', t => {
  const root = folder(t, 'a.png', 'results/a.png', 'runs/x/samples/1.png', 'sub/b.png');
  const options = ['--input', root, '--out', join(root, 'results'), '--checkpoints-dir', join(root, 'runs')];
  const { samples, lines } = find(images, ...options);
  assert.deepEqual(stems({ samples }), ['a', 'sub/b']);
  assert.match(lines[0]!, /^left out: 2 files: .*results \(a folder for results\), .*runs/);
});

test('what is not a folder of inputs is refused with what it is', t => {
  const root = folder(
    t,
    'only/a.bmp',
    'only/b.heic',
    'none/notes.txt',
    'twice/a.png',
    'twice/a.jpg',
    'city/test_A/1.png',
  );
  const input = (path: string) => () => find(images, '--input', join(root, path));
  refuses(input('only'), 'a folder without a file that can be read', 'a.bmp (BMP', 'b.heic (HEIC', 'mogrify');
  refuses(input('only/a.bmp'), 'found:    BMP, a format that is not read', 'convert it to PNG');
  refuses(input('none'), 'a folder without images');
  refuses(input('twice'), 'files of the same name', 'a.jpg', 'a.png');
  refuses(input('nowhere'), 'no such file or folder');
  refuses(input('city'), 'a data set, with test_A in it', `--dataroot ${join(root, 'city')}`, 'city/test_A');
});

test('a single file may be called what it likes, and accents compose as they like', t => {
  const root = folder(t, 'image', `${'é'.normalize('NFD')}.png`);
  assert.deepEqual([...filesByStem(join(root, 'image'), '--input')], [['image', join(root, 'image')]]);
  assert.deepEqual([...filesByStem(root, '--style').keys()], ['é'.normalize('NFC')]);
});
