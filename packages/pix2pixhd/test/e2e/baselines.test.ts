/** The baselines from the command line: resumed bit for bit, generated in both directions and with noise, refused by name. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { loadGenerator } from '../../src/api/load-generator.js';
import { noise, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { assertSameRun, lossesOf, textOf, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const runs = join(root, 'runs');
const of = (name: string) => ['--name', name, '--checkpoints-dir', runs];
const small = [
  ...['--ngf', '2', '--ndf', '2', '--n-blocks-global', '1', '--device', 'cpu', '--precision', 'fp32'],
  ...['--threads', '1', '--workers', '1'],
];
const models = {
  // Six halvings: the U-Net has a level with dropout.
  pix2pix: [
    '--dataroot',
    join(root, 'pairs'),
    '--model',
    'pix2pix',
    ...small,
    '--load-size',
    '72',
    '--fine-size',
    '64',
  ],
  'cycle-gan': [
    ...['--dataroot', join(root, 'apart'), '--model', 'cycle-gan', ...small, '--load-size', '36', '--fine-size', '32'],
    ...['--pool-size', '2'],
  ],
};

before(async () => {
  writeImagePairs(join(root, 'pairs'), 'train', 3, 64, 64);
  writeImagePairs(join(root, 'pairs'), 'test', 1, 64, 64);
  for (const [folder, count] of [
    ['trainA', 4],
    ['trainB', 3],
    ['testA', 1],
    ['testB', 2],
  ] as const)
    for (let i = 0; i < count; i++)
      writePng(join(root, 'apart', folder, `${folder}-${i}.png`), 32, 3, noise(32 * 32 * 3, i + 10 * count));
  for (const [name, options] of Object.entries(models))
    await succeed('train', ...of(name), ...options, '--max-steps', '6');
});

for (const [name, options] of Object.entries(models))
  test(`${name}: resumed in the middle of an epoch, it is the run that never stopped`, async () => {
    await succeed('train', ...of(`${name}-parts`), ...options, '--max-steps', '5');
    await succeed('train', ...of(`${name}-parts`), '--resume', '--max-steps', '6');
    assertSameRun(join(runs, `${name}-parts`), join(runs, name), 6);
  });

test('cycle-gan logs the public names, and shows samples in both directions on the page', () => {
  const { step: _, epoch: _epoch, ...losses } = lossesOf(join(runs, 'cycle-gan'))[0]!;
  const both = (domain: string) => [`D_${domain}`, `G_${domain}`, `cycle_${domain}`, `idt_${domain}`];
  assert.deepEqual(Object.keys(losses).sort(), [...both('A'), ...both('B')].sort());
  assert.match(textOf(join(runs, 'cycle-gan'), 'index.html'), /Cycle[\s\S]*cycle_A[\s\S]*cycle_B/);
  assert.ok(readdirSync(join(runs, 'cycle-gan', 'samples')).length > 0);
});

/** Generates, and returns the files by name. */
async function generated(name: string, out: string, ...more: string[]): Promise<Map<string, Buffer>> {
  const data = join(root, name === 'pix2pix' ? 'pairs' : 'apart');
  const folder = join(root, out);
  await succeed('generate', data, ...of(name), '--out', folder, '--device', 'cpu', '--precision', 'fp32', ...more);
  return new Map(
    readdirSync(folder)
      .sort()
      .map(file => [file, readFileSync(join(folder, file))]),
  );
}

test('cycle-gan generates from A to B and from B to A, each from its own folder and with its own network', async () => {
  assert.deepEqual([...(await generated('cycle-gan', 'to-b')).keys()], ['testA-0.png']);
  const toA = await generated('cycle-gan', 'to-a', '--direction', 'BtoA');
  assert.deepEqual([...toA.keys()], ['testB-0.png', 'testB-1.png']);
  const files = ['--input', join(root, 'apart', 'testB'), '--out', join(root, 'wrong-way'), '--precision', 'fp32'];
  await succeed('generate', ...of('cycle-gan'), ...files);
  assert.notDeepEqual(readFileSync(join(root, 'wrong-way', 'testB-0.png')), toA.get('testB-0.png'));
  // A program has the same choice.
  const options = { direction: 'BtoA', device: 'cpu', precision: 'fp32' } as const;
  await using generator = await loadGenerator(join(runs, 'cycle-gan'), options);
  const image = await generator.generate(join(root, 'apart', 'testB', 'testB-0.png'));
  assert.deepEqual(Buffer.from(image.data), await sharp(toA.get('testB-0.png')).raw().toBuffer());
});

test('pix2pix generates with noise: the same seed the same image, another seed another one', async () => {
  const plain = await generated('pix2pix', 'noise');
  assert.deepEqual(await generated('pix2pix', 'noise-0', '--noise-seed', '0'), plain);
  assert.notDeepEqual(await generated('pix2pix', 'noise-1', '--noise-seed', '1'), plain);
});

test('what only one of them has is refused of the others', async () => {
  const [pairs, apart] = [join(root, 'pairs'), join(root, 'apart')];
  await refuse(['generate', pairs, ...of('pix2pix'), '--direction', 'BtoA'], 1, /direction BtoA/, /--direction/);
  await refuse(['generate', apart, ...of('cycle-gan'), '--noise-seed', '1'], 2, /--noise-seed 1/, /without noise/);
  await refuse(['check', apart, '--model', 'cycle-gan', '--alignment'], 2, /--alignment/, /no pairs/);
  await refuse(['train', ...of('new'), ...models['cycle-gan'], '--fine-size', '16'], 1, /16×16/, /at least 24×24/);
  await refuse(['train', ...of('pix2pix'), '--resume', '--model', 'cycle-gan'], 1, /--model/, /pix2pix, the value/);
  const odd = [...models['cycle-gan'], '--dataroot', pairs, '--phase', 'val'];
  await refuse(['train', ...of('odd'), ...odd], 1, /val_A/);
});
