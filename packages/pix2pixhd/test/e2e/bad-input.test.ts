/**
 * Everything a user can get wrong with `train`, and what the program says: the exit code, the file or option, what was
 * found there and what to do. (Bad input of `generate` is tested with generate, that of `check` in test/cli.)
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { cudaAvailable, writeSafetensors } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { shuffledOrder } from '../../src/data/random.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { assertSameRun, labelNc, lossesOf, textOf, tiny, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const checkpointsDir = join(root, 'checkpoints');
const valid = join(root, 'valid');
writeLabelPairs(valid, 'train', 6, 32, 32);
writeLabelPairs(valid, 'test', 1, 32, 32);

let names = 0;
/** A command line that trains two steps under a new name. */
const train = (dataroot: string, ...options: string[]): string[] => [
  ...['train', '--name', `run-${names++}`, '--checkpoints-dir', checkpointsDir, '--dataroot', dataroot],
  ...['--label-nc', String(labelNc), ...tiny, '--max-steps', '2', ...options],
];
const ofRun = (name: string): string[] => ['--name', name, '--checkpoints-dir', checkpointsDir];

/** A copy of the valid data set with one thing wrong. */
function damaged(name: string, damage: (folder: string) => void): string {
  const folder = join(root, name);
  cpSync(valid, folder, { recursive: true });
  damage(folder);
  return folder;
}

before(async () => {
  await succeed('train', ...ofRun('valid'), ...train(valid).slice(5));
});

test('a label outside the classes', async () => {
  const data = damaged('label', folder =>
    writePng(join(folder, 'train_label', '1.png'), 32, 1, new Uint8Array(1024).fill(7)),
  );
  await refuse(train(data), 1, /train_label\/1\.png/, /1024 pixel.* 7, outside 0 to 4/, /--label-nc 8/);
});

test('a label map of colours', async () => {
  const data = damaged('rgb', folder => writePng(join(folder, 'train_label', '2.png'), 32, 3, noise(32 * 32 * 3)));
  await refuse(
    train(data),
    1,
    /train_label\/2\.png/,
    /3 channels that differ .*: colours, not ids/,
    /replace every colour with its id/,
  );
});

test('a file that is cut off within its header', async () => {
  const data = damaged('header', folder => truncateSync(join(folder, 'train_img', '3.png'), 20));
  await refuse(train(data), 1, /train_img\/3\.png/, /pix2pixhd check --dataroot/);
});

test('a file without a partner', async () => {
  const data = damaged('orphan', folder => rmSync(join(folder, 'train_img', '4.png')));
  await refuse(train(data), 1, /1 file\(s\) without a partner/, /train_label\/4\.png has no partner in .*train_img/);
});

test('sizes that differ within a sample', async () => {
  const data = damaged('sizes', folder => writePng(join(folder, 'train_img', '5.png'), 24, 3, noise(24 * 32 * 3)));
  await refuse(train(data), 1, /train_img\/5\.png/, /24×32.*32×32/);
});

test('missing folders', async () => {
  const data = damaged('folders', folder => rmSync(join(folder, 'train_inst'), { recursive: true }));
  await refuse(train(data), 1, /train_inst/, /--no-instance/);
  await refuse(train(join(root, 'nowhere')), 1, /nowhere/, /--dataroot/);
});

test('an instance map of 8 bits can be trained on, with a warning', async () => {
  const data = damaged('eight', folder =>
    writePng(join(folder, 'train_inst', '0.png'), 32, 1, new Uint8Array(1024).fill(3)),
  );
  const { code, stderr } = await pix2pixhd(...train(data));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^warning: .*train_inst\/0\.png: an 8-bit instance map/);
});

test('an image found damaged during training: what was trained is saved, and resumes once the image is repaired', async () => {
  // The fourth of the first epoch, whose header is valid.
  const victim = shuffledOrder(6, 3, 1)[3]!;
  const data = damaged('midst', folder => {
    const photo = join(folder, 'train_img', `${victim}.png`);
    truncateSync(photo, Math.floor(readFileSync(photo).length / 2));
  });
  const options = ['--seed', '3', '--max-steps', '8'];
  await refuse(['train', ...ofRun('midst'), ...train(data, ...options).slice(5)], 1, new RegExp(`img/${victim}\\.png`));
  const run = join(checkpointsDir, 'midst');
  assert.equal(lossesOf(run).length, 3);
  assert.deepEqual(new CheckpointStore(join(run, 'checkpoints')).steps(), [3]);
  assert.match(textOf(run, 'index.html'), /class="status failed"/);
  cpSync(join(valid, 'train_img'), join(data, 'train_img'), { recursive: true });
  await succeed('train', ...ofRun('midst'), '--resume');
  await succeed('train', ...ofRun('midst-valid'), ...train(valid, ...options).slice(5));
  assertSameRun(run, join(checkpointsDir, 'midst-valid'), 8);
});

