/**
 * What commands do to the user's files: inputs and other files stay unchanged, byte for byte, one bad file does not stop the
 * others, and interrupted commands leave no partial files.
 */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { before, test } from 'node:test';
import { isMarked } from '../../src/output/own-files.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, start, succeed, until } from '../support/cli.js';
import { labelNc, lossesOf, tensorsOf, tiny, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const at = (...names: string[]) => join(root, ...names);
const checkpointsDir = at('checkpoints');
const of = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];
const steps = ['--max-steps', '1', '--display-freq', '0'];
const generate = (...options: string[]) => ['generate', ...of('images'), '--threads', '1', ...options];

before(async () => {
  writeImagePairs(at('data'), 'train', 2, 16, 16);
  writeImagePairs(at('data'), 'test', 5, 16, 16);
  writeLabelPairs(at('labels'), 'train', 4, 16, 16);
  await succeed('train', ...of('images'), at('data'), '--label-nc', '0', ...tiny, ...steps);
  const styled = ['--instance-feat', '--nef', '4', '--n-downsample-E', '2'];
  await succeed('train', ...of('styled'), at('labels'), '--label-nc', String(labelNc), ...tiny, ...steps, ...styled);
});

/** Every file in a folder tree, and its content. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name)).toString('hex')]),
  );
}

test('generate refuses to overwrite its inputs and changes nothing: the folder, a link to it, another path, one file', async () => {
  const inputs = at('inputs');
  cpSync(at('data', 'test_A'), inputs, { recursive: true });
  writePng(join(inputs, 'sub', 'deep.png'), 16, 3, noise(16 * 16 * 3));
  symlinkSync(inputs, at('linked'));
  const was = contents(inputs);
  for (const [input, out] of [
    [inputs, inputs],
    [inputs, at('linked')],
    [at('linked'), inputs],
    [inputs, relative(process.cwd(), inputs)],
    [inputs, join(inputs, 'sub', '..')],
    [join(inputs, '0.png'), at('linked')],
    [join(inputs, '0.png'), inputs],
  ] as const)
    for (const force of [[], ['--force']])
      await refuse(
        generate(input, '--out', out, ...force),
        1,
        /of the inputs|the input .* under another name/,
        /--out/,
      );
  await refuse(generate('--dataroot', at('data'), '--out', at('data', 'test_A')), 1, /of the inputs/);
  assert.deepEqual(contents(inputs), was);
});

test('earlier results are replaced; other files of that name only with --force', async () => {
  const out = at('results');
  await succeed(...generate('--dataroot', at('data'), '--out', out));
  assert.ok(readdirSync(out).every(file => isMarked(join(out, file))));
  await succeed(...generate(at('data'), '--out', out));
  cpSync(at('data', 'test_B', '3.png'), join(out, '3.png'));
  const was = contents(out);
  await refuse(
    generate(at('data'), '--out', out),
    1,
    /1 existing file\(s\) that pix2pixhd did not make/,
    /3\.png/,
    /--force/,
  );
  assert.deepEqual(contents(out), was);
  await succeed(...generate(at('data'), '--out', out, '--force'));
  assert.ok(isMarked(join(out, '3.png')));
});

test('files, folders and data sets need no option; results among the inputs are not taken as inputs', async () => {
  const some = at('some');
  cpSync(at('data', 'test_A', '0.png'), join(some, 'x.png'));
  cpSync(at('data', 'test_A', '1.png'), at('single.png'));
  const said = await succeed(...generate(some, at('single.png'), '--out', join(some, 'made')));
  assert.deepEqual(readdirSync(join(some, 'made')).sort(), ['single.png', 'x.png']);
  assert.match(said, /generating 2 images into/);
  assert.match(
    await succeed(...generate(some, at('single.png'), '--out', join(some, 'made'))),
    /generating 2 images into/,
  );
  // A sketch beside its result, with a different extension.
  await refuse(generate(at('single.png'), '--out', root), 1, /one of the inputs/);
  await refuse(generate(some, join(some, 'x.png'), '--out', at('double')), 1, /two inputs with the same name/);
  assert.equal(existsSync(at('double')), false);
});

test('generate continues after files that cannot be used, names all of them at the end, and exits with 1', async () => {
  const inputs = at('damaged');
  cpSync(at('data', 'test_A'), inputs, { recursive: true });
  truncateSync(join(inputs, '1.png'), 60);
  writeFileSync(join(inputs, '3.png'), '');
  writePng(join(inputs, '4.png'), 16, 1, new Uint16Array(256));
  writeFileSync(join(inputs, 'note\x1b[31m.png'), 'text');
  const { code, stdout, stderr } = await pix2pixhd(...generate(inputs, '--out', at('mended')));
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(at('mended')).sort(), ['0.png', '2.png', '4.png']);
  assert.match(stderr, /found: {4}3 of 6 could not be used:\n/);
  assert.match(stderr, /^ {4}\S*1\.png: .*truncated.*\n {4}\S*3\.png: .*empty file.*\n {4}\S*note\\x1b\[31m\.png: /m);
  assert.ok(!`${stdout}${stderr}`.includes('\x1b'));
  // All of them.
  for (const file of ['0.png', '2.png', '4.png']) rmSync(join(inputs, file));
  await refuse(generate(inputs, '--out', at('none')), 1, /3 of 3 could not be used/);
});

test('encode continues too, keeps the styles of the other files, and says what is missing', async () => {
  const dataroot = at('half');
  cpSync(at('labels'), dataroot, { recursive: true });
  truncateSync(join(dataroot, 'train_img', '1.png'), 60);
  const features = at('features');
  const options = [...of('styled'), dataroot, '--threads', '1', '--write-features', features];
  const { code, stdout, stderr } = await pix2pixhd('encode', ...options);
  assert.equal(code, 1);
  assert.match(stderr, /styles are those of the others\n {2}found: {4}1 of 4 .*\n {4}\S*train_img\/1\.png: /);
  assert.match(stdout, /Look at .*styles\.html/);
  assert.deepEqual(readdirSync(features).sort(), ['0.npy', '2.npy', '3.npy']);
  // Feature maps have no mark of ours: they are replaced only with --force.
  await refuse(['encode', ...options], 1, /--force/);
  truncateSync(join(dataroot, 'train_img', '0.png'), 60);
  for (const i of [2, 3]) truncateSync(join(dataroot, 'train_img', `${i}.png`), 60);
  const was = tensorsOf(join(checkpointsDir, 'styled'));
  await refuse(['encode', ...options, '--force'], 1, /4 of 4 could not be used/);
  assert.deepEqual(tensorsOf(join(checkpointsDir, 'styled')), was);
});

test('a folder that cannot be made ends with an error', { skip: process.platform !== 'linux' }, async () => {
  await refuse(generate(at('data'), '--out', '/proc/nowhere'), 1, /\/proc\/nowhere/);
  await refuse(
    ['train', at('data'), '--name', 'x', '--checkpoints-dir', '/proc/nowhere', '--label-nc', '0'],
    1,
    /\/proc/,
  );
  await refuse(['export', '/proc/nowhere', ...of('images')], 1, /\/proc\/nowhere/);
  await refuse(['demo', '--out', '/proc/nowhere', '--data-only'], 1, /\/proc\/nowhere/);
});

test("a run cannot be placed among images, nor replace another program's config.json", async () => {
  const among = ['train', at('data'), '--label-nc', '0', ...tiny, ...steps, '--name', 'run', '--checkpoints-dir'];
  await refuse([...among, at('data', 'train_A')], 1, /among the images/, /--checkpoints-dir/);
  mkdirSync(at('tools', 'run'), { recursive: true });
  writeFileSync(at('tools', 'run', 'config.json'), '{"editor": "vi"}');
  await refuse([...among, at('tools')], 1, /overwritten|other files/);
  assert.equal(readFileSync(at('tools', 'run', 'config.json'), 'utf8'), '{"editor": "vi"}');
  // A run that did not finish its first step leaves a config.json of ours.
  writeFileSync(at('tools', 'run', 'config.json'), readFileSync(join(checkpointsDir, 'images', 'config.json')));
  RunFolder.create({
    ...RunFolder.open(checkpointsDir, 'images').readConfig(),
    checkpointsDir: at('tools'),
    name: 'run',
  });
});

test('check replaces an earlier preview, but not an image of the data', async () => {
  const check = ['check', at('labels'), '--label-nc', String(labelNc), '--preview'];
  for (let i = 0; i < 2; i++) await succeed(...check, at('preview.png'));
  const was = contents(at('labels'));
  await refuse([...check, at('labels', 'train_inst', '0.png')], 1, /one of the inputs/);
  await refuse([...check, at('labels', 'train_img', '0.png')], 1, /did not make/);
  assert.deepEqual(contents(at('labels')), was);
});

test("the command line of NVIDIA's test program works as pasted: options that agree or do not matter are accepted", async () => {
  const pasted =
    '--label_nc 0 --no_instance --netG global --ngf 4 --n_downsample_global 2 --n_blocks_global 1 --loadSize 1024 ' +
    '--fineSize 512 --resize_or_crop none --ntest 10 --how_many 2 --phase test --batchSize 1 --nThreads 1 --no_flip ' +
    '--serial_batches --aspect_ratio 1.0 --gpu_ids -1 --which_epoch latest --model pix2pixHD --use_encoded_image';
  const { code, stderr } = await pix2pixhd(
    ...generate('--dataroot', at('data'), '--results_dir', at('pasted'), ...pasted.split(' ')),
  );
  assert.equal(code, 0, stderr);
  assert.equal(readdirSync(at('pasted')).length, 2);
  assert.match(stderr, /^note: --loadSize, --fineSize, --resize_or_crop: images keep their own size$/m);
  assert.match(stderr, /^note: --use-encoded-image: this network takes no styles$/m);
  await refuse(
    generate(at('data'), '--ngf', '64'),
    1,
    /--ngf/,
    /found: +64\n/,
    /expected: 4, as .*\.safetensors was trained/,
  );
  await refuse(generate(at('data'), '--netG', 'local'), 1, /found: +local\n/, /expected: global/);
});

test('--serial_batches takes the pairs in order of their names, --max_dataset_size the first ones', async () => {
  const dataroot = at('ordered');
  writeImagePairs(dataroot, 'train', 4, 16, 16);
  const losses = async (name: string, ...options: string[]) => {
    const fixed = [
      '--label-nc',
      '0',
      ...tiny,
      '--no-flip',
      '--display-freq',
      '0',
      '--niter',
      '2',
      '--niter-decay',
      '0',
    ];
    await succeed('train', ...of(name), dataroot, ...fixed, ...options);
    return lossesOf(join(checkpointsDir, name));
  };
  const serial = await losses('serial', '--serial_batches');
  assert.equal(serial.length, 8);
  // The seed would give a different order of the four pairs.
  assert.notDeepEqual((await losses('drawn', '--max-steps', '1'))[0], serial[0]);
  const [first, again] = await losses('limited', '--max_dataset_size', '1');
  assert.deepEqual([first, again?.epoch], [serial[0], 2]);
  const two = await losses('two', '--max_dataset_size', '2', '--serial_batches');
  assert.deepEqual(two.slice(0, 2), serial.slice(0, 2));
  assert.equal(two.length, 4);
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} ends generate after the current image, with ${exitCode}`, async () => {
    const many = at(`many-${signal}`);
    for (let i = 0; i < 400; i++) cpSync(at('data', 'test_A', '0.png'), join(many, `${i}.png`));
    const out = at(`out-${signal}`);
    const run = start(generate(many, '--out', out));
    await until(() => existsSync(out) && readdirSync(out).length >= 2, run);
    run.child.kill(signal);
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, exitCode, stderr);
    const written = readdirSync(out).filter(file => file.endsWith('.png'));
    assert.ok(written.length < 400);
    assert.equal(written.length, readdirSync(out).length, 'nothing half-written is left');
    assert.match(stderr, new RegExp(`Interrupted after ${written.length} of 400`));
    assert.equal(stdout.trimEnd().split('\n').length, written.length + 1);
    assert.ok(written.every(file => isMarked(join(out, file))));
  });

test('Ctrl-C ends encode, and the checkpoint is as it was', async () => {
  const dataroot = at('crowd');
  for (let i = 0; i < 300; i++)
    for (const role of ['label', 'inst', 'img'])
      cpSync(at('labels', `train_${role}`, '0.png'), join(dataroot, `train_${role}`, `${i}.png`));
  const features = at('crowd-features');
  const was = tensorsOf(join(checkpointsDir, 'styled'));
  const run = start(['encode', ...of('styled'), dataroot, '--threads', '1', '--write-features', features]);
  await until(() => existsSync(features) && readdirSync(features).length >= 2, run);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /Interrupted after \d+ of 300/);
  assert.deepEqual(tensorsOf(join(checkpointsDir, 'styled')), was);
});
