/** `study create`: the folder that it makes, files that tell nothing, what it leaves out and says so, and what it refuses. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { readStudy } from '../../src/study/experiment.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { drawScenes } from '../support/study.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...path: string[]) => join(root, ...path);
const results = (...names: string[]) => names.flatMap(name => ['--results', `${name}=${at(name)}`]);
const few = ['--raters', '2', '--trials', '6', '--practice', '1', '--checks', '2'];
const create = (...options: string[]) => ['study', 'create', ...few, '--out', at('study'), ...options];

before(async () => {
  await drawScenes(root, ['ours', 'theirs', 'real'], 8);
  mkdirSync(at('data', 'test_label'), { recursive: true });
  const classes = ['#102030', '#405060'].map((colour, id) => ({ id, name: `class ${id}`, colour, countable: false }));
  writeFileSync(at('data', 'classes.json'), JSON.stringify(classes));
  const ids = Uint8Array.from({ length: 48 * 48 }, (_, i) => i % 2);
  for (let scene = 0; scene < 8; scene++)
    await sharp(ids, { raw: { width: 48, height: 48, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(at('data', 'test_label', `scene-${scene}.png`));
});

/** The kinds of a PNG's chunks. */
function chunks(file: string): string {
  const bytes = readFileSync(file);
  const kinds: string[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    kinds.push(bytes.toString('latin1', at + 4, at + 8));
  return [...new Set(kinds)].join(' ');
}

test('an experiment is complete in its folder: images of one kind under names that tell nothing, and unguessable links', async () => {
  // A method whose files are of another kind, with tags: JPEG, grey with alpha.
  const jpeg = sharp(at('theirs', 'scene-0.png')).withExif({ IFD0: { Software: 'pix2pix' } });
  await jpeg.jpeg().toFile(at('theirs', 'scene-0.jpg'));
  rmSync(at('theirs', 'scene-0.png'));
  await sharp(at('ours', 'scene-1.png')).greyscale().ensureAlpha(0.5).png().toFile(at('grey.png'));
  cpSync(at('grey.png'), at('ours', 'scene-1.png'));
  const labels = at('data', 'test_label');
  const said = await succeed(
    ...create(...results('ours', 'theirs'), '--real', at('real'), '--labels', labels, '--json'),
  );
  const { event, raters, trialsEach, links, folder } = JSON.parse(said.trim().split('\n').at(-1)!);
  assert.deepEqual([event, raters, trialsEach, folder], ['result', 2, 9, at('study', 'pairwise')]);
  for (const link of links) assert.match(link, /^http:\/\/127\.0\.0\.1:8736\/#[\w-]{22}$/);
  const { experiment } = readStudy(at('study'))[0]!;
  const files = readdirSync(join(folder, 'images'));
  assert.equal(files.length, experiment.images.length);
  assert.equal(new Set(files.map(file => chunks(join(folder, 'images', file)))).size, 1);
  for (const file of files) {
    assert.match(file, /^[\w-]{12}\.png$/);
    const { width, channels, exif, icc } = await sharp(join(folder, 'images', file)).metadata();
    assert.deepEqual([width, channels, exif, icc], [48, 3, undefined, undefined]);
  }
  const label = experiment.images.find(({ role }) => role === 'label')!;
  const pixels = await sharp(join(folder, 'images', label.file))
    .raw()
    .toBuffer();
  assert.deepEqual([...pixels.subarray(0, 6)], [0x10, 0x20, 0x30, 0x40, 0x50, 0x60]);
  await refuse(create(...results('ours', 'theirs')), 1, /OUTPUT|an experiment or a folder of that name/, /--name/);
});

test('scenes that a folder lacks are left out, and said; seeds make equal plans and other links', async () => {
  rmSync(at('ours', 'scene-7.png'));
  const plan = async (name: string) => {
    const { stderr, code } = await pix2pixhd(...create(...results('ours', 'theirs'), '--name', name, '--seed', '4'));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /note: 1 image of theirs left out, since another folder has none of the name: scene-7\n/);
    return readStudy(at('study')).find(({ experiment }) => experiment.name === name)!.experiment.raters;
  };
  const [first, second] = [await plan('first'), await plan('second')];
  assert.deepEqual(
    first.map(({ trials }) => trials),
    second.map(({ trials }) => trials),
  );
  assert.notEqual(first[0]!.token, second[0]!.token);
});

test('what cannot become an experiment is one error, and nothing is left', async () => {
  await drawScenes(at('odd'), ['small'], 8, 24);
  cpSync(at('theirs'), at('damaged'), { recursive: true });
  truncateSync(at('damaged', 'scene-2.png'), 90);
  await drawScenes(root, ['other'], 1);
  cpSync(at('other', 'scene-0.png'), at('other', 'elsewhere.png'));
  rmSync(at('other', 'scene-0.png'));
  writeFileSync(at('empty.txt'), ' \n');
  const two = results('ours', 'theirs');
  const limited = ['--kind', 'limited-time', ...results('ours')];
  const before = readdirSync(at('study'));
  await refuse(create(...results('ours'), '--name', 'n'), 2, /one method/);
  await refuse(create(...two, ...results('ours'), '--name', 'n'), 2, /two methods called ours/);
  await refuse(create('--results', 'ours', '--name', 'n'), 2, /NAME=DIR/);
  await refuse(create('--name', 'n'), 2, /no --results/);
  await refuse(create(...limited), 2, /no real images/);
  await refuse(create(...limited, '--results', `real=${at('real')}`, '--real', at('real')), 2, /a method called real/);
  await refuse(create(...limited, '--real', at('real'), '--labels', at('real')), 2, /no time/);
  await refuse(create(...limited, '--real', at('real'), '--exposures', '1,0'), 2, /seconds separated by commas/);
  await refuse(create(...limited, '--real', at('real'), '--exposures', '1,1'), 2, /different numbers/);
  await refuse(create(...two, '--name', 'n', '--trials', '50'), 2, /at most 6/);
  await refuse(create(...two, '--results', `small=${at('odd', 'small')}`, '--name', 'n'), 1, /24×24, while .* 48×48/);
  await refuse(create(...results('ours', 'damaged'), '--name', 'n'), 1, /scene-2\.png/);
  await refuse(
    create(...results('ours', 'other'), '--name', 'n'),
    1,
    /ours: 7 images.*; other: 1 images, such as elsewhere/,
  );
  await refuse(create(...two, '--name', 'n', '--real', at('nowhere')), 1, /reading --real/);
  await refuse(create(...two, '--name', 'n', '--consent', at('nowhere')), 1, /no such file/);
  await refuse(create(...two, '--name', 'n', '--consent', at('empty.txt')), 1, /an empty file/);
  await refuse(create(...two, '--name', 'n', '--address', 'study'), 2, /begins with http/);
  assert.deepEqual(readdirSync(at('study')), before);
  assert.equal(existsSync(at('study', 'n')), false);
});

test('the commands of a study are named together', async () => {
  await refuse(['study'], 2, /one of study create, study serve, study results/);
  await refuse(['study', 'serv'], 2, /did you mean pix2pixhd study serve\?/);
  assert.match(await succeed('study', '--help'), /study create .*\n.*study serve .*\n.*study results /);
  assert.match(await succeed('study', 'create', '--help'), /Usage: pix2pixhd study create --results NAME=DIR/);
  assert.match(await succeed('help', 'study', 'serve'), /--public-host/);
  await refuse(['study', 'results', at('nowhere')], 1, /no such folder/);
  await refuse(['study', 'serve', root], 1, /a folder without an experiment/);
});