test('a crop larger than the image, and then the same name with a smaller one', async () => {
  const wrong = train(valid, '--resize-or-crop', 'crop', '--fine-size', '64');
  await refuse(wrong, 1, /32×32 pixels before cropping/, /at least 64×64/, /lower --fine-size/);
  await succeed(...wrong.slice(0, -1), '16');
});

test('a run that exists already, one that does not exist, and no name', async () => {
  await refuse(['train', ...ofRun('valid'), ...train(valid).slice(5)], 1, /a run of that name/, /--resume/, /--name/);
  await refuse(['train', ...ofRun('vlaid'), '--resume'], 1, /no such folder/, /valid/);
  await refuse(['train', '--resume'], 2, /--name/);
});

test('a run whose folder was copied continues under its new name', async () => {
  cpSync(join(checkpointsDir, 'valid'), join(root, 'elsewhere', 'copied'), { recursive: true });
  const moved = ['--name', 'copied', '--checkpoints-dir', join(root, 'elsewhere')];
  const said = await succeed('train', ...moved, '--resume', '--max-steps', '3');
  assert.match(said, /Reached --max-steps after step 3\. .*elsewhere\/copied\/index\.html/);
  assert.match(
    said,
    /Continue with: pix2pixhd train --name copied --checkpoints-dir .*elsewhere --resume --max-steps 6\n/,
  );
  assert.equal(lossesOf(join(checkpointsDir, 'valid')).length, 2);
});

test('resuming with another value of an option that the weights depend on', async () => {
  const resume = ['train', ...ofRun('valid'), '--resume', '--max-steps', '3'];
  await refuse([...resume, '--ngf', '8'], 1, /--ngf/, /found: +8\n/, /expected: 4, the value that the run began with/);
  await refuse([...resume, '--label-nc', '6'], 1, /--label-nc/);
});

test('a command line with mistakes: exit code 2', async () => {
  await refuse(train(valid, '--ngff', '4'), 2, /--ngff/, /did you mean --ngf\?/);
  await refuse(train(valid, '--ngf', 'many'), 2, /--ngf/, /found: +many/);
  await refuse(train(valid, '--netG', 'globall'), 2, /did you mean --netG global\?/);
  await refuse(train(valid, '--ngf'), 2, /no value after it/);
  await refuse(['train', '--dataroot', valid], 2, /no --name/);
  await refuse(['trian'], 2, /did you mean pix2pixhd train\?/);
});

test('CUDA where there is none', { skip: cudaAvailable() && 'this machine has CUDA' }, async () => {
  await refuse(train(valid, '--device', 'cuda'), 1, /--device/, /sees no CUDA device/, /leave --device out/);
});

test('a folder that cannot be written to', async () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const blocked = ['--checkpoints-dir', join(file, 'runs')];
  await refuse(train(valid, ...blocked), 1, /creating the folder of a run/, /--checkpoints-dir/);
  const generate = ['generate', ...ofRun('valid'), '--dataroot', valid, '--threads', '1'];
  await refuse([...generate, '--out', join(file, 'out')], 1, /writing the generated images/, /--out/);
});

test("a checkpoint that is damaged, another program's or of a later version, for generate and for resuming", async () => {
  const intact = new CheckpointStore(join(checkpointsDir, 'valid', 'checkpoints')).find('latest');
  const bytes = readFileSync(intact);
  const file = join(root, 'checkpoint.safetensors');
  const refused = (found: RegExp) =>
    refuse(['generate', '--checkpoint', file, '--dataroot', valid], 1, /checkpoint\.safetensors/, found);

  for (const length of [0, 7, 500, bytes.length - 1]) {
    writeFileSync(file, bytes.subarray(0, length));
    await refused(/found: {4}(is |has )/);
  }
  // The length of the header, its first brace, and a quotation mark in its middle.
  for (const at of [2, 8, bytes.indexOf('"', 2000)]) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 0x10;
    writeFileSync(file, flipped);
    await refused(/found: {4}\S/);
  }
  writeSafetensors(file, new Map(), { format: 'pt' });
  await refused(/not a checkpoint of a run/);
  writeSafetensors(file, new Map(), { format: 'pix2pixhd', version: '99', state: '{}' });
  await refused(/format version 99; this program reads up to 2/);

  cpSync(join(checkpointsDir, 'valid'), join(checkpointsDir, 'damaged'), { recursive: true });
  const latest = new CheckpointStore(join(checkpointsDir, 'damaged', 'checkpoints')).find('latest');
  writeFileSync(latest, bytes.subarray(0, -1));
  await refuse(
    ['train', ...ofRun('damaged'), '--resume'],
    1,
    /step-00000002\.safetensors/,
    /cut short or damaged/,
    /best\.safetensors: step 2, every byte checked/,
    /mv \S+step-00000002\.safetensors \S+damaged && cp /,
  );
  assert.equal(Checkpoint.read(intact, 'state').state.step, 2);
});

test('--debug adds the stack', async () => {
  const { code, stderr } = await pix2pixhd('train', ...ofRun('absent'), '--resume', '--debug');
  assert.equal(code, 1);
  assert.match(stderr, /Error while opening the run absent[\s\S]*\n\s+at /);
});
